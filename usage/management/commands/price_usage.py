"""Price a usage log: what it cost, what it would cost on every endpoint, and the best moves."""

import json
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from catalog.known_names import known_names
from catalog.names import Names
from catalog.rating_intervals import rating_intervals
from pricing.bulk import Total
from pricing.endpoint import PricedEndpoint
from pricing.priced_endpoints import priced_endpoints
from pricing.terms import STANDARD
from usage.blocks import LogError
from usage.placement import ProviderChoice, unknown_model
from usage.preview import EveryRow
from usage.price_log import price_log
from usage.report import CostSum, LogReport, Move
from usage.report_json import report_json
from usage.report_words import (
    MOST_LINES,
    NO_OWNER,
    NOT_RANKED,
    assumed_in_words,
    billed_in_words,
    cost_in_words,
    counted,
    lines_of,
    range_in_words,
    read_as_in_words,
    requests_in_words,
    unpriced_in_words,
    without_price_in_words,
)
from usage.split import OwnerSplit, split_of
from usage.spreadsheet import as_csv

# So many names, reasons and numbers are listed of the rows of a log.
MOST_NAMED = 500
HEADER = ("model", "provider", "upstream_id", "context", "amount", "currency", "state")


class Command(BaseCommand):
    help = (
        "Price a usage log (CSV, JSON lines or Parquet, also .gz or .zst) "
        "on every endpoint of the catalog."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the log")
        parser.add_argument("--tier", help="ask for every request in this service tier")
        parser.add_argument(
            "--at",
            help="date or instant of the prices, else now; also the time of a log without times",
        )
        parser.add_argument(
            "--provider", default="", help="the provider of every row, whatever the log has"
        )
        parser.add_argument(
            "--own-api",
            action=BooleanOptionalAction,
            default=True,
            help="rows without a provider went to the own API of their model's creator",
        )
        parser.add_argument(
            "--at-provider",
            action="append",
            default=[],
            metavar="NAME=PROVIDER",
            help="rows of this model name without a provider went to this one",
        )
        parser.add_argument(
            "--model-is",
            action="append",
            default=[],
            metavar="NAME=MODEL",
            help="rows of this model name are of this model, as my-gpt-prod=openai/gpt-5",
        )
        parser.add_argument(
            "--per", choices=("model", "endpoint"), default="model", help="what has a row"
        )
        parser.add_argument(
            "--via",
            choices=("direct", "any"),
            default="direct",
            help="move to direct providers and models of at least the same rating class, or to any",
        )
        parser.add_argument(
            "--split", default="", metavar="COLUMN", help="split the cost by this column"
        )
        parser.add_argument(
            "--decimals",
            choices=(".", ","),
            default="",
            help="the mark of decimals, where numbers of the log may be read in two ways",
        )
        parser.add_argument("--top", type=int, default=10, help="how many rows of each table")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="read a column as a field",
        )
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="print all of it as JSON")
        form.add_argument(
            "--csv", action="store_true", help="print what it costs on every endpoint as CSV"
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        if options["top"] < 1:
            raise CommandError("--top is a number of rows, one or more.")
        at = _instant(options["at"])
        endpoints = priced_endpoints(timezone.now().date())
        known = known_names()
        try:
            report = price_log(
                path,
                endpoints,
                known,
                mapping=_mapping(options["column"], options["split"]),
                at=at,
                tier=_tier(options["tier"], endpoints.tiers),
                every=EveryRow(
                    _provider(options["provider"], known),
                    at if options["at"] else None,
                    options["decimals"],
                ),
                choice=ProviderChoice(
                    options["own_api"],
                    _choices(options["at_provider"], known),
                    _models(options["model_is"], known),
                ),
                ratings=rating_intervals(),
            )
        except LogError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(
                json.dumps(report_json(report, options["top"]), ensure_ascii=False, indent=1)
            )
        elif options["csv"]:
            best = _best(report.ranked(), options["per"])
            self.stdout.write(as_csv([HEADER, *_cells(best)]), ending="")
        else:
            anywhere = options["via"] == "any"
            lines = _lines(report, options["per"], options["top"], anywhere=anywhere)
            self.stdout.write("\n".join(lines))


def _mapping(stated: Sequence[str], split: str) -> dict[str, str]:
    pairs = dict(pair.partition("=")[::2] for pair in stated)
    if not all(name and column for name, column in pairs.items()):
        raise CommandError("--column needs a field and a column, as input=prompt_tokens.")
    return {**pairs, **({"owner": split} if split else {})}


def _tier(stated: str | None, tiers: Sequence[str]) -> str | None:
    """A tier that some card states; None for each request's own."""
    tier = (stated or "").strip().lower()
    if not tier or tier in STANDARD:
        return tier or None
    if tier not in tiers:
        others = ", ".join(tiers)
        raise CommandError(f"No endpoint states a “{tier}” tier; those that are stated: {others}.")
    return tier


def _provider(stated: str, known: Names) -> str:
    slug = known.provider(stated) if stated else ""
    if slug is None:
        raise CommandError(f"No provider goes by “{stated}” here.")
    return slug


def _choices(stated: Sequence[str], known: Names) -> dict[str, str]:
    pairs = [pair.rpartition("=")[::2] for pair in stated]
    if not all(name and provider for name, provider in pairs):
        raise CommandError("--at-provider needs a name and a provider, as gpt-5=azure.")
    return {name: _provider(provider, known) for name, provider in pairs}


def _models(stated: Sequence[str], known: Names) -> dict[str, str]:
    pairs = [pair.rpartition("=")[::2] for pair in stated]
    if not all(name and model for name, model in pairs):
        raise CommandError("--model-is needs a name and a model, as my-gpt-prod=openai/gpt-5.")
    if complaint := next(filter(None, (unknown_model(known, model) for _, model in pairs)), ""):
        raise CommandError(complaint)
    return dict(pairs)


def _instant(stated: str | None) -> datetime:
    if not stated:
        return timezone.now()
    try:
        day, instant = parse_date(stated), parse_datetime(stated)
    except ValueError as error:
        raise CommandError(f"{stated} is not a date: {error}.") from error
    if day:
        return datetime.combine(day, time(), UTC)
    if not instant:
        raise CommandError(f"{stated} is not a date, as 2026-11-22, nor an instant.")
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


Priced = tuple[PricedEndpoint, Total]


def _best(ranked: list[Priced], per: str) -> list[Priced]:
    if per == "endpoint":
        return ranked
    first: dict[str, Priced] = {}
    for one, cost in ranked:
        first.setdefault(one.model, (one, cost))
    return list(first.values())


def _cells(ranked: Sequence[Priced]) -> Iterator[list[str]]:
    for one, cost in ranked:
        yield [
            *(one.model, one.provider, one.upstream_id, str(one.context or "")),
            *("" if cost.amount is None else f"{cost.amount:f}", cost.currency, cost.state),
        ]


# ---- text ----


def _lines(report: LogReport, per: str, top: int, *, anywhere: bool) -> Iterator[str]:
    result = report_json(report, MOST_NAMED)
    yield from _about(report, result)
    yield ""
    whole = cost_in_words(result["as_run"], _money) or "no price known"
    yield f"What it cost as it was run: {whole}{_part(report.as_run)}"
    sentences = (
        range_in_words(result, _money),
        *billed_in_words(result, _money),
        without_price_in_words(result),
        *unpriced_in_words(result)[:MOST_LINES],
        assumed_in_words(result),
    )
    yield from (f"  {sentence}" for sentence in sentences if sentence)
    for title, sums in (("By model", report.models[:top]), ("By day", report.days)):
        yield f"\n{title}"
        yield from map(_sum, sums)
    if report.owners:
        yield from _owners(split_of(report.owners), top)
    able = [pair for pair in report.ranked() if anywhere or report.is_offered(pair[0])]
    ranked = _best(able, per)
    yield f"\nAll of it elsewhere, the cheapest {min(top, len(ranked))} of {len(ranked):,} {per}s"
    if not anywhere:
        yield f"  {_offered_in_words(report)} For all others, --via any."
    for one, cost in ranked[:top]:
        amount = _money(cost.amount or Decimal(0), cost.currency)
        yield f"  {amount:>20}  {one.model} at {one.provider}"
    left_out = ", ".join(
        f"{count:,} {NOT_RANKED.get(why, why)}" for why, count in report.reasons().items()
    )
    if left_out:
        yield f"  Not ranked: {left_out} (the longest request is {report.largest:,} tokens)."
    moves = report.moves_anywhere if anywhere else report.moves
    yield "\nThe best moves" if moves else "\nNo move saves half a cent and 0.1 % of what is spent."
    for move in moves:
        yield from _move(move)


def _offered_in_words(report: LogReport) -> str:
    if not report.rated_models:
        return "Direct providers only; no model of the log is rated."
    return "Direct providers and models rated at least about as high as the log's only."


def _about(report: LogReport, result: dict[str, Any]) -> Iterator[str]:
    seen, added = report.seen, report.aggregates
    days = [cost.key for cost in report.days]
    when = f", {days[0]} to {days[-1]}" if days else ""
    count = requests_in_words(result)
    if added.requests != added.rows:
        count = f"{counted(added.rows, 'row')}, {count}"
    yield f"{seen.format}{f', {seen.shape}' if seen.shape else ''}: {count}{when}."
    yield f"Read as: {read_as_in_words(result)}."
    yield from seen.notes
    yield from lines_of(result, _money)
    if result["by_own_api"]:
        yield "  Another choice: --no-own-api, --at-provider NAME=PROVIDER, --model-is NAME=MODEL."
    elif result["unresolved"]:
        yield "  To place a name: --model-is NAME=MODEL, --at-provider NAME=PROVIDER."


def _sum(cost: CostSum) -> str:
    amounts = _range(cost) or "no price known"
    noun = "request" if cost.requests == 1 else "requests"
    return f"  {cost.key:<44} {cost.requests:>12,} {noun:<8}  {amounts}{_part(cost)}"


def _owners(split: OwnerSplit, top: int) -> Iterator[str]:
    yield "\nBy owner"
    for owner in split.owners[:top]:
        yield _sum(replace(owner, key=owner.key or NO_OWNER))
        models = (one.cost for one in split.models if one.owner == owner.key)
        yield from (f"  {_sum(cost)}" for cost in islice(models, top))


def _move(move: Move) -> Iterator[str]:
    other = "" if move.same_model else " (ANOTHER MODEL)"
    meant = move.share.placement
    yield (
        f"  saves {_money(move.saving, move.currency)}: {meant.model} from {meant.provider} "
        f"to {move.to.provider}{other}, "
        f"{_money(move.now, move.currency)} → {_money(move.then, move.currency)}"
    )
    yield from (f"      {what}: {how}" for what, how in move.changes)


def _range(cost: CostSum) -> str:
    stated = {
        "amounts": {currency: str(amount) for currency, amount in cost.amounts.items()},
        "most": {currency: str(amount) for currency, amount in cost.most.items()},
    }
    return cost_in_words(stated, _money)


def _part(cost: CostSum) -> str:
    if cost.priced in (0, cost.rows):
        return ""
    return f" for {cost.priced_requests:,} of {cost.requests:,} requests"


def _money(amount: Decimal, currency: str) -> str:
    whole, _, part = f"{amount:,f}".partition(".")
    return f"{'$' if currency == 'USD' else currency + ' '}{whole}.{part.rstrip('0'):0<2}"
