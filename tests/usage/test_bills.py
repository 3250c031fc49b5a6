"""Lines of clouds' bills as usage logs: a line counts one kind of tokens. The lines are made up."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.regime_plan import Plan
from usage.add_up import AddedLog, add_up
from usage.bill_lines import NOT_USAGE, OTHER_UNIT
from usage.bill_types import OTHER_SERVICE, UNNAMED_LINE, bedrock_line, google_line
from usage.blocks import LogError

CUR1 = (
    "identity/LineItemId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/ProductCode,"
    "lineItem/UsageType,lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedCost,"
    "product/region,pricing/unit"
)
CUR2 = (
    "identity_line_item_id,line_item_line_item_type,line_item_usage_start_date,"
    "line_item_product_code,line_item_usage_type,line_item_usage_amount,line_item_currency_code,"
    "line_item_unblended_cost,product_region_code,pricing_unit"
)
SONNET = "USW2-Claude4.6Sonnet"
LINES = (
    f"a,Usage,2026-11-20T01:00:00Z,AmazonBedrock,{SONNET}-input-tokens,12.5,USD,0.04,x,1K tokens",
    f"b,Usage,2026-11-20T01:00:00Z,AmazonBedrock,{SONNET}-output-tokens,0.25,USD,0.01,x,1K tokens",
    f"c,Usage,2026-11-20T02:00:00Z,AmazonBedrock,{SONNET}-cache-read-input-token-count,3,USD,,x,",
    f"d,Usage,2026-11-20T02:00:00Z,AmazonBedrock,{SONNET}-cache-write-input-token-count-1-hour,2,"
    "USD,,x,1K tokens",
    "e,Usage,2026-11-20T02:00:00Z,AmazonBedrock,USE1-Guardrail-PolicyUnits,7,USD,0.1,x,Units",
    "f,Usage,2026-11-20T02:00:00Z,AmazonEC2,USE1-BoxUsage:m5.large,24,USD,2.3,x,Hrs",
    f"g,Tax,2026-11-20T02:00:00Z,AmazonBedrock,{SONNET}-input-tokens,1,USD,0.3,x,",
    f"h,Usage,2026-11-20T02:00:00Z,AmazonBedrock,{SONNET}-input-tokens,9,USD,0.3,x,Hrs",
)


def added(folder: Path, *lines: str) -> AddedLog:
    path = folder / "log"
    path.write_text("\n".join(lines) + "\n")
    return add_up(path, Plan())


def used(log: AddedLog) -> dict[str, int]:
    counts = log.aggregates.used
    return {slug: int(number) for slug, number in counts.items() if number and slug != "request"}


@pytest.mark.parametrize("header", [CUR1, CUR2])
def test_lines_of_bedrock_are_counted_and_the_others_listed(tmp_path: Path, header: str) -> None:
    log = added(tmp_path, header, *LINES)
    assert used(log) == {
        "input": 17_500,
        "output": 250,
        "cache_read": 3000,
        "cache_write_1h": 2000,
    }
    assert log.bad.lines == {UNNAMED_LINE: [6], OTHER_SERVICE: [7], NOT_USAGE: [8], OTHER_UNIT: [9]}
    names = log.aggregates.frame.select("model", "provider").unique().rows()
    assert names == [("us.anthropic.claude-sonnet-4-6", "amazon-bedrock")]
    text = header.split(",")[4]
    assert {one.path: (one.rows, one.total) for one in log.unread} == {
        f"{text}: USE1-Guardrail-PolicyUnits": (1, 7),
        f"{text}: {SONNET}-input-tokens": (1, 9),
    }
    assert log.aggregates.billed == (Decimal("0.05"), 2) and log.aggregates.sums == 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USE1-ClaudeSonnet4-Input-Tokens", ("us.anthropic.claude-sonnet-4", "input", "")),
        ("EUW1-Claude3.7Sonnet-output-tokens", ("eu.anthropic.claude-3-7-sonnet", "output", "")),
        (
            "APN1-Claude4.5Haiku-input-tokens-cross-region-global-batch",
            ("global.anthropic.claude-haiku-4-5", "input", "batch"),
        ),
        (
            "USE1-anthropic.claude-opus-4-8-mantle-cache-write-tokens-1h-standard",
            ("us.anthropic.claude-opus-4-8", "cache_write_1h", ""),
        ),
        (
            "USE1-anthropic.claude-opus-4-8-mantle-cache-read-tokens-global-standard",
            ("global.anthropic.claude-opus-4-8", "cache_read", ""),
        ),
        ("USE2-Nova2.0Lite-input-tokens-flex", ("us.amazon.nova-2-lite", "input", "flex")),
        (
            "USE1-Nova2.0Pro-text-input-tokens-priority-cross-region-global",
            ("global.amazon.nova-2-pro", "input", "priority"),
        ),
        (
            "USE1-openai.gpt-oss-20b-mantle-output-tokens-standard",
            ("openai.gpt-oss-20b", "output", ""),
        ),
        # Another region's price of these is not known, nor what these parts are.
        ("EUC1-openai.gpt-oss-20b-mantle-output-tokens-standard", None),
        ("SAE1-NovaPro-input-tokens", None),
        ("USE1-NovaPro-input-tokens-custom-model", None),
        ("USE1-Nova2.0Pro-input-image-token-count", None),
        ("USE1-output-tokens-cross-region-global", None),
        ("EUN1-Claude-output-tokens", None),
        ("USE1-MP:USE1_InputTokenCount-Units", None),
    ],
)
def test_a_usage_type_of_bedrock_is_read_whole_or_not_at_all(
    text: str, expected: tuple[str, str, str] | None
) -> None:
    line = bedrock_line(text)
    assert (line and (line.model, line.meter, line.tier)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gemini 2.5 Pro Text Input - Predictions", ("gemini-2.5-pro", "input", "0-200k")),
        ("Gemini 2.5 Pro Text Input (Long) - Predictions", ("gemini-2.5-pro", "input", ">200k")),
        ("Gemini 2.5 Pro Input Text Caching (Long)", ("gemini-2.5-pro", "cache_read", ">200k")),
        (
            "Gemini 2.5 Pro Thinking Text Output (Long & Standard) - Predictions",
            ("gemini-2.5-pro", "output", ""),
        ),
        (
            "Gemini 3.1 Flash Image Text Input - Predictions",
            ("gemini-3.1-flash-image", "input", "0-200k"),
        ),
        (
            "Generate content output token count gemini 2.5 flash short input text",
            ("gemini-2.5-flash", "output", "0-200k"),
        ),
        (
            "Generate content cached input token count gemini 2.5 flash input image",
            ("gemini-2.5-flash", "cache_read", ""),
        ),
        (
            "Generate_content image output token count for Gemini 3 Pro Image",
            ("gemini-3-pro-image", "output_image", ""),
        ),
        (
            "Generate content output token count gemini 3.1 flash lite preview text",
            ("gemini-3.1-flash-lite-preview", "output", ""),
        ),
        ("Gemini 3.5 Flash Regional Text Input - Predictions", None),
        ("Gemini 3 Flash Text Input Caching Storage", None),
        ("Grounding with Google Search on Gemini 3", None),
        ("EmbedContent input token count for gemini-embedding-2 text", None),
        ("N1 Predefined Instance Core", None),
    ],
)
def test_a_sku_of_google_is_read_whole_or_not_at_all(
    text: str, expected: tuple[str, str, str] | None
) -> None:
    line = google_line(text)
    assert (line and (line.model, line.meter, line.window)) == expected


def test_a_nested_and_a_flat_export_of_google_count_alike(tmp_path: Path) -> None:
    skus = (
        ("Vertex AI", "Gemini 2.5 Pro Text Input (Long) - Predictions", 300_000, "count"),
        ("Vertex AI", "Gemini 2.5 Pro Text Output - Predictions", 2000, "count"),
        ("Gemini API", "Generate content input token count gemini 2.5 flash text", 70, "count"),
        ("Gemini API", "Generate content input token count gemini 2.5 flash image", 30, "count"),
        ("Gemini API", "Generate content input token count gemini 2.5 flash text", 5, "hour"),
        ("Compute Engine", "N1 Predefined Instance Core", 3600, "seconds"),
    )
    at = "2026-11-20 10:00:00 UTC"
    nested = added(
        tmp_path,
        *(
            json.dumps(
                {
                    "service": {"description": service},
                    "sku": {"id": "A-1", "description": sku},
                    "usage": {"amount": amount, "unit": unit, "amount_in_pricing_units": 1.5},
                    "usage_start_time": at,
                    "cost": 0.5,
                    "currency": "USD",
                    "credits": [{"amount": -1.5}],
                }
            )
            for service, sku, amount, unit in skus
        ),
    )
    flat = added(
        tmp_path,
        "Service description,SKU description,Usage start date,Usage amount,Usage unit,Cost ($)",
        *(
            f'{service},{sku},2026-11-20,"{amount:,}",{unit},0.50'
            for service, sku, amount, unit in skus
        ),
    )
    expected = {"input": 300_100, "output": 2000, "input_image": 30}
    assert used(nested) == used(flat) == expected
    for log in (nested, flat):
        assert log.bad.counts == {OTHER_UNIT: 1, OTHER_SERVICE: 1}
        assert log.aggregates.billed == (2, 4)
        assert {provider for (provider,) in log.aggregates.split("provider")} == {
            "google",
            "google-vertex",
        }
        assert len(log.unread) == 1


@pytest.mark.parametrize(
    ("header", "because"),
    [
        ("line_item_usage_type,line_item_unblended_cost", "AWS .*export the column line_item_us"),
        ("lineItem/UsageType,lineItem/BlendedCost", "AWS .*export the column lineItem/UsageAmount"),
        ("SKU description,Cost ($)", "Google .*export the column usage_amount too"),
    ],
)
def test_a_bill_without_amounts_is_refused_by_name(
    tmp_path: Path, header: str, because: str
) -> None:
    with pytest.raises(LogError, match=because):
        added(tmp_path, header, "x,1.5")


def test_requests_of_portkey_cost_cents(tmp_path: Path) -> None:
    row = {"id": "a", "created_at": "2026-11-20T10:00:00Z", "ai_org": "openai", "ai_model": "gpt-5"}
    row |= {"req_units": 100, "res_units": 40, "total_units": 140, "cost": 12.5}
    failed = {**row, "id": "b", "cost": 0, "response_status_code": 500}
    log = added(tmp_path, json.dumps(row), json.dumps(failed))
    assert used(log) == {"input": 100, "output": 40}
    assert log.aggregates.billed == (Decimal("0.125"), 1)
    assert log.bad.total == 1 and not log.unread


def test_litellms_exports_without_counts_are_refused_by_name(tmp_path: Path) -> None:
    header = "Date,Team,Team ID,Model,Spend ($),Requests,Successful,Failed,Total Tokens"
    with pytest.raises(LogError, match=r"LiteLLM usage export by model: .* spend logs instead\.$"):
        added(tmp_path, header, "2026-11-20,a,b,gpt-5,0.5,3,3,0,900")
    with pytest.raises(LogError, match=r"LiteLLM usage export by day: it names no model"):
        added(tmp_path, header.replace("Model,", ""), "2026-11-20,a,b,0.5,3,3,0,900")
    parts = f"{header},Prompt Tokens,Completion Tokens"
    log = added(tmp_path, parts, '2026-11-20,a,b,gpt-5,"1,000.50",3,3,0,900,800,100')
    assert used(log) == {"input": 800, "output": 100} and log.aggregates.requests == 3
    assert log.aggregates.billed == (Decimal("1000.50"), 1)
