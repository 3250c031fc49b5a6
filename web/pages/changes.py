"""The page of changes: what happened on which day, by provider or creator, the newest first."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.urls import reverse

from web.format.figures import partial_date
from web.pages.head import Head, head_of_list
from web.params.changes import CORRECTION, KINDS, ChangesQuery
from web.params.lists import page_count
from web.params.values import shown
from web.reads.changes import ChangeEntry, all_changes, changed_rates
from web.reads.choices import choices
from web.reads.headlines import headlines
from web.tables.changes import ChangeRow, model_row, provider_rows
from web.text.changes import models_in_words

# Of one provider or creator on one day a page shows so many rows; narrowed to it, so many more.
MOST_ROWS = 4
MOST_OF_ONE = 500
# What lies ahead comes first: of the whole list so many moves of the next days, a line each.
AHEAD = timedelta(days=60)
MOST_AHEAD = 5
_OF_MODELS = ("model", "lifecycle")
_PLACES = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Move:
    """The entries of one day, kind, and provider or creator."""

    day: str
    kind: str
    actor: str
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
class ShownMove:
    """A move as rows; `hidden` counts the models that only `more`, a query, shows."""

    move: Move
    rows: tuple[ChangeRow, ...]
    hidden: int
    more: str

    @property
    def line(self) -> str:
        """Of what lies ahead: what happens, in one line."""
        row = self.rows[0]
        name, models = self.move.name, _models(self.move)
        if self.move.kind == "lifecycle":
            verb = "shuts down" if row.entry.what == "retired" else "deprecates"
            return f"{name} {verb} {models}."
        first = next((price for price in (*row.prices, *row.others) if price), None)
        if first is None:
            return f"{name} announces other prices of {models}."
        rise = f" ({first.rise})" if first.rise else ""
        moved = f"{first.name.lower()} {first.before} → {first.after}{first.unit}{rise}"
        more = f"; other prices of {_models(self.move, but=1)} too" if self.move.models > 1 else ""
        return f"{name}: {row.entry.model_name} {moved}{more}."


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """`heading` is the day in words."""

    day: str
    heading: str
    moves: tuple[ShownMove, ...]


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
    """`ahead` is what is announced, the nearest day first; not `in_full`, a move is a line.

    `total` counts moves. `kinds` count entries. `folded` counts entries that only show unfolded.
    """

    filters: ChangesQuery
    ahead: tuple[ChangedDay, ...]
    in_full: bool
    more_ahead: int
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


def changes_page(filters: ChangesQuery, today: date) -> ChangesPage:
    """Changes that match the filters; a page past the last one becomes the last one."""
    filters = among_known(filters)
    known = matching(filters)
    unfolded = [entry for entry in known if filters.unfolded or filters.model or not entry.folded]
    of_kind = [entry for entry in unfolded if filters.of_kind(entry.kind)]
    iso = today.isoformat()
    begun = [entry for entry in of_kind if entry.day <= iso]
    moves = moves_of(begun)
    filters = filters.within(len(moves))
    page = moves[filters.start : filters.start + filters.shown]
    coming = _nearest_first(entry for entry in of_kind if entry.day > iso)
    in_full = bool(filters.since or filters.until) or filters.kind == ("announced",)
    near = (today + AHEAD).isoformat()
    ahead = coming if in_full else [move for move in coming if move.day <= near][:MOST_AHEAD]
    if filters.page > 1:
        coming = ahead = []
    counts = Counter(entry.kind for entry in unfolded)
    creators, providers = dict(choices().creators), dict(choices().providers)
    return ChangesPage(
        filters=filters,
        ahead=_days(ahead, filters, coming=True),
        in_full=in_full,
        more_ahead=len(coming) - len(ahead),
        days=_days(page, filters, coming=False),
        total=len(moves),
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


def moves_of(entries: Iterable[ChangeEntry]) -> list[Move]:
    """The moves in these entries, in the order of their days; within one by kind and directness."""
    found: dict[tuple[str, str, str], list[ChangeEntry]] = {}
    for entry in entries:
        found.setdefault((entry.day, entry.kind, entry.actor), []).append(entry)
    moves = [
        Move(*key, group[0].provider_name or group[0].creator_name, tuple(group))
        for key, group in found.items()
    ]
    moves.sort(key=lambda move: (_PLACES[move.kind], not move.entries[0].direct))
    return sorted(moves, key=lambda move: move.day, reverse=True)


def _nearest_first(entries: Iterable[ChangeEntry]) -> list[Move]:
    moves = sorted(moves_of(entries), key=lambda move: _PLACES[move.kind])
    return sorted(moves, key=lambda move: move.day)


def _days(moves: Sequence[Move], filters: ChangesQuery, *, coming: bool) -> tuple[ChangedDay, ...]:
    most = MOST_OF_ONE if filters.one_move else MOST_ROWS
    shown_entries = [entry for move in moves for entry in _first(move, most)]
    rates = changed_rates(sorted({id_ for entry in shown_entries for id_ in entry.ids}))
    new = sorted({entry.model_id for entry in shown_entries if entry.kind == "model"})
    prices = headlines(new) if new else {}
    days = []
    for day, of_day in groupby(moves, key=lambda move: move.day):
        shown_moves = []
        for move in of_day:
            entries = _first(move, most)
            if move.kind in _OF_MODELS:
                rows = [
                    model_row(entry, prices.get(entry.model_id), coming=coming) for entry in entries
                ]
            else:
                rows = provider_rows(entries, rates, coming=coming, apart=filters.one_move)
            hidden = move.models - len({entry.model_id for entry in entries})
            more = query_of(move, filters)
            shown_moves.append(ShownMove(move, tuple(rows), hidden, more))
        days.append(ChangedDay(day, partial_date(day), tuple(shown_moves)))
    return tuple(days)


def _first(move: Move, most: int) -> list[ChangeEntry]:
    """The entries of the first `most` models of a move."""
    models = list(dict.fromkeys(entry.model_id for entry in move.entries))[:most]
    return [entry for entry in move.entries if entry.model_id in models]


def query_of(move: Move, filters: ChangesQuery) -> str:
    """The query of the page that shows one move whole."""
    actor = {"creator" if move.kind in _OF_MODELS else "provider": move.actor}
    days = {"since": move.day, "until": move.day}
    return filters.query(kind=(move.kind,), **days, **actor)


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


def title_of(move: Move) -> str:
    """OpenAI: 2 new models: A and B; Databricks: 9 prices changed."""
    return f"{move.name}, {_WHAT.get(move.kind, KINDS[move.kind].lower())}: {_models(move)}"


def _models(move: Move, but: int = 0) -> str:
    """The names of a move's models, without the first few."""
    names = list(dict.fromkeys(entry.model_name for entry in move.entries))
    return models_in_words(names[but:])


_WHAT = {
    "model": "new",
    "announced": "announced prices",
    "price": "prices",
    CORRECTION: "corrected prices",
}
