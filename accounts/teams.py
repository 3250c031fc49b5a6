"""What a role in a team may do, in one place."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from accounts.models import Membership, TeamRole


def membership_of(user: AbstractBaseUser | AnonymousUser, slug: str) -> Membership | None:
    """The membership of a signed-in person, None for others: to them the team is not there."""
    if not user.is_authenticated or "\x00" in slug:
        return None
    found = Membership.objects.filter(user_id=user.pk, team__slug=slug)
    return found.select_related("team").first()


def manages(membership: Membership) -> bool:
    """Whether a member changes roles and limits, removes members, and makes keys of the team."""
    return membership.role == TeamRole.MANAGER


def is_last_manager(membership: Membership) -> bool:
    """Whether a team would be left without a manager."""
    others = Membership.objects.filter(team_id=membership.team_id, role=TeamRole.MANAGER)
    return manages(membership) and not others.exclude(pk=membership.pk).exists()
