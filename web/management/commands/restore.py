"""`manage.py restore FILE`: the database as a backup has it."""

import sys
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from web.management.backups import read_back, refuse_newer, refuse_others_tables, restore_backup
from web.management.commands.backup import main_rows


class Command(BaseCommand):
    help = (
        "Replace the whole database by what `manage.py backup` wrote to FILE, or nothing of it,"
        " migrated to this version, also while Ratecard runs."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--yes", action="store_true", help="replace overrides of editors without a question"
        )

    def handle(self, *words: Any, **options: Any) -> None:
        path = options["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}.")
        contents = read_back(path)
        refuse_newer(path, contents)
        refuse_others_tables()
        if not options["yes"]:
            ask(overrides())
        restore_backup(path)
        self.stdout.write(f"Restored from {path}: {main_rows(contents)}.")


def overrides() -> int:
    """The number of editors' overrides that a restore would replace."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('catalog_override')")
        if cursor.fetchone() == (None,):
            return 0
        cursor.execute("SELECT count(*) FROM catalog_override")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def ask(count: int) -> None:
    if not count:
        return
    if not sys.stdin.isatty():
        raise CommandError(
            f"the catalog has {count:,} overrides of editors, which a restore replaces. "
            "Write a backup first, then repeat with --yes."
        )
    answer = input(f"Replace the catalog with its {count:,} overrides of editors? [y/N] ")
    if answer.strip().lower() not in ("y", "yes"):
        raise CommandError("nothing was restored.")
