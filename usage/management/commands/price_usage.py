"""Price a usage log: what it cost, what it would cost on every endpoint, and the best moves."""

import json
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
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
from usage.blocks import KEPT, LogError
from usage.placement import ProviderChoice
from usage.preview import EveryRow
from usage.price_log import price_log
from usage.report import CostSum, LogReport, Move
from usage.report_json import report_json
from usage.spreadsheet import as_csv

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
            "--per", choices=("model", "endpoint"), default="model", help="what has a row"
        )
        parser.add_argument(
            "--via",
            choices=("direct", "any"),
            default="direct",
            help="move to direct providers and models of at least the same rating class, or to any",
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
                mapping=_mapping(options["column"]),
                at=at,
                tier=_tier(options["tier"], endpoints.tiers),
                every=EveryRow(
                    _provider(options["provider"], known), at if options["at"] else None
                ),
                choice=ProviderChoice(options["own_api"], _choices(options["at_provider"], known)),
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


def _mapping(stated: Sequence[str]) -> dict[str, str] | None:
    pairs = dict(pair.partition("=")[::2] for pair in stated)
    if not all(name and column for name, column in pairs.items()):
        raise CommandError("--column needs a field and a column, as input=prompt_tokens.")
    return pairs or None


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
    yield from _about(report)
    yield ""
    yield f"What it cost as it was run: {_cost(report.as_run)}"
    yield from _unpriced(report)
    for title, rows in (("By model", report.models[:top]), ("By day", report.days)):
        yield f"\n{title}"
        yield from (f"  {row.key:<44} {row.rows:>12,} requests  {_cost(row)}" for row in rows)
    able = [pair for pair in report.ranked() if anywhere or report.is_offered(pair[0])]
    ranked = _best(able, per)
    yield f"\nAll of it elsewhere, the cheapest {min(top, len(ranked))} of {len(ranked):,} {per}s"
    if not anywhere:
        yield f"  {_offered_in_words(report)} For all others, --via any."
    for one, cost in ranked[:top]:
        amount = _one(cost.amount or Decimal(0), cost.currency)
        yield f"  {amount:>20}  {one.model} at {one.provider}"
    left_out = ", ".join(
        f"{count:,} {why.replace('_', ' ')}" for why, count in report.reasons().items()
    )
    if left_out:
        yield f"  Not ranked: {left_out} (the longest request is {report.largest:,} tokens)."
    moves = report.moves_anywhere if anywhere else report.moves
    yield "\nThe best moves" if moves else "\nNo move saves anything."
    for move in moves:
        yield from _move(move)


def _offered_in_words(report: LogReport) -> str:
    if not report.rated_models:
        return "Direct providers only; no model of the log is rated."
    return "Direct providers and models rated at least about as high as the log's only."


def _about(report: LogReport) -> Iterator[str]:
    seen, added = report.seen, report.aggregates
    days = [row.key for row in report.days]
    when = f", {days[0]} to {days[-1]}" if days else ""
    yield f"{seen.format}{f', {seen.shape}' if seen.shape else ''}: {added.rows:,} rows{when}."
    yield (
        "Read as " + ", ".join(f"{name} = {column}" for name, column in seen.mapping.items()) + "."
    )
    if seen.unused:
        yield f"Not used: {', '.join(seen.unused)}."
    yield from seen.notes
    for reason, count in sorted(report.bad.counts.items(), key=lambda pair: -pair[1]):
        lines = ", ".join(f"{line:,}" for line in report.bad.lines[reason])
        yield f"Left out: {count:,} rows, {reason} (line {lines}{' …' if count > KEPT else ''})."
    if own := report.by_own_api:
        placed = ", ".join(f"{share.name} at {share.placement.provider}" for share in own[:20])
        yield (
            f"No provider in {sum(share.rows for share in own):,} rows, priced at the own API of "
            f"their models' creators: {placed}{' …' if len(own) > 20 else ''} "
            "(--no-own-api, --at-provider)."
        )
    for share in [share for share in report.shares if share.placement.endpoint is None][:20]:
        called = f"{share.name} at {share.called}" if share.called else share.name
        yield f"Not placed: {share.rows:,} rows of {called}: {share.placement.why}."


def _unpriced(report: LogReport) -> Iterator[str]:
    if report.at and report.as_run.assumed:
        assumed, day = report.as_run.assumed, f"{report.at:%Y-%m-%d}"
        yield f"  {assumed:,} requests at prices of {day}: theirs are unknown."
    for share in report.shares:
        if share.now and share.now.amount is None:
            why = (
                f"no {share.now.no_tier} tier"
                if share.now.no_tier
                else share.now.state.replace("_", " ")
            )
            of = f" for {', '.join(share.now.missing)}" if share.now.missing else ""
            where = f"{share.placement.model} at {share.placement.provider}"
            yield f"  {share.rows:,} requests of {where} have no price: {why}{of}."


def _move(move: Move) -> Iterator[str]:
    other = "" if move.same_model else " (ANOTHER MODEL)"
    meant = move.share.placement
    yield (
        f"  saves {_one(move.saving, move.currency)}: {meant.model} from {meant.provider} "
        f"to {move.to.provider}{other}, "
        f"{_one(move.now, move.currency)} → {_one(move.then, move.currency)}"
    )
    yield from (f"      {what}: {how}" for what, how in move.changes)


def _cost(row: CostSum) -> str:
    if not row.priced:
        return "no price known"
    part = "" if row.priced == row.rows else f" for {row.priced:,} of {row.rows:,} requests"
    return " + ".join(_one(amount, currency) for currency, amount in row.amounts.items()) + part


def _one(amount: Decimal, currency: str) -> str:
    whole, _, part = f"{amount:,f}".partition(".")
    return f"{'$' if currency == 'USD' else currency + ' '}{whole}.{part.rstrip('0'):0<2}"
