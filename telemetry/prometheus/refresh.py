"""Read the exporters' figures from Prometheus; what cannot be read keeps its last ones."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from telemetry.models import Day, Hour, PrometheusExporter, Slot
from telemetry.prometheus.answers import Sample
from telemetry.prometheus.client import (
    PrometheusClient,
    PrometheusFailed,
    QueryRefused,
    RunOver,
)
from telemetry.prometheus.readings import (
    COUNTS,
    HISTOGRAMS,
    Measurement,
    Measurements,
    Name,
    read_exporter,
)
from telemetry.prometheus.rollups import write_measured, write_rollups

# Seconds of a run: below the limits of its task, and below the time until the next one.
LONGEST_RUN = 200.0
# What "now" means: a P50 is of the last hour, an uptime of the last day.
HOUR, DAY = 3600, 86400

log = logging.getLogger("ratecard.telemetry")


@dataclass(frozen=True)
class Step:
    """A table of rollups: its step in seconds, how many a request, and how many at the start."""

    table: type[Slot] | type[Hour] | type[Day]
    until: str
    seconds: int
    a_request: int
    at_start: int


# A closed step is read again with the next one, for samples that arrive late.
STEPS = (
    Step(Slot, "slots_until", 300, 12, 288),
    Step(Hour, "hours_until", HOUR, 24, 168),
    Step(Day, "days_until", DAY, 10, 30),
)


def refresh(now: datetime) -> None:
    """Read all that is new of every enabled exporter. Does nothing without a setting."""
    if not settings.PROMETHEUS_URL:
        return
    exporters = list(PrometheusExporter.objects.filter(is_enabled=True))
    until = time.monotonic() + LONGEST_RUN
    run = PrometheusRun(exporters, now)
    try:
        with PrometheusClient(
            settings.PROMETHEUS_URL, settings.PROMETHEUS_TOKEN, until=until
        ) as client:
            run.read(client)
    except PrometheusFailed as failure:
        run.fail(exporters, str(failure))
    run.finish()


class PrometheusRun:
    """One run over the exporters. A name belongs to the first exporter that has it."""

    def __init__(self, exporters: list[PrometheusExporter], now: datetime) -> None:
        self._exporters, self._now = exporters, now
        self._errors: dict[int, str] = {}
        self._left_out: dict[int, Counter[str]] = {row.pk: Counter() for row in exporters}
        self._owners: dict[Name, int] = {}
        self._found: list[tuple[PrometheusExporter, dict[Name, Measurement]]] = []

    def read(self, client: PrometheusClient) -> None:
        """What is measured now, of all exporters, before the past of any."""
        try:
            self._each(lambda exporter: self._read_now(client, exporter))
        except RunOver:
            read = {exporter.pk for exporter, _ in self._found}
            unread = [exporter for exporter in self._exporters if exporter.pk not in read]
            self.fail(
                unread, f"Prometheus was too slow to read every exporter in {LONGEST_RUN:.3g} s."
            )
            return
        try:
            for step in STEPS:
                self._each(lambda exporter, step=step: self._read_past(client, exporter, step))  # type: ignore[misc]
        except RunOver:
            log.info("Prometheus: the rest of the past is read by the next run")

    def fail(self, exporters: list[PrometheusExporter], sentence: str) -> None:
        for exporter in exporters:
            self._errors.setdefault(exporter.pk, sentence)

    def finish(self) -> None:
        write_measured(self._found, self._now, is_whole=not self._errors)
        for exporter in self._exporters:
            row = PrometheusExporter.objects.filter(pk=exporter.pk)
            error = self._errors.get(exporter.pk, "")
            if error:
                if not exporter.failing_since:
                    log.warning("Prometheus, %s: %s", exporter.name, error)
                since = Coalesce("failing_since", Value(self._now))
                row.update(error=error[:500], failing_since=since)
            else:
                if exporter.failing_since:
                    log.info("Prometheus, %s: read again", exporter.name)
                left_out = dict(self._left_out[exporter.pk])
                row.update(error="", failing_since=None, read_at=self._now, left_out=left_out)

    def _each(self, read: Callable[[PrometheusExporter], None]) -> None:
        for exporter in self._exporters:
            if exporter.pk not in self._errors:
                try:
                    read(exporter)
                except QueryRefused as refused:
                    self._errors[exporter.pk] = str(refused)

    def _read_now(self, client: PrometheusClient, exporter: PrometheusExporter) -> None:
        at = int(self._now.timestamp())
        readings: dict[Name, Measurement] = {}
        for figures, window in ((HISTOGRAMS, HOUR), (COUNTS, DAY)):

            def ask(query: str, window: int = window) -> list[Sample]:
                return client.at(_of(query, window), at)

            found = self._named(exporter, ask, figures)
            for name, reading in found.get(at, {}).items():
                readings.setdefault(name, Measurement()).add(reading)
        self._found.append((exporter, readings))

    def _read_past(
        self, client: PrometheusClient, exporter: PrometheusExporter, step: Step
    ) -> None:
        seconds = step.seconds
        last = int(self._now.timestamp()) // seconds * seconds
        until: datetime | None = getattr(exporter, step.until)
        oldest = last - step.at_start * seconds
        end = max(int(until.timestamp()), oldest) if until else oldest
        while end < last:
            first, end = end, min(end + step.a_request * seconds, last)

            def ask(query: str, first: int = first, end: int = end) -> list[Sample]:
                return client.over(_of(query, seconds), first, end, seconds)

            readings = self._named(exporter, ask, (*HISTOGRAMS, *COUNTS))
            with transaction.atomic():
                write_rollups(step.table, readings, seconds, self._now)
                change: dict[str, Any] = {step.until: datetime.fromtimestamp(end, UTC)}
                PrometheusExporter.objects.filter(pk=exporter.pk).update(**change)

    def _named(
        self,
        exporter: PrometheusExporter,
        ask: Callable[[str], list[Sample]],
        figures: tuple[str, ...],
    ) -> Measurements:
        """The readings of the names that belong to the exporter."""
        left_out = self._left_out[exporter.pk]
        readings = read_exporter(exporter, ask, left_out, figures)
        for by_name in readings.values():
            for name in list(by_name):
                if self._owners.setdefault(name, exporter.pk) != exporter.pk:
                    del by_name[name]
                    left_out["of another exporter, too"] += 1
        return readings


def _of(query: str, window: int) -> str:
    return query.replace("$window", f"{window}s")
