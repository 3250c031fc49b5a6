#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from config.environment import database_error_text, refuse


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(arguments)
    except OperationalError as error:
        if "--traceback" in arguments:
            raise
        refuse(database_error_text(error))


if __name__ == "__main__":
    main(sys.argv)
