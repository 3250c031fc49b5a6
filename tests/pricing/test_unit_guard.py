"""Which token prices wait for an editor since they look like prices of an image, minute or page."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from catalog.models import Endpoint, Model
from pricing.edit import publish_held
from pricing.magnitude_guard import Base
from pricing.models import Rate
from pricing.observed import Observed
from pricing.rate_history import record_rates
from pricing.rates import stated
from pricing.slips import WHY_OF_PIECES
from pricing.unit_guard import listed_under_tokens
from tests.factories import make_endpoint, make_model, make_provider, make_rate, make_source

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 12, tzinfo=UTC)


def at(model: Model, provider: str, **prices: str) -> Endpoint:
    """The model at a provider, with published base prices by meter."""
    endpoint = make_endpoint(model, make_provider(provider), mode="")
    for meter, amount in prices.items():
        make_rate(endpoint, meter, amount)
    return endpoint


def is_caught(endpoint: Endpoint, **prices: str) -> bool:
    """Whether the token prices that are about to be written are held."""
    source = make_source("litellm").id
    base = {name: Base(Decimal(amount), source) for name, amount in prices.items()}
    return endpoint.id in listed_under_tokens({endpoint.id: base})


@pytest.fixture
def kontext() -> Model:
    return make_model("black-forest-labs/flux-kontext-max", mode="image")


@pytest.fixture
def whisper() -> Model:
    return make_model("openai/whisper-large-v3", mode="transcription")


def test_tokens_of_a_model_that_all_others_sell_by_the_image_are_caught(kontext):
    at(kontext, "black-forest-labs", image="0.08")
    fireworks = at(kontext, "fireworks-ai")
    assert is_caught(fireworks, input="0.08", output="0.08")
    assert is_caught(fireworks, input="40")
    assert not is_caught(fireworks, image="0.08")
    assert not is_caught(fireworks, image="0.08", input="5")


def test_where_others_sell_tokens_too_only_the_price_of_a_piece_is_caught(whisper):
    at(whisper, "groq", audio_hour_in="0.111", audio_second_in="0.00003083")
    at(whisper, "nearai", input="0.01")
    for amount, caught in {
        "0.0023": True,
        "0.036": True,
        "0.038": False,
        "0.00009": False,
        "2.5": False,
    }.items():
        assert is_caught(at(whisper, f"evroc-{amount}"), input=amount) is caught
    assert not is_caught(at(whisper, "azure"), input="0.0023", output="10")


def test_a_model_that_is_sold_at_one_provider_is_compared_with_models_of_its_sort():
    video = make_model("alibaba/wan2.2-t2v-a14b", modalities_out=["video"])
    only = at(video, "digitalocean")
    for number in range(4):
        at(make_model(f"google/veo-{number}", mode="video"), "google", video_second="0.2")
    assert not is_caught(only, input="0.6")
    at(make_model("runway/gen-4", mode="video"), "runwayml", video_second="0.2")
    assert is_caught(only, input="0.6")
    assert not is_caught(only, input="6")


@pytest.mark.parametrize(
    "facts",
    [{"mode": "chat"}, {"mode": "embedding"}, {"modalities_out": ["image", "text"]}, {}],
)
def test_text_and_vectors_are_sold_by_tokens(facts):
    model = make_model("openai/gpt-image-chat", **facts)
    at(model, "openai", image="0.08")
    assert not is_caught(at(model, "azure"), input="0.08")


def test_a_creators_own_api_may_sell_its_images_by_tokens(kontext):
    at(kontext, "azure", image="0.08")
    own = make_endpoint(kontext, make_provider("bfl", creator=kontext.creator))
    assert not is_caught(own, input="0.08")


def test_every_token_price_of_a_caught_card_is_held_with_the_reason(whisper):
    at(whisper, "groq", audio_second_in="0.00003083")
    evroc = at(whisper, "evroc")
    source = make_source("models-dev").id
    card = [stated("input", Decimal("0.0023")), stated("output_audio", Decimal("2.3"))]
    observed = [Observed(rate, source, NOW) for rate in [*card, stated("request", Decimal(1))]]
    counts = record_rates({evroc.id: observed}, as_of={evroc.id: NOW})
    assert counts == {"held": 2, "first": 1}
    held = Rate.objects.filter(endpoint=evroc, held=True)
    assert {rate.meter: rate.why for rate in held} == {
        "input": WHY_OF_PIECES,
        "output_audio": WHY_OF_PIECES,
    }


def test_a_price_of_a_piece_that_an_earlier_version_published_is_held_until_an_editor_publishes_it(
    kontext,
):
    at(kontext, "black-forest-labs", image="0.08")
    fireworks = at(kontext, "fireworks-ai", input="0.08")
    source = make_source("litellm").id
    card = {fireworks.id: [Observed(stated("input", Decimal("0.08")), source, NOW)]}
    assert record_rates(card, as_of={fireworks.id: NOW}) == {"held": 1}
    rate = Rate.objects.get(endpoint=fireworks)
    assert (rate.held, rate.why, rate.valid_to) == (True, WHY_OF_PIECES, None)
    assert not record_rates(card, as_of={fireworks.id: NOW})
    publish_held([rate], by=User.objects.create_user("editor"), why="Seen.", at=NOW)
    assert not record_rates(card, as_of={fireworks.id: NOW})
    assert Rate.objects.published().get(endpoint=fireworks) == rate
