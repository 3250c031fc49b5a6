#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from config.environment import database_error_text, full_disk_text, refuse


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(arguments)
    except Exception as error:
        if "--traceback" in arguments:
            raise
        # First of all: a full disk has many errors, of the database and of files.
        if settings.configured and (text := full_disk_text(settings.HOME)):
            refuse(text)
        if isinstance(error, OperationalError):
            refuse(database_error_text(error))
        raise


if __name__ == "__main__":
    main(sys.argv)
