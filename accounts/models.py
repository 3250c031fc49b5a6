"""Teams with their members, invitations, keys of programs, and whose tokens are believed."""

from django.conf import settings
from django.db import models


class Team(models.Model):
    """People who share an allowance. `allowance` is USD per 30 days; None: the setting's."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)
    allowance = models.DecimalField(
        "allowance in USD per 30 days", max_digits=12, decimal_places=2, null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class TeamRole(models.TextChoices):
    """A viewer sees what a team spends, a member spends, a manager also invites and sets limits."""

    VIEWER = "viewer", "viewer"
    MEMBER = "member", "member"
    MANAGER = "manager", "manager"


class Membership(models.Model):
    """A person in a team. `limit` is what the person may spend of its allowance; None: all."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=TeamRole, default=TeamRole.MEMBER)
    limit = models.DecimalField(
        "limit in USD per 30 days", max_digits=12, decimal_places=2, null=True, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("team", "user"), name="one_membership_a_team")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Allowance(models.Model):
    """What one person may spend in 30 days, where it is not the setting's."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="allowance"
    )
    amount = models.DecimalField("USD per 30 days", max_digits=12, decimal_places=2)

    def __str__(self) -> str:
        return f"{self.user}: ${self.amount} per 30 days"


class Invitation(models.Model):
    """A way in for one person, once. Only the SHA-256 of its secret is kept."""

    email = models.EmailField()
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)
    role = models.CharField(max_length=10, choices=TeamRole, default=TeamRole.MEMBER)
    digest = models.BinaryField(unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"invitation of {self.email}"


class TokenRule(models.Model):
    """Whose OIDC tokens are believed, and the team that their calls are charged to.

    A token of `issuer` for `audience` matches where every claim in `claims` has the stated value;
    `*` at its end stands for any rest. The rule with the most claims that match decides.
    """

    issuer = models.URLField(max_length=300)
    audience = models.CharField(max_length=300)
    claims = models.JSONField(default=dict, blank=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="token_rules")

    def __str__(self) -> str:
        return f"tokens of {self.issuer} for {self.audience}"


class KeyKind(models.TextChoices):
    INGEST = "ingest", "telemetry in (OTLP)"
    API = "api", "models and API"


class Key(models.Model):
    """A key of a program. Only its SHA-256 is kept: a random secret needs no slow hash.

    `prefix` is the beginning of the secret, by which people tell keys apart. `scope` narrows what
    the key is for: of an ingest key, the origin that its calls are counted under. Calls of an API
    key are charged to `team`, else to `owner`; `limit` is what it may spend, None: no more than
    they may.
    """

    kind = models.CharField(max_length=10, choices=KeyKind)
    name = models.CharField(max_length=100, help_text="Where the key is used.")
    prefix = models.CharField(max_length=30, editable=False)
    digest = models.BinaryField(unique=True, editable=False)
    scope = models.CharField(max_length=50, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="keys",
    )
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="keys"
    )
    limit = models.DecimalField(
        "limit in USD per 30 days", max_digits=12, decimal_places=2, null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
