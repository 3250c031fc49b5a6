"""Lines of a cloud's bill as counts: a line counts one kind of tokens, which a text names. Pure.

Each row gets columns within the column of that text, as JSON within a column does: `sku.description
.input`. A row that counts nothing has a reason in `….not_read`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import polars as pl

from usage.bill_types import OTHER_SERVICE, UNNAMED_LINE, LineKind, bedrock_line, google_line
from usage.blocks import EMPTY
from usage.cells import scaled_numbers, short_cells
from usage.spellings import plain

LINE_METERS = (
    *("input", "output", "cache_read", "cache_write", "cache_write_1h"),
    *("input_image", "input_audio", "input_video", "output_image", "output_audio"),
)
_LABELS = ("model", "provider", "tier", "window", "not_read")
NOT_USAGE = "a line of tax, credits, fees or refunds"
OTHER_UNIT = "a line of which the unit is not known"


@dataclass(frozen=True, slots=True)
class BillColumns:
    """The columns of a kind of bill, each by its spellings.

    `text` names what a line counts, `service` whose line it is, `kind` whether it is usage.
    `units` has how many tokens a unit of the amount is. `models` is in the names of services and
    texts that are about models.
    """

    text: tuple[str, ...]
    amount: tuple[str, ...]
    unit: tuple[str, ...]
    service: tuple[str, ...]
    kind: tuple[str, ...]
    usage_kinds: tuple[str, ...]
    units: Mapping[str, int]
    models: tuple[str, ...]
    meaning: Callable[[str, str], LineKind | None]


AWS = BillColumns(
    text=("line_item_usage_type", "lineItem/UsageType"),
    amount=("line_item_usage_amount", "lineItem/UsageAmount"),
    unit=("pricing_unit", "pricing/unit"),
    service=("line_item_product_code", "lineItem/ProductCode"),
    kind=("line_item_line_item_type", "lineItem/LineItemType"),
    usage_kinds=("", "usage", "discountedusage", "savingsplancoveredusage"),
    # AWS's price list has thousands of tokens as the unit of all tokens of Bedrock.
    units={"": 1000, "1k tokens": 1000, "1m tokens": 10**6, "tokens": 1, "token": 1},
    models=("bedrock", "mp:"),
    meaning=lambda text, _: bedrock_line(text),
)
GOOGLE = BillColumns(
    text=("sku.description", "sku_description", "SKU description"),
    amount=("usage.amount", "usage_amount", "Usage amount"),
    unit=("usage.unit", "usage_unit", "Usage unit"),
    service=("service.description", "service_description", "Service description"),
    kind=("cost_type",),
    usage_kinds=("", "regular", "usage"),
    units={"": 1, "count": 1, "counts": 1, "tokens": 1, "token": 1},
    models=("gemini", "vertex", "generative", "generate"),
    meaning=google_line,
)
_BILLS = (AWS, GOOGLE)


def bill_columns(columns: Collection[str]) -> tuple[BillColumns, dict[str, str]] | None:
    """The kind of bill that has these columns, and its own among them; None for any other log."""
    there = {".".join(map(plain, name.split("."))): name for name in columns}
    for bill in _BILLS:
        own = {
            name: there[spelt]
            for name in ("text", "amount", "unit", "service", "kind")
            for spelling in getattr(bill, name)
            if (spelt := ".".join(map(plain, spelling.split(".")))) in there
        }
        if "text" in own and "amount" in own:
            return bill, own
    return None


def with_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the counts of a bill's lines; any other frame as it is."""
    found = bill_columns(frame.columns)
    if not found or f"{found[1]['text']}.model" in frame.columns:
        return frame
    bill, own = found
    texts = frame.select(
        **{
            name: short_cells(frame[own[name]])[0].cast(pl.String, strict=False).fill_null("")
            if name in own
            else pl.lit("")
            for name in ("text", "service", "kind", "unit")
        }
    )
    amounts = {unit: _amounts(frame[own["amount"]], unit) for unit in {*bill.units.values()}}
    known = texts.unique(maintain_order=True)
    rows = [_line(bill, *row) for row in known.iter_rows()]
    table = known.with_columns(
        *(pl.Series(name, [row[name] for row in rows], pl.String) for name in _LABELS),
        pl.Series("meter", [row["meter"] for row in rows], pl.String),
        pl.Series("factor", [row["factor"] for row in rows], pl.Int64),
    )
    lines = texts.join(table, on=texts.columns, how="left", maintain_order="left")
    lines = lines.with_columns(values.alias(f"amount {unit}") for unit, values in amounts.items())
    amount = pl.coalesce(
        *(pl.when(pl.col("factor") == unit).then(f"amount {unit}") for unit in amounts)
    )
    column = own["text"]
    labels = [pl.col(name).alias(f"{column}.{name}") for name in _LABELS]
    meters = [
        pl.when(pl.col("meter") == meter).then(amount).alias(f"{column}.{meter}")
        for meter in LINE_METERS
    ]
    return frame.with_columns(lines.select(*labels, *meters))


def _amounts(values: pl.Series, unit: int) -> pl.Series:
    # Both exports have a point as the mark of decimals.
    return scaled_numbers(short_cells(values)[0], unit, ".", rounded=True)[0]


def _line(bill: BillColumns, text: str, service: str, kind: str, unit: str) -> dict[str, object]:
    line = bill.meaning(text, service)
    factor = bill.units.get("" if unit in EMPTY else unit.strip().lower())
    nothing = dict.fromkeys((*_LABELS, "meter", "factor"))
    if kind.strip().lower() not in bill.usage_kinds:
        return {**nothing, "not_read": NOT_USAGE}
    if line is None:
        words = f"{service} {text}".lower()
        is_models = any(word in words for word in bill.models)
        return {**nothing, "not_read": UNNAMED_LINE if is_models else OTHER_SERVICE}
    if factor is None:
        return {**nothing, "not_read": OTHER_UNIT}
    labels = {"model": line.model, "provider": line.provider, "tier": line.tier}
    return {**nothing, **labels, "window": line.window, "meter": line.meter, "factor": factor}


def not_read(frame: pl.DataFrame) -> dict[str, pl.Series]:
    """Which rows of a bill count nothing, by reason."""
    found = bill_columns(frame.columns)
    if not found:
        return {}
    reasons = frame[f"{found[1]['text']}.not_read"]
    return {
        reason: (reasons == reason).fill_null(value=False)
        for reason in reasons.drop_nulls().unique(maintain_order=True)
    }


def unread_lines(frame: pl.DataFrame) -> list[tuple[str, int, float]]:
    """Lines about models that count nothing here: their text, how many there are, their amount."""
    found = bill_columns(frame.columns)
    if not found:
        return []
    text, amount = found[1]["text"], found[1]["amount"]
    lines = frame.select(
        short_cells(frame[text])[0].cast(pl.String, strict=False).alias("text"),
        frame[amount].cast(pl.Float64, strict=False).alias("amount"),
        frame[f"{text}.not_read"].alias("why"),
    ).filter(pl.col("why").is_in([UNNAMED_LINE, OTHER_UNIT]))
    sums = lines.group_by("text", maintain_order=True).agg(pl.len(), pl.col("amount").sum())
    return [(f"{text}: {name or '(none)'}", rows, total) for name, rows, total in sums.iter_rows()]
