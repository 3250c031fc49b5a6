"""Decide links and facts anew where the rules have changed since they were decided."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from sources.reconcile import reconcile


class Command(BaseCommand):
    help = "After an upgrade: decide links and facts anew where the rules have changed."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, count in sorted(reconcile([], now=timezone.now()).items()):
            self.stdout.write(f"  {count:>8,} {what}")
