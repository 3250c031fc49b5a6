"""`manage.py make_key ingest gateway`: makes a key and prints it once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.keys import make_key
from accounts.models import KeyKind


class Command(BaseCommand):
    help = "Make a key of a program and print it. It is not kept: only its hash is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=KeyKind.values, metavar="KIND")
        parser.add_argument("name", metavar="NAME", help="where the key is used")
        parser.add_argument("--scope", default="", help="of an ingest key: demo, for made-up calls")

    def handle(self, *words: Any, **options: Any) -> None:
        _, secret = make_key(
            KeyKind(options["kind"]), options["name"][:100], scope=options["scope"][:50]
        )
        self.stdout.write(secret)
        self.stderr.write("This is the only time that the key is shown.")
