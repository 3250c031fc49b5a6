"""Which model each model derives from: as stated or overridden, else as its name shows."""

from collections.abc import Sequence

from catalog.matching.bases import Bases
from catalog.models import Alias, Model
from sources.statement import Columns, Facts, Provenance


class Derivation:
    def __init__(self) -> None:
        slugs = dict(Model.objects.values_list("slug", "id"))
        self._ids = dict(Alias.objects.values_list("spelling", "model_id")) | slugs
        self._bases = Bases(slugs)

    def base_id(self, slug: str) -> int | None:
        """The base that a model's name shows."""
        return self._ids.get(self._bases.base_of(slug))

    def resolve(
        self, slug: str, facts: Sequence[Facts], columns: Columns, provenance: Provenance
    ) -> None:
        """Put the id of the base in place of its slug; None for one that is not here.

        What the name shows counts as stated by the source that lists the model so.
        """
        if "derived_from" not in columns and (base := self._bases.base_of(slug)):
            listed = next((fact for stated in facts for fact in stated.values()), None)
            if listed:
                columns["derived_from"] = base
                provenance["derived_from"] = [listed.source, listed.on]
        columns["derived_from"] = self._ids.get(columns.get("derived_from") or "")
