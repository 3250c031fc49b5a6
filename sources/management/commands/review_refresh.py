"""List answers that are held or refused as older; accept, reject or roll back one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sources.models import WAITING, Refresh
from sources.review import ReviewRefused, accept, reject, roll_back


class Command(BaseCommand):
    help = "List the answers that are held or refused as older; accept, reject or roll back one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", nargs="?", type=int, help="The number of a refresh.")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--accept",
            action="store_true",
            help="Apply an answer that is held, or refused as older.",
        )
        what.add_argument("--reject", action="store_true", help="Refuse it, and the same later.")
        what.add_argument(
            "--roll-back",
            action="store_true",
            help="Return the source to what it stated before an applied refresh.",
        )
        parser.add_argument("--why", default="", help="The reason, which is kept.")

    def handle(self, *args: Any, id: int | None, why: str, **options: Any) -> None:  # noqa: A002
        decision = next((name for name in ("accept", "reject", "roll_back") if options[name]), None)
        if id is None:
            self._list()
            return
        refresh = Refresh.objects.select_related("source").filter(id=id).first()
        if refresh is None:
            raise CommandError(f"There is no refresh {id}.")
        if decision is None:
            self._describe(refresh)
            return
        if not why.strip():
            raise CommandError("Give a reason: --why TEXT.")
        try:
            if decision == "reject":
                reject(refresh, by=None, why=why, now=timezone.now())
                self.stdout.write(f"{refresh.source.name}: refresh {id} is rejected.")
                return
            decide = accept if decision == "accept" else roll_back
            counts = decide(refresh, by=None, why=why, now=timezone.now())
        except ReviewRefused as error:
            raise CommandError(str(error)) from error
        changes = [f"  {count:>8,} {what}" for what, count in sorted(counts.items())]
        done = "accepted" if decision == "accept" else "rolled back"
        self.stdout.write("\n".join([f"{refresh.source.name}: refresh {id} is {done}.", *changes]))

    def _list(self) -> None:
        waiting = Refresh.objects.filter(state__in=WAITING).select_related("source")
        for refresh in waiting:
            self.stdout.write(f"{refresh.id}  {refresh}")
            self.stdout.write(f"  {refresh.error}")
        if not waiting:
            self.stdout.write("No answer is held.")

    def _describe(self, refresh: Refresh) -> None:
        self.stdout.write(f"{refresh}: {refresh.get_state_display()}. {refresh.error}")
        found = refresh.difference
        for slug, counts in found.get("providers", {}).items():
            self.stdout.write(
                f"  {slug}: {counts['endpoints']} endpoints, {counts['removed']} removed,"
                f" {counts['added']} added; {counts['changed']} of {counts['prices']} prices"
                f" differ, {counts.get('facts', 0)} other facts"
            )
        for move in found.get("samples", ())[:20]:
            before, after = (
                "none" if price is None else price.get("amount", price["state"])
                for price in (move["before"], move["after"])
            )
            self.stdout.write(
                f"  {move['provider']} {move['id']} {move['meter']}: {before} → {after}"
            )
        for fact in found.get("fact_samples", ())[:20]:
            self.stdout.write(
                f"  {fact['provider']} {fact['id']} {fact['field'].replace('_', ' ')}:"
                f" {fact['before']} → {fact['after']}"
            )
