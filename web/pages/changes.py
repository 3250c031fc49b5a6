"""The page of changes: what happened on which day, by provider or creator, the newest first."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from web.format.figures import partial_date
from web.http.page_cache import cached_read
from web.pages.head import Head, head_of_list
from web.params.changes import CORRECTION, KINDS, ChangesQuery
from web.params.lists import page_count
from web.params.values import shown
from web.reads.changes import ChangeEntry, all_changes, changed_rates, recorded_changes
from web.reads.choices import choices
from web.reads.headlines import headlines
from web.reads.site import site
from web.tables.changes import ChangeRow, Details, change_rows
from web.text.changes import models_in_words

# Of one provider or creator on one day a page shows so many rows; narrowed to it, so many more.
MOST_ROWS = 4
MOST_OF_ONE = 200
# What lies ahead comes first: of the whole list so many groups of the next days, a line each.
AHEAD = timedelta(days=60)
MOST_AHEAD = 5
FOLDED = (
    "retired and floating models, fine-tunes, models at a single gateway, plans, what comes to"
    " gateways, and prices that differ by rounding alone"
)
_PLACES = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The entries of one day, kind, and provider or creator."""

    day: str
    kind: str
    actor: str
    at_provider: bool
    name: str
    entries: tuple[ChangeEntry, ...]

    @property
    def seen_at(self) -> datetime | None:
        """When the newest entry was seen, None where that is not on record."""
        return max((entry.seen_at for entry in self.entries if entry.seen_at), default=None)

    @property
    def models(self) -> int:
        return len({entry.model_id for entry in self.entries})


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """A group as rows; `hidden` counts the models that only `more`, a query, shows.

    It is `linked` unless it is the page's own.
    """

    group: ChangeGroup
    rows: tuple[ChangeRow, ...]
    hidden: int
    more: str
    linked: bool

    @property
    def line(self) -> str:
        """Of what lies ahead: what happens, in one line."""
        row = self.rows[0]
        name, models = self.group.name, _models(self.group)
        if self.group.kind == "lifecycle":
            return f"{name} {_ENDS.get(row.entry.what, 'ends')} {models}."
        first = next((price for price in (*row.prices, *row.others) if price), None)
        if first is None:
            return f"{name} announces other prices of {models}."
        rise = f" ({first.rise})" if first.rise else ""
        moved = f"{first.name.lower()} {first.before} → {first.after}{first.unit}{rise}"
        more = (
            f"; other prices of {_models(self.group, but=1)} too" if self.group.models > 1 else ""
        )
        return f"{name}: {row.entry.model_name} {moved}{more}."


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """`heading` is the day in words, `coming` whether it lies ahead."""

    day: str
    heading: str
    coming: bool
    groups: tuple[ShownGroup, ...]


@dataclass(frozen=True, slots=True)
class KindChip:
    """A link to the changes of one kind: `chosen` in the query, () where it is `on`."""

    kind: str
    label: str
    count: int
    chosen: tuple[str, ...]
    on: bool


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """`ahead` is what is announced, the nearest day first; not `in_full`, a group is a line.

    `total` counts groups. `kinds` count entries. `folded` counts entries that only show unfolded.
    """

    filters: ChangesQuery
    ahead: tuple[ChangedDay, ...]
    ahead_rows: SafeString
    in_full: bool
    more_ahead: int
    day_rows: SafeString
    days: tuple[ChangedDay, ...]
    total: int
    entries: int
    folded: int
    kinds: tuple[KindChip, ...]
    all_ahead: str
    creator: str
    provider: str
    model: str

    @property
    def pages(self) -> int:
        return page_count(self.total)

    @property
    def dates(self) -> str:
        """Nov 3, 2026; since Nov 3, 2026; until Nov 3, 2026; Nov 3, 2026 – Nov 9, 2026."""
        since, until = partial_date(self.filters.since), partial_date(self.filters.until)
        if since == until:
            return since
        if since and until:
            return f"{since} – {until}"
        return f"since {since}" if since else f"until {until}"

    @property
    def of(self) -> str:
        """What the changes are of, in words: Mistral models at Azure; "" of all."""
        made = self.model or (f"models of {self.creator}" if self.creator else "")
        at = f"at {self.provider}" if self.provider else ""
        return " ".join(filter(None, (made, at)))


def read_changes_page(filters: ChangesQuery, now: datetime) -> ChangesPage:
    """Changes that match the filters; a page past the last one becomes the last one."""
    filters, today = among_known(filters), now.date()
    known = matching(filters)
    unfolded = [entry for entry in known if filters.unfolded or filters.model or not entry.folded]
    of_kind = [entry for entry in unfolded if filters.of_kind(entry.kind)]
    iso = today.isoformat()
    begun = [entry for entry in of_kind if entry.day <= iso]
    groups = groups_of(begun)
    filters = filters.within(len(groups))
    page = groups[filters.start : filters.start + filters.shown]
    coming = _nearest_first(entry for entry in of_kind if entry.day > iso)
    in_full = bool(filters.since or filters.until) or filters.kind == ("announced",)
    near = (today + AHEAD).isoformat()
    ahead = coming if in_full else [group for group in coming if group.day <= near][:MOST_AHEAD]
    if filters.page > 1:
        coming = ahead = []
    counts = Counter(entry.kind for entry in unfolded)
    creators, providers = dict(choices().creators), dict(choices().providers)
    coming_days = _days(ahead, filters, coming=True)
    days = _days(page, filters, coming=False)
    return ChangesPage(
        filters=filters,
        ahead=coming_days,
        ahead_rows=_drawn(coming_days) if in_full else SafeString(""),
        in_full=in_full,
        more_ahead=len(coming) - len(ahead),
        day_rows=_drawn(days),
        days=days,
        total=len(groups),
        entries=len(begun),
        folded=sum(filters.of_kind(entry.kind) for entry in known) - len(of_kind),
        kinds=tuple(
            KindChip(
                *(kind, label, counts[kind]),
                chosen=() if filters.kind == (kind,) else (kind,),
                on=kind in filters.kind,
            )
            for kind, label in KINDS.items()
            if counts[kind] or kind in filters.kind
        ),
        all_ahead=filters.query(since=(today + timedelta(days=1)).isoformat(), until=""),
        creator=creators.get(filters.creator, ""),
        provider=providers.get(filters.provider, ""),
        model=known[0].model_name if filters.model and known else filters.model,
    )


# Readers page through the same lists, and feeds are fetched again and again.
changes_page = cached_read(read_changes_page, most=64)


def among_known(filters: ChangesQuery) -> ChangesQuery:
    """The filters without creators and providers that the catalog does not hold."""
    if filters.creator and filters.creator not in dict(choices().creators):
        filters = filters.complaining(f"{shown(filters.creator)} is no creator", creator="")
    if filters.provider and filters.provider not in dict(choices().providers):
        filters = filters.complaining(f"{shown(filters.provider)} is no provider", provider="")
    if filters.since and filters.until and filters.since > filters.until:
        complaint = f"{filters.until} is before {filters.since}"
        filters = filters.complaining(complaint, until="")
    return filters


def matching(filters: ChangesQuery) -> list[ChangeEntry]:
    """Entries of any kind, folded ones too, that match all other filters."""
    return [
        entry
        for entry in all_changes()
        if (not filters.creator or entry.creator == filters.creator)
        and (not filters.provider or entry.provider == filters.provider)
        and (not filters.model or entry.model == filters.model)
        and (not filters.since or entry.day >= filters.since)
        and (not filters.until or entry.day <= filters.until)
    ]


def groups_of(entries: Iterable[ChangeEntry]) -> list[ChangeGroup]:
    """The groups of these entries, the newest day first; within one by kind and directness."""
    found: dict[tuple[str, str, str, bool], list[ChangeEntry]] = {}
    for entry in entries:
        key = entry.day, entry.kind, entry.actor, bool(entry.provider)
        found.setdefault(key, []).append(entry)
    groups = [
        ChangeGroup(*key, group[0].provider_name or group[0].creator_name, tuple(group))
        for key, group in found.items()
    ]
    groups.sort(key=lambda group: (_PLACES[group.kind], not group.entries[0].direct))
    return sorted(groups, key=lambda group: group.day, reverse=True)


def _nearest_first(entries: Iterable[ChangeEntry]) -> list[ChangeGroup]:
    groups = sorted(groups_of(entries), key=lambda group: _PLACES[group.kind])
    return sorted(groups, key=lambda group: group.day)


def _days(
    groups: Sequence[ChangeGroup], filters: ChangesQuery, *, coming: bool
) -> tuple[ChangedDay, ...]:
    most = MOST_OF_ONE if filters.one_group else MOST_ROWS
    shown_entries = [entry for group in groups for entry in _first(group, most)]
    new = sorted({entry.model_id for entry in shown_entries if entry.kind == "model"})
    details = Details(
        rates=changed_rates(_ids(entry for entry in shown_entries if not entry.is_recorded)),
        recorded=recorded_changes(_ids(entry for entry in shown_entries if entry.is_recorded)),
        headlines=headlines(new) if new else {},
        capabilities=site().capabilities,
    )
    days = []
    for day, of_day in groupby(groups, key=lambda group: group.day):
        shown_groups = []
        for group in of_day:
            entries = _first(group, most)
            rows = change_rows(entries, details, coming=coming, apart=filters.one_group)
            hidden = group.models - len({entry.model_id for entry in entries})
            more = query_of(group, filters)
            shown_groups.append(
                ShownGroup(group, tuple(rows), hidden, more, linked=not filters.one_group)
            )
        days.append(ChangedDay(day, partial_date(day), coming, tuple(shown_groups)))
    return tuple(days)


def _drawn(days: Sequence[ChangedDay]) -> SafeString:
    html = get_template("changes/rows.html#days").render({"days": days})
    return mark_safe(html)  # noqa: S308 - escaped by the template


def _ids(entries: Iterable[ChangeEntry]) -> list[int]:
    return sorted({id_ for entry in entries for id_ in entry.ids})


def _first(group: ChangeGroup, most: int) -> list[ChangeEntry]:
    """The entries of the first `most` models of a group."""
    models = list(dict.fromkeys(entry.model_id for entry in group.entries))[:most]
    return [entry for entry in group.entries if entry.model_id in models]


def query_of(group: ChangeGroup, filters: ChangesQuery) -> str:
    """The query of the page that shows one group whole."""
    actor = {"provider" if group.at_provider else "creator": group.actor}
    days = {"since": group.day, "until": group.day}
    return filters.query(kind=(group.kind,), **days, **actor)


def changes_head(page: ChangesPage) -> Head:
    of = f" of {page.of}" if page.of else ""
    return head_of_list(
        f"Changes{of}: new models, prices and retirements",
        f"New AI models, price changes with before and after, retirements and corrections{of}, "
        "by day.",
        reverse("changes"),
        page.filters.query(page=page.filters.page),
        page.filters.page,
    )


def title_of(group: ChangeGroup) -> str:
    """OpenAI, new: A and B; Databricks, prices: A and 9 more models; OpenAI shuts down A."""
    stages = {entry.what for entry in group.entries}
    if group.kind == "lifecycle" and len(stages) == 1 and (verb := _ENDS.get(*stages)):
        return f"{group.name} {verb} {_models(group)}"
    what = f"{group.name}, {_WHAT.get(group.kind, KINDS[group.kind].lower())}"
    return f"{what}: {_models(group)}" if group.entries[0].model else what


def _models(group: ChangeGroup, but: int = 0) -> str:
    """The names of a group's models, without the first few."""
    names = list(dict.fromkeys(entry.model_name for entry in group.entries))
    return models_in_words(names[but:])


_ENDS = {"retired": "shuts down", "deprecated": "deprecates"}
_WHAT = {
    "model": "new",
    "announced": "announced prices",
    "price": "prices",
    CORRECTION: "corrected prices",
}
