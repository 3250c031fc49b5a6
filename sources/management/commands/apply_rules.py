"""Decide links and facts anew where the rules have changed since they were decided."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from pricing.slips import Watch
from sources.reconcile import reconcile


class Command(BaseCommand):
    help = "After an upgrade: decide links and facts anew where the rules have changed."

    def handle(self, *args: Any, **options: Any) -> None:
        # No source states anything new: what our rules change is no jump of theirs.
        counts = reconcile([], now=timezone.now(), watch=Watch.USUAL)
        for what, count in sorted(counts.items()):
            self.stdout.write(f"  {count:>8,} {what}")
