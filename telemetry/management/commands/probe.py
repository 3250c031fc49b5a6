"""Call endpoints, and print what they showed: time to the first token, throughput, cost."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from telemetry.models import ProbeRun
from telemetry.probe import probe_endpoint
from telemetry.probe_budget import NotProbed
from telemetry.probed_endpoints import ProbeChoice, ProbedEndpoint, probe_choice, workload


class Command(BaseCommand):
    help = "Probe endpoints now, within the budget of the day; by default those of the schedule."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "endpoint",
            nargs="*",
            help="MODEL@PROVIDER, as openai/o4-mini@azure, or @PROVIDER.",
        )
        parser.add_argument(
            "--list", action="store_true", help="Print what would be probed; call nothing."
        )

    def handle(self, *args: Any, endpoint: list[str], **options: Any) -> None:
        choice = probe_choice(timezone.now())
        if options["list"]:
            self._list(choice)
            return
        if not choice.access:
            raise CommandError(
                "No provider has a key: set one, as OPENAI_API_KEY, in the environment or in .env."
                " `probe --list` prints which."
            )
        named = self._named(endpoint) if endpoint else [chosen for chosen, _ in choice.endpoints]
        for chosen in named:
            name = f"{chosen.model} at {chosen.provider_name}"
            try:
                run = probe_endpoint(chosen.id, now=timezone.now())
            except NotProbed as reason:
                self.stdout.write(f"{name}: not probed. {reason}")
            else:
                self.stdout.write(f"{name}: {_shown(run)}")

    def _named(self, names: list[str]) -> list[ProbedEndpoint]:
        everything = probe_choice(timezone.now(), every=True)
        known = [endpoint for endpoint, _ in everything.endpoints]
        known += [endpoint for endpoint, _ in everything.refused]
        named = []
        for name in names:
            model, _, provider = name.rpartition("@")
            fitting = [
                endpoint
                for endpoint in known
                if endpoint.provider == provider
                and (not model or model in (endpoint.model, endpoint.upstream_id))
            ]
            reason = next((n.reason for n in everything.without if n.provider == provider), "")
            if not fitting:
                raise CommandError(reason or f"There is no endpoint {name} in use.")
            # A model may be sold under several ids: the one that stands for it is the first.
            named += fitting[:1] if model else fitting[: settings.PROBE_ENDPOINTS]
        return named

    def _list(self, choice: ProbeChoice) -> None:
        self.stdout.write(workload().definition)
        self.stdout.write(f"At most ${settings.PROBE_BUDGET:f} a provider and day.")
        for endpoint, _ in choice.endpoints:
            self.stdout.write(f"  {endpoint.model}@{endpoint.provider}")
        for endpoint, reason in choice.refused:
            self.stdout.write(f"  not {endpoint.model}@{endpoint.provider}: {reason}")
        for provider in choice.without:
            self.stdout.write(f"  {provider.reason}")


def _shown(run: ProbeRun) -> str:
    cost = f"${(run.spent or 0):.6f}"
    if run.sentence and run.outcome != ProbeRun.Ending.OK:
        return f"{run.get_outcome_display()}, {cost}. {run.sentence}"
    first = "no token" if run.first is None else f"first token {run.first:.3f} s"
    rate = "" if run.throughput is None else f", {run.throughput:,.0f} tokens/s"
    return f"{first}{rate}, {cost}. {run.sentence}".rstrip()
