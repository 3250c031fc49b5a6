"""What a provider does with what is sent to an endpoint: the words of the data policy."""

from django.db import models


class Training(models.TextChoices):
    NO = "no"
    OPT_OUT = "opt_out", "opt-out"
    OPT_IN = "opt_in", "opt-in"
    YES = "yes"
    UNKNOWN = "unknown"


class Retention(models.TextChoices):
    NONE = "none"
    IN_MEMORY = "in_memory", "in memory"
    DAYS = "days"
    INDEFINITE = "indefinite"
    UNKNOWN = "unknown"


class ZDR(models.TextChoices):
    DEFAULT = "default"
    ON_REQUEST = "on_request", "on request"
    CONTRACT = "contract"
    WITH_EXCEPTIONS = "with_exceptions", "with exceptions"
    NO = "no"
    UNKNOWN = "unknown"


class PolicyBasis(models.TextChoices):
    PROVIDER_DEFAULT = "provider_default", "the provider's default"
    GATEWAY_AGREEMENT = "gateway_agreement", "a gateway's agreement"
    OWN_CONTRACT = "own_contract", "your own contract"
