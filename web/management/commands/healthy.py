"""`manage.py healthy beat`: ends with code 1 when its last sign of life is missing or old."""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from web.reads.health import OLD_AFTER_SECONDS, heartbeat_ages, heartbeat_warning


class Command(BaseCommand):
    help = "For health checks of containers: whether beat, or any worker, has left a fresh sign."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=OLD_AFTER_SECONDS)

    def handle(self, *words: Any, **options: Any) -> None:
        name = options["name"]
        with connection.cursor() as cursor:
            seconds = heartbeat_ages(cursor).get(name)
        if warning := heartbeat_warning(name, seconds):
            raise CommandError(warning)
        self.stdout.write(f"The last sign of life of {name} was {seconds:.0f} seconds ago.")
