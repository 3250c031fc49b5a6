"""A data policy in words, with its basis and evidence. Pure."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from catalog.data_policy import IN_DOUBT, ZDR, PolicyBasis, Retention, Training
from web.format.figures import partial_date

# Empty is unknown, which never shows as a yes.
ZDR_IN_WORDS: dict[str, str] = {
    ZDR.DEFAULT: "Yes",
    ZDR.ON_REQUEST: "On request",
    ZDR.CONTRACT: "By contract",
    ZDR.WITH_EXCEPTIONS: "With exceptions",
    ZDR.NO: "No",
    ZDR.UNKNOWN: "",
}
NO_TRAINING_IN_WORDS: dict[str, str] = {
    Training.NO: "Yes",
    Training.OPT_IN: "Yes, unless you opt in",
    Training.OPT_OUT: "On request",
    Training.YES: "No",
    Training.UNKNOWN: "",
}
_RETENTION_IN_WORDS: dict[str, str] = {
    Retention.NONE: "nothing",
    Retention.IN_MEMORY: "in memory only",
    Retention.INDEFINITE: "without an end",
}
_BASIS_IN_WORDS: dict[str, str] = {
    PolicyBasis.PROVIDER_DEFAULT: "The provider’s default",
    PolicyBasis.GATEWAY_AGREEMENT: "The gateway’s own agreement",
    PolicyBasis.OWN_CONTRACT: "Your own contract",
}


class DataPolicyColumns(Protocol):
    """The columns of a data policy; `policy_exceptions` has a sentence on each line."""

    @property
    def zdr(self) -> str: ...
    @property
    def training(self) -> str: ...
    @property
    def retention(self) -> str: ...
    @property
    def retention_days(self) -> int | None: ...
    @property
    def policy_basis(self) -> str: ...
    @property
    def policy_note(self) -> str: ...
    @property
    def policy_exceptions(self) -> str: ...
    @property
    def policy_url(self) -> str: ...
    @property
    def policy_checked_on(self) -> str: ...


@dataclass(frozen=True, slots=True)
class PolicyInWords:
    """Answers are "" where unknown. `site` is the host of `url`, the evidence; both may be ""."""

    zdr: str
    no_training: str
    retention: str
    basis: str
    note: str
    exceptions: tuple[str, ...]
    url: str
    site: str
    checked: str

    def __bool__(self) -> bool:
        return bool(self.zdr or self.no_training or self.retention or self.note)

    @property
    def aside(self) -> str:
        """Basis, doubt, exceptions and date, as hover text beside an answer."""
        doubt = self.note.partition(IN_DOUBT)[2].rstrip(".")
        parts = (
            self.basis,
            f"{IN_DOUBT.strip()} {doubt}" if doubt else "",
            f"Except: {' '.join(self.exceptions)}".rstrip(".") if self.exceptions else "",
            f"Checked {self.checked}" if self.checked else "",
        )
        return ". ".join(filter(None, parts))


def policy_in_words(policy: DataPolicyColumns) -> PolicyInWords:
    return _in_words(
        policy.zdr,
        policy.training,
        retention(policy),
        policy.policy_basis,
        policy.policy_note,
        policy.policy_exceptions,
        policy.policy_url,
        policy.policy_checked_on,
    )


# Most endpoints of a provider have the provider's own policy.
@lru_cache(maxsize=4096)
def _in_words(
    zdr: str,
    training: str,
    kept: str,
    basis: str,
    note: str,
    exceptions: str,
    url: str,
    checked_on: str,
) -> PolicyInWords:
    is_page = url.startswith(("https://", "http://"))
    return PolicyInWords(
        zdr=ZDR_IN_WORDS[zdr],
        no_training=NO_TRAINING_IN_WORDS[training],
        retention=kept,
        basis=_BASIS_IN_WORDS.get(basis, ""),
        note=note,
        exceptions=tuple(filter(None, exceptions.splitlines())),
        url=url if is_page else "",
        site=urlsplit(url).netloc.removeprefix("www.") if is_page else "",
        checked=partial_date(checked_on),
    )


def retention(policy: DataPolicyColumns) -> str:
    days = policy.retention_days
    in_days = f"{days} day{'s' if days != 1 else ''}" if days else ""
    return _RETENTION_IN_WORDS.get(policy.retention, in_days)
