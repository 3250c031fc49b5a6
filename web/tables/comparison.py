"""Models side by side: the groups of the comparison, and what differs in them."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from catalog.lifecycle import Lifecycle
from web.format.figures import partial_date
from web.params.compare import CompareQuery
from web.reads.endpoints import EndpointRecord
from web.reads.known_columns import is_offered
from web.reads.model_facts import ModelFacts
from web.reads.site import Named, Site
from web.tables.comparison_prices import blended_row, price_rows, terms_rows
from web.tables.comparison_ratings import Ratings, category_group, rating_group
from web.tables.comparison_rows import (
    UNSTATED,
    ComparedCell,
    ComparedGroup,
    ComparedRow,
    text_cell,
)
from web.tables.comparison_workload import WorkloadCost, workload_rows
from web.tables.endpoint_columns import COLUMNS
from web.text.endpoints import kind_in_words, why_gone

# So many columns fit a narrow screen; beyond them each cell has its model's name there.
SIDE_BY_SIDE = 3


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """A model at one endpoint; `spelled` is the address's name for both.

    `providers` are the choices, `usual` the default, and `why` its reason. `cost` is that of all
    of a workload's requests. An endpoint out of use, or of a retired model, is the best of no row.
    """

    spelled: str
    model: ModelFacts
    stage_note: str
    endpoint: EndpointRecord
    providers: Named
    usual: str
    why: str
    ratings: Ratings = field(default_factory=dict)
    cost: WorkloadCost | None = None

    @property
    def in_use(self) -> bool:
        return self.endpoint.in_use and self.model.stage != Lifecycle.RETIRED

    @property
    def choices(self) -> dict[str, str]:
        """Providers' names by the address's name for the model there."""
        slug = self.model.slug
        return {
            slug if provider == self.usual else f"{slug}@{provider}": name
            for provider, name in self.providers
        }

    @property
    def kind(self) -> str:
        return kind_in_words(self.endpoint)

    @property
    def gone(self) -> str:
        return why_gone(self.endpoint)


def groups(
    models: Sequence[ComparedModel], query: CompareQuery, catalog: Site
) -> tuple[ComparedGroup, ...]:
    # That the model is retired is true of its endpoints too.
    endpoints = [
        compared.endpoint
        if compared.in_use
        else replace(compared.endpoint, stage=Lifecycle.RETIRED)
        for compared in models
    ]
    ratings = [compared.ratings for compared in models]
    eligible = [compared.in_use for compared in models]
    costs = [compared.cost for compared in models]
    every: tuple[ComparedGroup, ...] = (
        ComparedGroup(
            "Cost",
            (*workload_rows(endpoints, costs, query.workload), blended_row(endpoints, query.mix)),
        ),
        rating_group(ratings, eligible),
        ComparedGroup("Facts", tuple(_facts(models, endpoints))),
        ComparedGroup("Prices", price_rows(endpoints), "Standard terms"),
        ComparedGroup("Further terms", terms_rows(endpoints)),
        ComparedGroup("Capabilities", _capabilities(models, catalog)),
        category_group(ratings, eligible),
        ComparedGroup("Live", tuple(_column_rows("Live", endpoints, where_stated=False))),
        ComparedGroup(
            "Data policy",
            (
                *_column_rows("Data policy", endpoints, where_stated=False),
                *_column_rows("Data policy", endpoints, where_stated=True),
            ),
        ),
    )
    if query.only_differences:
        every = tuple(
            replace(group, rows=tuple(row for row in group.rows if row.differs)) for group in every
        )
    every = tuple(group for group in every if group.rows)
    return _named(every, models) if len(models) > SIDE_BY_SIDE else every


def _named(
    every: tuple[ComparedGroup, ...], models: Sequence[ComparedModel]
) -> tuple[ComparedGroup, ...]:
    """The groups with the name of its model at each cell, by provider where one is there twice."""
    times = Counter(compared.model.name for compared in models)
    names = [
        compared.model.name
        if times[compared.model.name] == 1
        else f"{compared.model.name}, {compared.endpoint.provider_name}"
        for compared in models
    ]

    def named(row: ComparedRow) -> ComparedRow:
        cells = zip(row.cells, names, strict=True)
        return replace(row, cells=tuple(replace(cell, of=name) for cell, name in cells))

    return tuple(replace(group, rows=tuple(map(named, group.rows))) for group in every)


def _column_rows(
    group: str, endpoints: Sequence[EndpointRecord], *, where_stated: bool
) -> Iterator[ComparedRow]:
    for column in COLUMNS:
        here = (column.group, column.where_stated) == (group, where_stated)
        if column.compared and here and is_offered(column.key):
            row = column.compared(endpoints)
            if not where_stated or any(cell.text for cell in row.cells):
                yield row


def _facts(
    models: Sequence[ComparedModel], endpoints: Sequence[EndpointRecord]
) -> Iterator[ComparedRow]:
    yield from _column_rows("Facts", endpoints, where_stated=False)
    yield _texts("Modalities in", models, lambda model: ", ".join(model.modalities_in))
    yield _texts("Modalities out", models, lambda model: ", ".join(model.modalities_out))
    yield _texts("Released", models, lambda model: partial_date(model.released))
    yield _cutoffs(models)
    yield ComparedRow("Lifecycle", tuple(map(_lifecycle, models)))
    yield _texts("Open weights", models, lambda model: _YES_OR_NO[model.open_weights])
    if any(compared.model.licence for compared in models):
        yield _texts("Licence", models, lambda model: model.licence)
    yield from _column_rows("Facts", endpoints, where_stated=True)


_YES_OR_NO = {True: "Yes", False: "No", None: ""}


def _texts(
    label: str, models: Sequence[ComparedModel], words: Callable[[ModelFacts], str]
) -> ComparedRow:
    return ComparedRow(label, tuple(text_cell(words(compared.model)) for compared in models))


def _cutoffs(models: Sequence[ComparedModel]) -> ComparedRow:
    dates = [compared.model.knowledge_cutoff for compared in models]
    known = {
        compared.model.knowledge_cutoff
        for compared in models
        if compared.in_use and compared.model.knowledge_cutoff
    }
    latest = max(known) if len(known) > 1 else ""
    # 2026 may be later than 2026-03.
    if any(date != latest and latest.startswith(date) for date in known):
        latest = ""
    cells = (
        replace(
            text_cell(partial_date(date)),
            best="latest" if date and date == latest and compared.in_use else "",
        )
        for date, compared in zip(dates, models, strict=True)
    )
    return ComparedRow("Knowledge cutoff", tuple(cells))


def _lifecycle(compared: ComparedModel) -> ComparedCell:
    return text_cell(compared.model.stage.capitalize(), compared.gone or compared.stage_note)


def _capabilities(models: Sequence[ComparedModel], catalog: Site) -> tuple[ComparedRow, ...]:
    """Yes or no where stated of the endpoint; a capability of the model alone is not a yes."""
    slugs: set[str] = set()
    for compared in models:
        endpoint = compared.endpoint
        slugs |= {slug for slug, _ in endpoint.capabilities}
        slugs |= {*endpoint.lacks, *compared.model.capabilities}
    return tuple(
        ComparedRow(name, tuple(_capability(compared, slug) for compared in models))
        for slug, name in catalog.named(slugs)
    )


def _capability(compared: ComparedModel, slug: str) -> ComparedCell:
    attributes = (("capability", slug),)
    if compared.endpoint.has(slug):
        return text_cell("Yes", attributes=attributes)
    if slug in compared.endpoint.lacks:
        return text_cell("No", attributes=attributes)
    note = "at other providers" if slug in compared.model.capabilities else ""
    return text_cell("", note, f"{UNSTATED} of this endpoint", attributes)
