"""Kinds of providers, and which of them serve models directly. Pure."""

from catalog.vocabulary import Vocabulary


class ProviderKind(Vocabulary):
    FIRST_PARTY = "first-party", "first-party"
    CLOUD = "cloud", "cloud"
    INFERENCE_HOST = "inference-host", "inference host"
    GATEWAY = "gateway", "gateway"
    RESELLER = "reseller", "reseller"
    PLAN = "plan", "subscription plan"
    LOCAL = "local", "local"


# They run models themselves, the most direct first; others pass requests on or are paid otherwise.
DIRECT = (ProviderKind.FIRST_PARTY, ProviderKind.CLOUD, ProviderKind.INFERENCE_HOST)
# Not billed by use: a plan is paid by the month, a local runtime is the user's own machine.
UNBILLED = (ProviderKind.PLAN, ProviderKind.LOCAL)


def direct_sql(table: str) -> str:
    return f"{table}.kind IN ({_quoted(DIRECT)})"


def directness_sql(table: str) -> str:
    return f"array_position(ARRAY[{_quoted(DIRECT)}], {table}.kind::text) NULLS LAST"


def billed_sql(table: str) -> str:
    return f"{table}.kind NOT IN ({_quoted(UNBILLED)})"


def _quoted(kinds: tuple[ProviderKind, ...]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in kinds)
