import pytest

from pricing.media import lacking, needs
from pricing.usage import Usage
from tests.pricing.test_ranking import endpoint, sold


def kind(mode="chat", takes="", makes="", **rates):
    return endpoint(
        mode=mode,
        modalities_in=frozenset(takes.split()),
        modalities_out=frozenset(makes.split()),
        rates=sold(**rates),
    )


CHAT = kind("chat", "text image", "text", input="1", image="0.001")
SEES_NOTHING = kind("chat", "text", "text")
UNSTATED_CHAT = kind("chat")
PAINTER = kind("image", "text", "image")
UNSTATED_PAINTER = kind("image")
WRITING_PAINTER = kind("image", "text image", "text image")
SPEAKER = kind("speech", "text", "audio")
HEARER = kind("transcription", "audio", "text")
UNSTATED_HEARER = kind("transcription")
FILMER = kind("video", "text image", "video")
READER = kind("ocr")
RERANKER = kind("rerank", "text", "text")
EMBEDDER = kind("embedding", "text", "text", input_character="0.02")
TALKER = kind("realtime", "text audio", "text audio")


@pytest.mark.parametrize(
    ("usage", "able", "unable"),
    [
        (
            {"image": 1},
            (PAINTER, UNSTATED_PAINTER, WRITING_PAINTER),
            (CHAT, UNSTATED_CHAT, SPEAKER, FILMER, READER),
        ),
        ({"image": 1, "output": 5}, (WRITING_PAINTER,), (PAINTER, CHAT)),
        ({"output": 5, "output_image": 5}, (PAINTER, WRITING_PAINTER), (CHAT,)),
        ({"image_in": 1}, (CHAT, UNSTATED_CHAT, FILMER), (SEES_NOTHING, SPEAKER)),
        ({"audio_second": 1}, (SPEAKER, TALKER), (CHAT, HEARER, PAINTER)),
        ({"audio_second_in": 1}, (HEARER, UNSTATED_HEARER, TALKER), (CHAT, SPEAKER)),
        ({"audio_second_in": 1, "output": 5}, (HEARER, UNSTATED_HEARER, TALKER), (SPEAKER,)),
        ({"video_second": 1}, (FILMER,), (CHAT, PAINTER, SPEAKER)),
        ({"video_second_in": 1}, (UNSTATED_CHAT,), (CHAT, SPEAKER)),
        ({"page": 1}, (READER,), (CHAT, UNSTATED_CHAT, HEARER)),
        ({"query": 1}, (RERANKER,), (CHAT, UNSTATED_CHAT, READER)),
        ({"input_character": 1}, (SPEAKER, EMBEDDER, TALKER), (CHAT, UNSTATED_CHAT, HEARER)),
        ({"output_character": 1}, (CHAT, UNSTATED_CHAT), (SPEAKER, EMBEDDER)),
        ({"output": 5}, (CHAT, TALKER), (PAINTER, WRITING_PAINTER, HEARER, RERANKER, EMBEDDER)),
        ({"input": 5}, (CHAT, PAINTER, EMBEDDER, RERANKER), ()),
    ],
)
def test_a_meter_needs_an_endpoint_that_makes_takes_or_reads_it(usage, able, unable):
    needed = needs(Usage.of(**usage))
    assert [lacking(one, needed) for one in able] == [None] * len(able)
    assert all(lacking(one, needed) for one in unable)
