"""The configuration for LiteLLM's proxy: read back by a reader of YAML, with exact prices."""

import os
from io import StringIO

import pytest
import yaml
from django.core.management import CommandError, call_command

from pricing.terms import Band, Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.endswith(("_KEY", "_TOKEN", "_PAT")):
            monkeypatch.delenv(name)


def exported(*words: str) -> dict:
    out = StringIO()
    call_command("export", "litellm-proxy", *words, stdout=out, stderr=StringIO())
    # As text, so that every digit is seen.
    return yaml.load(out.getvalue(), Loader=yaml.BaseLoader)


@pytest.fixture
def _sold() -> None:
    model = make_model(name="o4-mini")
    sell(model, make_provider("openai"), input="1.1", output="4.4", cache_read="0.275")
    sell(model, make_provider("groq"), input="0.075", output="0.3")
    other = make_endpoint(make_model("google/gemini-5"), make_provider("google"))
    for slug, low, high in (("input", "1.25", "2.5"), ("output", "10", "15")):
        make_rate(other, slug, amount=low)
        make_rate(other, slug, amount=high, terms=Terms(band=Band(200_000)))


@pytest.mark.usefixtures("_sold")
def test_deployments_stand_in_the_order_of_price_with_every_digit():
    config = exported("--all")
    google, groq, openai = config["model_list"]
    assert [deployment["model_name"] for deployment in (groq, openai)] == ["openai/o4-mini"] * 2
    assert groq["litellm_params"] == {
        "model": "groq/o4-mini",
        "api_base": "https://api.groq.com/openai/v1",
        "api_key": "os.environ/GROQ_API_KEY",
        "order": "1",
        "input_cost_per_token": "0.000000075",
        "output_cost_per_token": "0.0000003",
    }
    assert openai["litellm_params"]["order"] == "2"
    assert openai["litellm_params"]["cache_read_input_token_cost"] == "0.000000275"
    assert openai["model_info"]["id"] == "openai/o4-mini@openai"
    assert google["litellm_params"]["model"].startswith("gemini/")
    assert google["litellm_params"]["input_cost_per_token"] == "0.00000125"
    assert google["litellm_params"]["input_cost_per_token_above_200k_tokens"] == "0.0000025"
    assert google["litellm_params"]["output_cost_per_token_above_200k_tokens"] == "0.000015"
    assert config["litellm_settings"]["callbacks"] == ["otel"]


@pytest.mark.usefixtures("_sold")
def test_what_has_a_key_here_is_written_and_the_key_is_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    out = StringIO()
    call_command("export", "litellm-proxy", stdout=out, stderr=StringIO())
    assert "sk-canary" not in out.getvalue()
    [deployment] = yaml.safe_load(out.getvalue())["model_list"]
    assert deployment["litellm_params"]["api_key"] == "os.environ/OPENAI_API_KEY"
    assert len(exported("--all", "--model", "google/gemini-5")["model_list"]) == 1
    assert len(exported("--all", "--provider", "groq")["model_list"]) == 1


@pytest.mark.usefixtures("_sold")
def test_an_api_in_openais_words_without_a_name_at_litellm_is_called_at_its_base(
    monkeypatch: pytest.MonkeyPatch,
):
    sell(make_model("qwen/q9"), make_provider("host"), input="1", output="2")
    monkeypatch.setenv("RATECARD_PROVIDER_HOST_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("HOST_API_KEY", "sk-1")
    [deployment] = exported()["model_list"]
    assert deployment["litellm_params"]["model"] == "custom_openai/q9"
    assert deployment["litellm_params"]["api_base"] == "http://127.0.0.1:9/v1"


def test_nothing_to_write_is_a_sentence():
    with pytest.raises(CommandError, match="No endpoint fits"):
        exported("--all")
