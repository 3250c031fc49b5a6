"""Keys of programs: hashed, and shown once."""

from django.conf import settings
from django.db import models


class KeyKind(models.TextChoices):
    INGEST = "ingest", "telemetry in (OTLP)"
    API = "api", "models and API"


class Key(models.Model):
    """A key of a program. Only its SHA-256 is kept: a random secret needs no slow hash.

    `prefix` is the beginning of the secret, by which people tell keys apart. `scope` narrows what
    the key is for: of an ingest key, the origin that its calls are counted under.
    """

    kind = models.CharField(max_length=10, choices=KeyKind)
    name = models.CharField(max_length=100, help_text="Where the key is used.")
    prefix = models.CharField(max_length=30, editable=False)
    digest = models.BinaryField(unique=True, editable=False)
    scope = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False
    )
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
