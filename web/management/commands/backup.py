"""`manage.py backup FILE`: the catalog, its editors' work and the accounts in one file."""

import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from web.management.backups import Contents, write_backup

MAIN_TABLES = {
    "models": "catalog_model",
    "endpoints": "catalog_endpoint",
    "rates": "pricing_rate",
    "overrides": "catalog_override",
    "accounts": "auth_user",
}


class Command(BaseCommand):
    help = (
        "Write the database to FILE, also while Ratecard runs: beside it, read back, then renamed."
        " A failure leaves an older FILE as it was."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *words: Any, **options: Any) -> None:
        # Through SystemExit, so that nothing is left beside the file.
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
        path = options["file"]
        contents = write_backup(path)
        size = path.stat().st_size / 1e6
        self.stdout.write(f"{path}: {size:,.1f} MB, {main_rows(contents)}.")


def main_rows(contents: Contents) -> str:
    return ", ".join(
        f"{contents.rows.get(table, 0):,} {word}" for word, table in MAIN_TABLES.items()
    )
