"""No page of an account or a team has a barrier that axe finds."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from accounts.keys import make_owned_key
from accounts.models import Invitation, Membership, Team
from playground.models import LedgerEntry
from tests.browser.test_axe import barriers
from tests.browser.test_sign_in import PAGES as SIGN_IN_PAGES
from tests.browser.test_sign_in import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("", "prices/", "teams/search/", *SIGN_IN_PAGES)


@pytest.fixture(autouse=True)
def account() -> None:
    """A person who has spent, of a team with keys, members and an invitation."""
    ada = User.objects.create_superuser("ada", "ada@example.com", "right")
    ben = User.objects.create_user("ben", "ben@example.com", "right")
    team = Team.objects.create(name="Search", slug="search", allowance=Decimal(50))
    Membership.objects.create(team=team, user=ada, role="manager")
    Membership.objects.create(team=team, user=ben, role="member", limit=Decimal("1.5"))
    now = timezone.now()
    make_owned_key("ci", owner=ada, team_id=None, limit=Decimal(1), expires_at=now, scope="")
    make_owned_key("nightly", owner=None, team_id=team.pk, limit=None, expires_at=None, scope="")
    Invitation.objects.create(
        email="eve@example.com",
        team=team,
        role="member",
        digest=b"1",
        created_by=ada,
        expires_at=now + timedelta(days=7),
    )
    for number in range(30):
        LedgerEntry.objects.create(
            user=ada,
            team=team if number % 3 else None,
            way=LedgerEntry.Way.PAGE,
            provider_slug="openai",
            model_slug="openai/o4-mini",
            began_at=now - timedelta(hours=number),
            held=Decimal(1),
            spent=Decimal("0.0123") if number % 5 else None,
            outcome="ok" if number % 5 else "",
        )


@pytest.mark.parametrize("width", [1300, 360])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_barrier_on_pages_of_accounts(browser, live_server, theme, width):
    address = f"{live_server.url}/account/"
    assert barriers(browser, [f"{address}sign-in/"], theme, width) == {}
    sign_in(browser, live_server.url)
    assert barriers(browser, [f"{address}{page}" for page in PAGES], theme, width) == {}
