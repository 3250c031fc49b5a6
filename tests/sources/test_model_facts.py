from typing import Any

import pytest

from sources.model_facts import Voices, model_columns
from sources.statement import Fact, Facts


def row(source: str = "models-dev", **facts: Any) -> Facts:
    return {name.replace("__", "."): Fact(value, source, "d") for name, value in facts.items()}


def columns(own: list[Facts], others: list[Facts], **more: Any) -> dict[str, Any]:
    return model_columns(own, others, fallback_name="x", **more)[0]


def sees(has: bool, source: str = "models-dev") -> Facts:
    return {"capability.vision": Fact(has, source, "d")}


@pytest.mark.parametrize(
    ("own", "others", "limit"),
    [
        # The creator's own, as models.dev gives it, whatever most others state.
        (row(max_output=64), [row(max_output=32)] * 5, 64),
        # What another source gives it yields to most of three others or more.
        (row("litellm", max_output=1000), [row(max_output=32)] * 3, 32),
        (row("litellm", max_output=1000), [row(max_output=32)] * 2, 1000),
        (row("litellm", max_output=1000), [row(max_output=n) for n in (32, 32, 64, 64)], 1000),
        (None, [row(max_output=n) for n in (32, 32, 64)], 32),
        # Of equally many the larger: hosts cut limits, and add nothing to them.
        (None, [row(max_output=n) for n in (32, 64)], 64),
        # A gateway's own API knows its limit as well as models.dev does.
        (None, [row(max_output=64), *[row("openrouter", max_output=32)] * 2], 32),
        (None, [row(max_output=64), *[row("litellm", max_output=32)] * 2], 64),
    ],
)
def test_a_limit_is_the_creators_unless_most_others_know_better(
    own: Facts | None, others: list[Facts], limit: int
) -> None:
    assert columns([own] if own else [], others)["max_output"] == limit


def test_of_the_creators_endpoints_the_source_that_knows_best_gives_the_limit() -> None:
    own = [row("genai-prices", context_window=262_144), row(context_window=131_072)]
    assert columns(own, [])["context_window"] == 131_072


@pytest.mark.parametrize(
    ("own", "others", "has"),
    [
        ([], [sees(True), sees(False)], True),
        ([], [sees(True), sees(False), sees(False)], False),
        ([], [sees(True), {}, {}, {}], True),  # no statement is no no
        ([sees(False)], [sees(True)] * 5, False),
        ([sees(True, "litellm")], [sees(False)] * 3, False),
        ([sees(True, "litellm")], [sees(False)] * 2, True),
        ([sees(True, "litellm")], [*[sees(False)] * 3, sees(True)], True),
    ],
)
def test_a_capability_is_what_the_creator_states_or_most_that_state_it(
    own: list[Facts], others: list[Facts], has: bool
) -> None:
    assert ("vision" in columns(own, others)["capabilities"]) is has


def test_what_an_endpoint_adds_is_the_models_where_its_creator_or_most_have_it() -> None:
    caches = row(capability__explicit_caching=True)
    caches = {"capability.explicit-caching": caches["capability.explicit_caching"]}
    assert columns([], [caches, {}])["capabilities"] == []
    assert columns([], [caches, caches, {}])["capabilities"] == ["explicit-caching"]
    assert columns([caches], [{}, {}])["capabilities"] == ["explicit-caching"]


def test_a_text_only_model_makes_no_images_whoever_claims_it() -> None:
    makes = {"capability.image-generation": Fact(True, "models-dev", "d")}
    made = columns([row(modalities_out=["text"]) | makes], [makes] * 3)
    assert (made["capabilities"], made["modalities_out"]) == ([], ["text"])
    made = columns([], [row(modalities_out=["image", "text"])])
    assert made["capabilities"] == ["image-generation"]


def test_what_a_model_takes_is_decided_one_by_one_and_its_list_agrees() -> None:
    both = [row(modalities_in=["text"])] * 2 + [row(modalities_in=["image", "text"])]
    sees_it = [sees(True), sees(True), sees(False)]
    made = columns([], [one | other for one, other in zip(both, sees_it, strict=True)])
    assert (made["modalities_in"], made["capabilities"]) == (["image", "text"], ["vision"])
    made = columns([row(modalities_in=["text"])], [sees(True)] * 3)
    assert (made["modalities_in"], made["capabilities"]) == (["text"], [])


def test_no_model_is_released_a_season_after_a_snapshot_that_several_ids_name() -> None:
    late, early = [row(released="2025-01-01")], Fact("2024-09-12", "litellm", "d")
    assert columns(late, [], snapshots=[early, early])["released"] == "2024-09-12"
    assert columns(late, [], snapshots=[early])["released"] == "2025-01-01"
    near = Fact("2024-12-01", "litellm", "d")
    assert columns(late, [], snapshots=[near, near])["released"] == "2025-01-01"


def test_a_provider_has_one_voice_and_a_trial_api_is_no_creators() -> None:
    voices = Voices()

    def speak(provider: str, *, own: bool = False, **facts: Any) -> None:
        voices.add(row(**facts), provider=provider, own=own, snapshot="")

    speak("llama", own=True, context_window=128_000)
    speak("meta", own=True, context_window=1_000_000)
    speak("azure", context_window=1, released="2025-04-05")
    speak("azure", context_window=2, max_output=3)
    speak("helicone", context_window=4, released="2025-01-02")
    assert [facts["context_window"].value for facts in voices.own] == [1_000_000]
    heard = {
        provider: {name: fact.value for name, fact in facts.items()}
        for provider, facts in voices.by_provider.items()
    }
    assert heard == {
        "llama": {"context_window": 128_000},
        "azure": {"context_window": 1, "max_output": 3, "released": "2025-04-05"},
        "helicone": {"context_window": 4},
    }
