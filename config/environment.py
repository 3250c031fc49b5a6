"""The environment, read once: every variable checked, an odd value refused with one sentence."""

import os
import re
import secrets
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from environs import Env, EnvError

from config.embedded import Unavailable

# PostgreSQL stops when there is no place for a file of its log, which has 16 MB.
FULL_BYTES = 32_000_000

ROOT = Path(__file__).resolve().parent.parent


def refuse(sentence: str) -> NoReturn:
    sys.exit(f"ratecard: {sentence}")


def read_environment() -> Env:
    """The variables of the process, then of `.env` or of the file named by RATECARD_ENV_FILE."""
    env = Env()
    path = Path(os.environ.get("RATECARD_ENV_FILE", ROOT / ".env"))
    if path.is_file():
        env.read_env(str(path), recurse=False)
    return env


def prepare_home(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        refuse(
            f"cannot write to the data folder {path} ({error.strerror}). "
            "Give this user write access to it, or set RATECARD_HOME to another folder."
        )
    return path


def kept_secret_key(home: Path) -> str:
    """The key of this install, made whole or not at all; the first of several starts wins."""
    path = home / "secret_key"
    if not path.exists():
        new = home / f".secret_key-{os.getpid()}"
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
            with suppress(FileExistsError):
                path.hardlink_to(new)
        except OSError as error:
            refuse(f"cannot write {path} ({error.strerror}).")
        finally:
            new.unlink(missing_ok=True)
    return path.read_text().strip() or refuse(f"{path} is empty. Delete it and start again.")


def full_disk_text(home: Path) -> str:
    """A sentence when the data folder's disk is full, "" when it is not."""
    free = shutil.disk_usage(home).free
    if free >= FULL_BYTES:
        return ""
    return (
        f"the disk of the data folder {home} is full ({free / 1e6:,.1f} MB are free). "
        "Free some space on it, then start again: what was written is whole."
    )


# Of keys from tutorials, templates and generators for development.
_PLACEHOLDERS = re.compile(
    r"insecure|change.?(me|this|it)|replace.?(me|this|it)|secret.?key|placeholder|do.?not.?use",
    re.IGNORECASE,
)
SHORTEST_KEY, FEWEST_CHARACTERS = 32, 11


def refuse_weak_key(key: str) -> None:
    weakness = (
        f"has fewer than {SHORTEST_KEY} characters"
        if len(key) < SHORTEST_KEY
        else f"consists of fewer than {FEWEST_CHARACTERS} different characters"
        if len(set(key)) < FEWEST_CHARACTERS
        else "is a placeholder"
        if _PLACEHOLDERS.search(key)
        else ""
    )
    if weakness:
        refuse(
            f"SECRET_KEY {weakness}, so that sessions could be forged. Unset it to get one made, "
            "or set the output of: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'."
        )


def environment_error_text(error: EnvError) -> str:
    return f"{error}. Correct it in the environment or in .env, or unset it to get the default."


def database_error_text(error: Exception) -> str:
    cause = error.__cause__
    if isinstance(cause, Unavailable):
        return str(cause)
    first_line = (str(error).splitlines() or ["no reason given"])[0].rstrip(".")
    if getattr(cause, "sqlstate", None):  # it answered, so it can be reached
        return f"the database refused: {first_line}."
    return (
        f"the database cannot be reached ({first_line}). Start it, correct DATABASE_URL, "
        "or unset DATABASE_URL to get the one that comes with Ratecard."
    )
