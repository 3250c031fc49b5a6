"""The playground: what its form offers, and the calls that it makes."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from accounts.models import Membership
from accounts.payers import SPENDING_ROLES, NoPayer, Payer, payer_of_user
from playground.attempts import model_of
from playground.demo import ENDPOINT as DEMO
from playground.demo import MODEL as DEMO_MODEL
from playground.endpoints import (
    CallableEndpoint,
    NotCalled,
    called_endpoints,
    endpoints_of,
    has_key,
)
from playground.limits import Spending, spendings
from pricing.most import NoBound
from streaming.prompts import Fields, Prompt, Untranslatable, message
from web.http.image_uploads import MOST_BYTES, image_type
from web.params.playground import EFFORTS, PlaygroundForm

Calls = list[tuple[CallableEndpoint, Prompt]]


@dataclass(frozen=True, slots=True)
class EndpointChoice:
    endpoint: CallableEndpoint
    chosen: bool


@dataclass(frozen=True, slots=True)
class MostCost:
    """The most that the form's calls can cost, in USD."""

    each: tuple[tuple[str, Decimal], ...]
    total: Decimal
    left: Decimal | None


@dataclass(frozen=True, slots=True)
class PlaygroundPage:
    """`is_off`: the allowance of this install is 0. `demo`: no provider has a key.

    `model_name` is "" where no model, or none of the catalog, is named.
    """

    form: PlaygroundForm
    is_off: bool
    demo: bool
    model: str
    model_name: str
    choices: tuple[EndpointChoice, ...]
    others: tuple[NotCalled, ...]
    models: tuple[str, ...]
    teams: tuple[tuple[str, str], ...]
    spendings: tuple[Spending, ...]
    efforts: tuple[str, ...] = EFFORTS
    complaints: dict[str, str] = field(default_factory=dict)

    @property
    def chosen(self) -> list[CallableEndpoint]:
        return [choice.endpoint for choice in self.choices if choice.chosen]

    @property
    def opens_parameters(self) -> bool:
        """Whether the parameters are in use, or wrong."""
        form = self.form
        stated = form.system, form.temperature_text, form.output_text, form.effort, form.stop_text
        wrong = {"temperature", "output", "stop", "effort", "image"}.intersection(self.complaints)
        return any(stated) or bool(wrong)

    @property
    def takes_images(self) -> bool:
        return any(choice.endpoint.takes_images for choice in self.choices)

    @property
    def reasons(self) -> bool:
        return any(choice.endpoint.reasons for choice in self.choices)


def playground_page(
    form: PlaygroundForm, user: User | AnonymousUser, now: datetime
) -> PlaygroundPage:
    demo = not has_key()
    complaints = dict(form.complaints)
    slug, endpoints, others = _endpoints(form.model, now, demo=demo)
    if form.model and not slug:
        complaints.setdefault("m", f"There is no model {form.model[:100]} in the catalog.")
    known = {endpoint.provider for endpoint in endpoints}
    for provider in form.providers:
        if slug and provider not in known:
            complaints.setdefault("p", f"{provider[:60]} cannot be called for this model.")
    wanted = [provider for provider in form.providers if provider in known]
    chosen = wanted or [endpoint.provider for endpoint in endpoints[:1]]
    payer = None
    if isinstance(user, User):
        try:
            payer = payer_of_user(user, form.team)
        except NoPayer as error:
            complaints["team"] = str(error)
    return PlaygroundPage(
        form=form,
        is_off=not settings.ALLOWANCE,
        demo=demo,
        model=slug,
        model_name=endpoints[0].model_name if endpoints else "",
        choices=tuple(
            EndpointChoice(endpoint, endpoint.provider in chosen) for endpoint in endpoints
        ),
        others=tuple(others),
        models=() if demo else tuple(sorted({each.model for each in called_endpoints(now)})),
        teams=_teams(user),
        spendings=tuple(spendings(payer, now)) if payer else (),
        complaints=complaints,
    )


def _endpoints(
    name: str, now: datetime, *, demo: bool
) -> tuple[str, list[CallableEndpoint], list[NotCalled]]:
    if demo and name in ("", DEMO_MODEL):
        return DEMO_MODEL, [DEMO], []
    slug = model_of(name) if name else None
    if slug is None:
        return "", [], []
    endpoints, others = endpoints_of(slug, now)
    # The demonstration stands in for a model that cannot be called before any key is set.
    return slug, [DEMO] if demo else endpoints, others


def _teams(user: User | AnonymousUser) -> tuple[tuple[str, str], ...]:
    """Teams that a person may spend for, as slug and name."""
    if not isinstance(user, User):
        return ()
    memberships = Membership.objects.filter(user=user, role__in=SPENDING_ROLES)
    return tuple(memberships.order_by("team__name").values_list("team__slug", "team__name"))


def read_calls(page: PlaygroundPage, image: bytes | None) -> tuple[PlaygroundPage, Calls]:
    """What the form would send to each chosen endpoint; without calls the page has complaints."""
    form, complaints = page.form, dict(page.complaints)
    if not form.prompt.strip():
        complaints.setdefault("prompt", "Write a prompt.")
    mime = image_type(image) if image else ""
    if image and len(image) > MOST_BYTES:
        complaints["image"] = f"The image is larger than {MOST_BYTES // 2**20} MB."
    elif image and not mime:
        complaints["image"] = "The image must be a PNG, JPEG, GIF or WebP."
    if not page.chosen:
        complaints.setdefault("m", "Choose a model that can be called.")
    calls: Calls = []
    for endpoint in page.chosen:
        prompt = _prompt(form, endpoint, image or b"", mime)
        if why := _misfit(endpoint, prompt):
            complaints.setdefault(*why)
        calls.append((endpoint, prompt))
    page = replace(page, complaints=complaints)
    return page, [] if complaints else calls


def _prompt(form: PlaygroundForm, endpoint: CallableEndpoint, image: bytes, mime: str) -> Prompt:
    system: Sequence[Fields] = [message("system", form.system)] if form.system.strip() else []
    images = [(mime, base64.b64encode(image).decode())] if image and mime else []
    ok = form.complaints
    options: dict[str, object] = {}
    if form.temperature_text and "temperature" not in ok:
        options["temperature"] = form.temperature
    if form.effort:
        options["reasoning_effort"] = form.effort
    if form.stops and "stop" not in ok:
        options["stop"] = list(form.stops)
    stated = form.max_output if "output" not in ok else None
    return Prompt(
        endpoint.upstream_id,
        (*system, message("user", form.prompt, *images)),
        endpoint.output_limit(stated),
        options,
    )


def _misfit(endpoint: CallableEndpoint, prompt: Prompt) -> tuple[str, str] | None:
    """The field that an endpoint does not take, and a sentence."""
    where = f"{endpoint.model_name} at {endpoint.provider_name}"
    if prompt.images and not endpoint.takes_images:
        return "image", f"{where} takes no image."
    if "reasoning_effort" in prompt.options and not endpoint.reasons:
        return "effort", f"{where} does not reason: leave the effort out."
    takes = endpoint.parameters
    if "temperature" in prompt.options and takes and "temperature" not in takes:
        return "temperature", f"{where} takes no temperature: leave it out."
    if endpoint.access is not None:
        try:
            endpoint.access.shape.body(prompt)
        except Untranslatable as error:
            return "effort" if "effort" in error.name else "temperature", str(error)
    return None


def most_cost(page: PlaygroundPage, calls: Calls, now: datetime) -> MostCost | str:
    """The most that these calls can cost; or why that has no bound."""
    each = []
    for endpoint, prompt in calls:
        try:
            each.append((endpoint.provider_name, endpoint.most(prompt, now)))
        except NoBound as error:
            return (
                f"{endpoint.provider_name} has no price that a limit could be kept with: {error}."
            )
    left = min((spending.left for spending in page.spendings), default=None)
    return MostCost(tuple(each), sum((amount for _, amount in each), Decimal(0)), left)


def payer_of(page: PlaygroundPage, user: User) -> Payer:
    return payer_of_user(user, page.form.team)
