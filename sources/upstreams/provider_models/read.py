"""What an account can reach: a provider's own `GET /v1/models`, with the operator's key.

It states which of the ids that other sources list there are, when they are shut down (OpenAI's
`shutdown_date`), and here and there a limit; never a price. Other ids stay unnamed: the account's
own, and those that it alone may see already.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.known_providers import PROVIDERS
from sources.base import Answer, EndpointRule, Http, Parsed, Source, WrongShape
from sources.reading import (
    FieldReader,
    is_upstream_id,
    newest,
    read_json,
    without_blanks,
)
from sources.upstreams.provider_models.fields import ACCOUNTS, CONTEXT

MODELS = "models"
# `ft:gpt-4.1:acme::id`: an account's own.
_FINE_TUNED = re.compile(r"^ft:|[:/-]ft[:-]", re.IGNORECASE)
_SETTING = re.compile(r"RATECARD_PROVIDER_([A-Z0-9_]+)_URL")


class AccountModels(Source):
    licence = ""
    covers_others = True

    def __init__(self, provider: str, key_name: str, url: str) -> None:
        known = PROVIDERS.get(provider)
        self.provider, self.key_name, self.url = provider, key_name, f"{url.rstrip('/')}/"
        self.has_set_address = url != ACCOUNTS.get(provider, ("", ""))[1]
        self.slug = f"account-{provider}"
        self.name = f"{known[0] if known else provider}, this account"

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        return Answer(as_of=now, pages={MODELS: http.get(MODELS)})

    def parse(self, answer: Answer) -> Parsed:
        """Read the list; one without an envelope too, as Together has it."""
        root = read_json(answer.pages[MODELS], self.name)
        rows = root.get("data") if isinstance(root, dict) else root
        if not isinstance(rows, list) or not any(isinstance(row, dict) for row in rows):
            raise WrongShape(f"{self.name} gave JSON without a list of models.")
        reading = FieldReader()
        models = [without_blanks(row) for row in rows if isinstance(row, dict)]
        stated: dict[str, dict[str, Any]] = {}
        for model in models:
            upstream_id = model.get("id")
            if not is_upstream_id(upstream_id):
                reading.odd("id")
            elif _FINE_TUNED.search(upstream_id):
                reading.miss("fine-tuned model of the account")
            elif upstream_id in stated:
                reading.miss("second listing of an id")
            else:
                stated[upstream_id] = _facts(model, reading)
        if not (stated or reading.not_expressed["fine-tuned model of the account"]):
            raise WrongShape(f"{self.name} gave a list without a single model in it.")
        created = [reading.instant(m, "created") for m in models if "created" in m]
        return Parsed(
            source=self.slug,
            as_of=newest(created, answer.as_of),
            listings=(),
            not_expressed=reading.not_expressed,
            rules=tuple(
                EndpointRule(self.provider, ids=(upstream_id,), facts=facts)
                for upstream_id, facts in stated.items()
            ),
            only_known=True,
        )


def _facts(model: Mapping[str, Any], reading: FieldReader) -> dict[str, Any]:
    limits = [reading.tokens(model, field) for field in CONTEXT if field in model]
    return without_blanks(
        {
            "retired_on": reading.day(model, "shutdown_date"),
            "context_window": next(filter(None, limits), None),
        }
    )


def accounts(environment: Mapping[str, str]) -> dict[str, AccountModels]:
    """The sources for which a key is set, by slug.

    RATECARD_PROVIDER_<SLUG>_URL gives a provider another base, or one that has none in the table:
    its key is then <SLUG>_API_KEY.
    """
    settings = {
        named[1].lower().replace("_", "-"): address
        for name, address in environment.items()
        if (named := _SETTING.fullmatch(name)) and address
    }
    wanted = ACCOUNTS | {
        provider: (
            ACCOUNTS[provider][0] if provider in ACCOUNTS else f"{_upper(provider)}_API_KEY",
            address,
        )
        for provider, address in settings.items()
    }
    found = (
        AccountModels(provider, key_name, address)
        for provider, (key_name, address) in sorted(wanted.items())
        if environment.get(key_name, "").strip()
    )
    return {source.slug: source for source in found}


def _upper(slug: str) -> str:
    return slug.upper().replace("-", "_")
