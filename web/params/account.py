"""Forms of an account: a key, and a member of a team. Pure.

A complaint is a sentence for the person.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LONGEST_NAME = 100
_AMOUNT = re.compile(r"\$?(\d{1,9}(?:\.\d{1,2})?)", re.ASCII)
_PAGE = re.compile(r"[1-9]\d{0,5}", re.ASCII)


class Complaint(ValueError):
    """What is wrong with a form, in one sentence."""


@dataclass(frozen=True, slots=True)
class KeyForm:
    """`limit` is USD in 30 days, None for none of its own; `team` a slug, "" for one's own."""

    name: str
    team: str
    limit: Decimal | None
    expires_on: date | None
    reads_only: bool


def read_key_form(data: Mapping[str, str], today: date) -> KeyForm:
    """Raises Complaint."""
    name = " ".join(data.get("name", "").split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Complaint(f"Name the key by where it is used, in at most {LONGEST_NAME} letters.")
    text = data.get("expires", "").strip()
    try:
        expires = date.fromisoformat(text) if text else None
    except ValueError:
        raise Complaint("The last day is a date such as 2027-01-31.") from None
    if expires is not None and expires <= today:
        raise Complaint("The last day must lie ahead.")
    return KeyForm(
        name,
        data.get("team", "").replace("\x00", "")[:LONGEST_NAME],
        read_limit(data.get("limit", "")),
        expires,
        data.get("reads") == "1",
    )


def read_limit(text: str) -> Decimal | None:
    """USD in 30 days; None for an empty text. Raises Complaint."""
    if not text.strip():
        return None
    match = _AMOUNT.fullmatch(text.strip().replace(",", ""))
    if match is None:
        raise Complaint("The limit is an amount in US dollars, such as 2.50.")
    return Decimal(match[1])


def read_page(text: str) -> int:
    return int(text) if _PAGE.fullmatch(text) else 1
