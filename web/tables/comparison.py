"""Models side by side: the groups of the comparison, and what differs in them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from web.format.figures import partial_date
from web.params.compare import CompareQuery
from web.reads.endpoints import EndpointRecord
from web.reads.model_facts import ModelFacts
from web.reads.site import Named, Site
from web.tables.comparison_prices import blended_row, price_rows, terms_rows
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


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """A model at one endpoint; `spelled` is the address's name for both.

    `providers` are the choices, `usual` the default, and `why` its reason. `cost` is that of all
    of a workload's requests.
    """

    spelled: str
    model: ModelFacts
    stage_note: str
    endpoint: EndpointRecord
    providers: Named
    usual: str
    why: str
    cost: WorkloadCost | None = None

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
    endpoints = [compared.endpoint for compared in models]
    costs = [compared.cost for compared in models]
    every: tuple[ComparedGroup, ...] = (
        ComparedGroup(
            "Cost",
            (*workload_rows(endpoints, costs, query.workload), blended_row(endpoints, query.mix)),
        ),
        ComparedGroup("Facts", tuple(_facts(models, endpoints))),
        ComparedGroup("Prices", price_rows(endpoints), "Standard terms"),
        ComparedGroup("Further terms", terms_rows(endpoints)),
        ComparedGroup("Capabilities", _capabilities(models, catalog)),
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
    return tuple(group for group in every if group.rows)


def _column_rows(
    group: str, endpoints: Sequence[EndpointRecord], *, where_stated: bool
) -> Iterator[ComparedRow]:
    for column in COLUMNS:
        if column.compared and (column.group, column.where_stated) == (group, where_stated):
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
    known = set(filter(None, dates))
    # 2026 is no later than 2026-03.
    latest = max(known) if len(known) > 1 else ""
    cells = (
        replace(text_cell(partial_date(date)), best="latest" if date and date == latest else "")
        for date in dates
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
