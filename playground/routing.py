"""To which endpoint a request goes first, and to which next: the preferences of OpenRouter's and
Vercel's words. Pure.

OpenRouter's `provider` object: order, only, ignore, allow_fallbacks, sort (price, latency,
throughput), zdr, data_collection and max_price; Vercel's `providerOptions.gateway`: order and only.
What is not known never counts as good: no figure comes last, and an unknown policy is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

Sort = Literal["", "price", "latency", "throughput"]
_SORTS: tuple[Sort, ...] = ("price", "latency", "throughput")
_KNOWN = (
    *("order", "only", "ignore", "allow_fallbacks", "sort", "zdr", "data_collection"),
    *("max_price", "require_parameters"),
)
_MOST_NAMES = 50


class BadPreference(ValueError):
    """A preference that cannot be read: `name` is the field, the message a sentence."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


@dataclass(frozen=True, slots=True)
class Preference:
    """Names are those of providers, in lower case. `most_input` and `most_output` are the highest
    prices in USD per million tokens."""

    order: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow_fallbacks: bool = True
    sort: Sort = ""
    zdr: bool = False
    no_collection: bool = False
    most_input: Decimal | None = None
    most_output: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EndpointRoute:
    """An endpoint as far as its place depends on it.

    `cost` is what the request may cost there, in USD. `latency` is in seconds, `throughput` in
    tokens a second; None is not known. `failed` is whether its provider failed a moment ago.
    """

    provider: str
    provider_name: str
    cost: Decimal
    input_price: Decimal | None
    output_price: Decimal | None
    latency: Decimal | None
    throughput: Decimal | None
    zdr: str
    training: str
    failed: bool
    retired: bool = False


def preference_of(body: Mapping[str, Any], provider: str = "") -> Preference:
    """Of a request's body; `provider` is one named beside the model, as in `o4-mini@azure`.

    Raises BadPreference.
    """
    stated = body.get("provider")
    if stated is not None and not isinstance(stated, Mapping):
        raise BadPreference("provider", '“provider” must be an object, such as {"order": []}.')
    fields: Mapping[str, Any] = stated or {}
    for name in fields:
        if name not in _KNOWN:
            raise BadPreference(f"provider.{name}", f"“provider.{name}” is not known here.")
    preference = Preference(
        order=_names(fields, "order"),
        only=_names(fields, "only"),
        ignore=_names(fields, "ignore"),
        allow_fallbacks=_flag(fields, "allow_fallbacks", usual=True),
        sort=_sort(fields.get("sort")),
        zdr=_flag(fields, "zdr", usual=False),
        no_collection=_collection(fields.get("data_collection")),
        most_input=_price(fields, "prompt"),
        most_output=_price(fields, "completion"),
    )
    preference = _as_vercel_has_it(body, preference)
    return replace(preference, only=(provider.lower(),)) if provider else preference


def in_order(routes: Sequence[EndpointRoute], preference: Preference) -> list[int]:
    """Places of the routes that may be taken, the first first.

    Those of `order` as it has them, then the others: by price, or by
    what `sort` names; those that failed a moment ago come after them, and retired ones last.
    Without fallbacks only the first, or those of `order`.
    """
    places = [place for place, route in enumerate(routes) if _may(route, preference)]
    ranks = {name: rank for rank, name in reversed([*enumerate(preference.order)])}

    def rank(place: int) -> int:
        route = routes[place]
        return min((ranks[name] for name in _called(route) if name in ranks), default=len(ranks))

    ordered = sorted(places, key=lambda place: (rank(place), *_key(routes[place], preference)))
    if preference.allow_fallbacks:
        return ordered
    listed = [place for place in ordered if rank(place) < len(ranks)]
    return listed if preference.order else ordered[:1]


def _key(
    route: EndpointRoute, preference: Preference
) -> tuple[bool, bool, bool, Decimal, Decimal, str]:
    figure: Decimal | None = route.cost
    if preference.sort == "latency":
        figure = route.latency
    elif preference.sort == "throughput":
        figure = None if route.throughput is None else -route.throughput
    unknown = figure is None
    return route.retired, route.failed, unknown, figure or Decimal(0), route.cost, route.provider


def _may(route: EndpointRoute, preference: Preference) -> bool:
    names = _called(route)
    if preference.only and names.isdisjoint(preference.only):
        return False
    if not names.isdisjoint(preference.ignore):
        return False
    if preference.zdr and route.zdr != "default":
        return False
    if preference.no_collection and route.training not in ("no", "opt_in"):
        return False
    return _within(route.input_price, preference.most_input) and _within(
        route.output_price, preference.most_output
    )


def _within(price: Decimal | None, most: Decimal | None) -> bool:
    return most is None or (price is not None and price <= most)


def _called(route: EndpointRoute) -> set[str]:
    return {route.provider.lower(), route.provider_name.lower()}


def _names(fields: Mapping[str, Any], name: str, path: str = "provider") -> tuple[str, ...]:
    stated = fields.get(name)
    if stated is None:
        return ()
    if not isinstance(stated, list) or not all(isinstance(item, str) for item in stated):
        raise BadPreference(f"{path}.{name}", f"“{path}.{name}” must be a list of providers.")
    if len(stated) > _MOST_NAMES:
        raise BadPreference(f"{path}.{name}", f"“{path}.{name}” has more than {_MOST_NAMES} names.")
    # OpenRouter names a variant of an endpoint after a slash: deepinfra/fp8.
    return tuple(item.strip().lower().partition("/")[0] for item in stated)


def _flag(fields: Mapping[str, Any], name: str, *, usual: bool) -> bool:
    stated = fields.get(name)
    if stated is None:
        return usual
    if not isinstance(stated, bool):
        raise BadPreference(f"provider.{name}", f"“provider.{name}” must be true or false.")
    return stated


def _sort(stated: object) -> Sort:
    if isinstance(stated, Mapping):
        stated = stated.get("by")
    if stated is None:
        return ""
    for sort in _SORTS:
        if stated == sort:
            return sort
    raise BadPreference("provider.sort", "“provider.sort” is price, latency or throughput.")


def _collection(stated: object) -> bool:
    if stated not in (None, "allow", "deny"):
        raise BadPreference("provider.data_collection", "“data_collection” is allow or deny.")
    return stated == "deny"


def _price(fields: Mapping[str, Any], name: str) -> Decimal | None:
    limits = fields.get("max_price")
    if limits is None:
        return None
    stated = limits.get(name) if isinstance(limits, Mapping) else ""
    if stated is None:
        return None
    try:
        price = Decimal(str(stated))
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or price < 0:
        raise BadPreference(
            "provider.max_price",
            "“max_price” has prompt and completion, in USD per million tokens.",
        )
    return price


def _as_vercel_has_it(body: Mapping[str, Any], preference: Preference) -> Preference:
    options = body.get("providerOptions", body.get("provider_options"))
    if options is None:
        return preference
    gateway = options.get("gateway") if isinstance(options, Mapping) else None
    if not isinstance(gateway, Mapping):
        raise BadPreference("providerOptions", "“providerOptions” has an object “gateway”.")
    path = "providerOptions.gateway"
    return replace(
        preference,
        order=_names(gateway, "order", path) or preference.order,
        only=_names(gateway, "only", path) or preference.only,
    )
