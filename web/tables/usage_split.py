"""A usage log's cost by owner, and beside what the log states, as tables. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from usage import report_words as words
from usage.owners import SETS
from web.tables.usage_sums import ShownSum, percent, shown_sum

# Owners that are shown, models of each, and models with a stated cost.
MOST_OWNERS = 25
MOST_OWNER_MODELS = 5
MOST_BILLED = 40


@dataclass(frozen=True, slots=True)
class BilledRow:
    """What the log states for a model beside ours; `agrees` within rounding.

    `told` is the tier, and the log's own name where that sets it apart from others of the model.
    """

    model: str
    told: str
    requests: int
    billed: Decimal
    priced: Decimal
    most: Decimal
    difference: Decimal
    reason: str
    agrees: bool

    @property
    def sign(self) -> str:
        return "" if self.agrees else "+" if self.difference > 0 else "−"

    @property
    def apart(self) -> Decimal:
        return abs(self.difference)


@dataclass(frozen=True, slots=True)
class OwnerRows:
    """An owner's cost, and that of the models that cost most of it."""

    cost: ShownSum
    models: list[ShownSum]
    models_in_all: int


@dataclass(frozen=True, slots=True)
class OwnerTable:
    """The cost by owner and model; `rows` are those of the file. `sets` is what several tags of a
    row mean, where there are such.
    """

    column: str
    sets: str
    owners: list[OwnerRows]
    owners_in_all: int
    rows: int
    rows_in_all: int


def billed_rows(result: Mapping[str, Any]) -> list[BilledRow]:
    parts = (result.get("billed") or {"parts": []})["parts"]
    requests = {
        (share["name"], share["called"], share["tier"]): share["requests"]
        for share in result["shares"]
        if "requests" in share
    }
    return [
        BilledRow(
            part["model"],
            told,
            requests.get((part["name"], part["called"], part["tier"]), part["rows"]),
            Decimal(part["billed"]),
            Decimal(part["priced"]),
            Decimal(part["most"]),
            Decimal(part["difference"]),
            words.reason_in_words(part),
            part["same"],
        )
        for part, told in list(zip(parts, words.told_apart(parts), strict=True))[:MOST_BILLED]
    ]


def owner_table(result: Mapping[str, Any]) -> OwnerTable | None:
    split = result.get("split")
    if not split:
        return None
    owners = [shown_sum(owner) for owner in split["owners"]]
    whole = sum((owner.dollars or Decimal(0) for owner in owners), Decimal(0))
    return OwnerTable(
        column=", ".join(result["log"]["mapping"]["owner"]),
        sets=SETS if SETS in result["log"].get("notes", ()) else "",
        owners=[
            OwnerRows(
                replace(owner, share=percent(owner.dollars or Decimal(0), whole)),
                [shown_sum(model) for model in models[:MOST_OWNER_MODELS]],
                len(models),
            )
            for owner in owners[:MOST_OWNERS]
            for models in [[one for one in split["models"] if one["owner"] == owner.key]]
        ],
        owners_in_all=len(owners),
        rows=len(result["owners"]),
        rows_in_all=result["owners_in_all"],
    )
