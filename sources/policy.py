"""The data policy of an endpoint: what is stated of it, else what holds at its provider. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.data_policy import Retention
from sources.statement import Columns, Facts, Provenance

# What may come from an endpoint's own statement or, each apart, from its provider.
POLICY_VALUES = ("training", "retention", "zdr")


@dataclass(frozen=True, slots=True)
class ProviderPolicy:
    """The columns of a provider's data policy, with the provenance of the three values."""

    columns: Columns
    provenance: Provenance = field(default_factory=dict)


def policy_columns(facts: Facts) -> Columns:
    """The columns of the stated facts alone, and without those that stay at their default."""
    columns = {name: facts[name].value for name in POLICY_VALUES if name in facts}
    if columns.get("retention") == Retention.DAYS and "retention_days" in facts:
        columns["retention_days"] = facts["retention_days"].value
    for name in ("policy_basis", "policy_note"):
        if name in facts:
            columns[name] = facts[name].value
    if "policy_exceptions" in facts:
        columns["policy_exceptions"] = "\n".join(facts["policy_exceptions"].value)
    stated = [*POLICY_VALUES, "policy_note", "policy_exceptions"]
    evidence = next((facts[name] for name in stated if name in facts), None)
    if evidence:
        columns |= {"policy_url": evidence.url, "policy_checked_on": evidence.on}
    return columns


def endpoint_policy(facts: Facts, default: ProviderPolicy) -> tuple[Columns, Provenance]:
    """The settled policy; an unknown that is stated of the endpoint keeps its provider's value out.

    Exceptions of both count.
    """
    own = policy_columns(facts)
    stated = [name for name in POLICY_VALUES if name in own]
    columns = dict(default.columns)
    if "retention" in own:
        columns["retention_days"] = None
    exceptions = [own.pop("policy_exceptions", ""), columns.get("policy_exceptions", "")]
    if stated:
        columns |= {"policy_basis": "", "policy_note": ""}
    elif "policy_note" not in own:
        own = {}
    columns |= own
    columns["policy_exceptions"] = "\n".join(filter(None, exceptions))
    provenance = default.provenance | {name: facts[name].provenance for name in stated}
    return columns, provenance


def with_days_counted(columns: Mapping[str, object]) -> Columns:
    """Retention in days goes with their number, whichever of the two an editor overrides."""
    retention, days = columns.get("retention"), columns.get("retention_days")
    if retention == Retention.DAYS and days is None:
        return {**columns, "retention": Retention.UNKNOWN}
    return {**columns, "retention_days": days if retention == Retention.DAYS else None}
