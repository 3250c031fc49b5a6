"""Who a call is charged to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payer:
    """A person, a team, or both: a person's call for a team. `subject` is that of an OIDC token.

    `name` is what sentences call the payer.
    """

    user_id: int | None
    team_id: int | None
    key_id: int | None = None
    subject: str = ""
    name: str = ""
