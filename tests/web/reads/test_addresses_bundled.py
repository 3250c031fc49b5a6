"""Names of models in addresses, in the bundled catalog."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled_catalog")]

HAIKU, SONNET, GLM = "anthropic/claude-haiku-4.5", "anthropic/claude-sonnet-4.6", "zhipuai/glm-5"
AT_BEDROCK = "anthropic.claude-haiku-4-5-20251001-v1:0"
PROFILE = "arn:aws:bedrock:eu-central-1:210987654321:inference-profile"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("bedrock/us.anthropic.claude-sonnet-4-6", f"{SONNET}/?use=amazon-bedrock"),
        (f"{PROFILE}/eu.{AT_BEDROCK}", f"{HAIKU}/?use=amazon-bedrock"),
        ("z-ai/glm-5:floor", f"{GLM}/?use=openrouter"),
        ("ft:gpt-4.1-mini-2025-04-14:my-org:tone:Bq1", "openai/gpt-4.1-mini/"),
        ("gpt-5.4-priority", "openai/gpt-5.4/"),
        ("anthropic/claude-4.5-haiku-20251001", f"{HAIKU}/"),
    ],
)
def test_a_models_address_may_be_any_of_its_names(client: Client, name: str, address: str) -> None:
    response = client.get(f"/models/{name}/")
    assert (response.status_code, response["Location"]) == (301, f"/models/{address}")


def test_a_compared_and_a_pinned_model_may_be_any_of_its_names(client: Client) -> None:
    query = {"m": [f"bedrock/converse/us.{AT_BEDROCK}", "z-ai/glm-5:nitro"]}
    compared = client.get("/compare/", query).content.decode()
    assert f'data-model="{HAIKU}" data-provider="amazon-bedrock"' in compared
    assert f'data-model="{GLM}" data-provider="openrouter"' in compared
    pin = {"requests": "1000", "input": "1000", "pin": "bedrock/us.anthropic.claude-sonnet-4-6"}
    assert f'data-model="{SONNET}"' in client.get("/estimate/", pin).content.decode()
