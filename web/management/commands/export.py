"""`manage.py export litellm-proxy > config.yaml`: the catalog as a file of another program."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from playground.endpoints import called_endpoints
from web.exports.litellm_proxy import litellm_proxy

FORMATS = ("litellm-proxy",)


class Command(BaseCommand):
    help = (
        "Write the catalog in a format of another program. litellm-proxy: the endpoints of the "
        "providers that a key is set for; where none is, of all that this program can call."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=", ".join(FORMATS))
        parser.add_argument(
            "--model", action="append", default=[], metavar="SLUG", help="this model; repeatable"
        )
        parser.add_argument(
            "--provider", action="append", default=[], metavar="SLUG", help="at it; repeatable"
        )
        parser.add_argument("--all", action="store_true", help="providers without a key, too")

    def handle(self, *words: Any, **options: Any) -> None:
        now = timezone.now()
        endpoints = [] if options["all"] else called_endpoints(now)
        if not endpoints:
            endpoints = called_endpoints(now, with_key=False)
            if not options["all"]:
                self.stderr.write("No key of a provider is set: all that can be called follow.")
        models, providers = options["model"], options["provider"]
        chosen = [
            endpoint
            for endpoint in endpoints
            if (not models or endpoint.model in models)
            and (not providers or endpoint.provider in providers)
        ]
        if not chosen:
            raise CommandError("No endpoint fits: see --model, --provider and --all.")
        for text in litellm_proxy(chosen, now, settings.PUBLIC_URL):
            self.stdout.write(text, ending="")
