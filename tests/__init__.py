"""The tests run in a folder of their own, on a real PostgreSQL of their own, with nobody's `.env`.

This is said here because it must be said before anything reads the settings.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import django

HOME = Path(tempfile.mkdtemp(prefix="ratecard-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
HOME.chmod(0o711)  # as root, PostgreSQL runs under another account

os.environ["RATECARD_HOME"] = str(HOME)
os.environ["RATECARD_ENV_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
