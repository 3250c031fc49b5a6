"""A person's account and a team's page: what is left, what was spent on what, keys and members."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import User

from accounts.models import Key, KeyKind, Membership, TeamRole
from accounts.payers import SPENDING_ROLES, Payer
from accounts.teams import manages
from playground.limits import Spending, spendings
from web.reads.spending import (
    PAGE_SIZE,
    SpentEntry,
    SpentOn,
    Whose,
    newest_entries,
    number_of_entries,
    spent_by,
    spent_by_members,
)

_OF_PERSON = (
    ("model", "By model"),
    ("provider", "By provider"),
    ("day", "By day"),
    ("key", "By key"),
)
_OF_TEAM = (*_OF_PERSON[:3], ("person", "By person"), ("key", "By key"))


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key without its secret. `state` is valid, revoked or expired."""

    id: int
    name: str
    prefix: str
    charged_to: str
    limit: Decimal | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    state: str
    reads_only: bool


@dataclass(frozen=True, slots=True)
class SpentTable:
    title: str
    rows: Sequence[SpentOn]


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent in 30 days, by each of several things, and a page of calls."""

    limits: Sequence[Spending]
    tables: Sequence[SpentTable]
    entries: Sequence[SpentEntry]
    number: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.number // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class AccountPage:
    spent: Spent
    keys: Sequence[ShownKey]
    memberships: Sequence[Membership]
    key_teams: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownMember:
    id: int
    name: str
    role: str
    role_name: str
    limit: Decimal | None
    spent: Decimal
    is_self: bool


@dataclass(frozen=True, slots=True)
class TeamPage:
    membership: Membership
    manages: bool
    spent: Spent
    members: Sequence[ShownMember]
    keys: Sequence[ShownKey]
    roles: Sequence[tuple[str, str]]


def account_page(user: User, page: int, now: datetime) -> AccountPage:
    memberships = list(
        Membership.objects.filter(user=user).select_related("team").order_by("team__name")
    )
    keys = Key.objects.filter(owner=user, kind=KeyKind.API).select_related("team")
    return AccountPage(
        spent=_spent(Whose(user_id=user.pk), Payer(user.pk, None), _OF_PERSON, page, now),
        keys=_keys(keys.order_by("-created_at"), now),
        memberships=memberships,
        key_teams=[
            (membership.team.slug, membership.team.name)
            for membership in memberships
            if membership.role in SPENDING_ROLES
        ],
    )


def team_page(membership: Membership, page: int, now: datetime) -> TeamPage:
    team = membership.team
    whose = Whose(team_id=team.pk)
    spent = _spent(whose, Payer(None, team.pk), _OF_TEAM, page, now)
    amounts = spent_by_members(whose, now)
    members = Membership.objects.filter(team=team).select_related("user").order_by("user__username")
    return TeamPage(
        membership=membership,
        manages=manages(membership),
        spent=spent,
        members=[
            ShownMember(
                id=member.pk,
                name=member.user.get_username(),
                role=member.role,
                role_name=member.get_role_display(),
                limit=member.limit,
                spent=amounts.get(member.user_id, Decimal(0)),
                is_self=member.pk == membership.pk,
            )
            for member in members
        ],
        keys=_keys(team.keys.filter(kind=KeyKind.API).order_by("-created_at"), now),
        roles=TeamRole.choices,
    )


def _spent(
    whose: Whose, payer: Payer, groups: Sequence[tuple[str, str]], page: int, now: datetime
) -> Spent:
    number = number_of_entries(whose)
    last = max(1, -(-number // PAGE_SIZE))
    shown = min(page, last)
    return Spent(
        limits=spendings(payer, now),
        tables=[SpentTable(title, spent_by(whose, group, now)) for group, title in groups],
        entries=newest_entries(whose, shown),
        number=number,
        page=shown,
    )


def _keys(keys: Iterable[Key], now: datetime) -> list[ShownKey]:
    return [
        ShownKey(
            id=key.pk,
            name=key.name,
            prefix=key.prefix,
            charged_to=key.team.name if key.team else "me",
            limit=key.limit,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
            state=_state(key, now),
            reads_only=bool(key.scope),
        )
        for key in keys
    ]


def _state(key: Key, now: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now else "valid"
