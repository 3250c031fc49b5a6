"""The successor of a model: what its creator names in its place, resolved as any name is."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from catalog.known_names import known_names
from catalog.models import Alias, Model
from catalog.names import Names
from catalog.resolution import LIKELIEST
from sources.endpoint_stages import voice_of
from sources.served import ServedEndpoint
from sources.statement import Columns, Facts, Provenance


class Successors:
    """Reads the names of the catalog when the first is asked for."""

    @cached_property
    def _names(self) -> Names:
        return known_names()

    @cached_property
    def _ids(self) -> dict[str, int]:
        aliases = dict(Alias.objects.values_list("spelling", "model_id"))
        return aliases | dict(Model.objects.values_list("slug", "id"))

    def resolve(
        self,
        model: Model,
        endpoints: Iterable[ServedEndpoint],
        facts_of: Mapping[int, Facts],
        columns: Columns,
        provenance: Provenance,
    ) -> None:
        """Put the successor's id into the columns: an override's model, else the stated one."""
        if "successor" in columns:
            columns["successor"] = self._ids.get(columns["successor"] or "")
            return
        columns["successor"] = None
        voices = [(voice_of(model, endpoint), endpoint) for endpoint in endpoints]
        closest = min((voice for voice, _ in voices if voice is not None), default=None)
        for endpoint in (e for voice, e in voices if closest is not None and voice == closest):
            stated = facts_of.get(endpoint.id, {}).get("successors")
            if stated and (id_ := self._first(model.slug, endpoint.provider.slug, stated.value)):
                columns["successor"], provenance["successor"] = id_, stated.provenance
                return

    def _first(self, model: str, provider: str, stated: Iterable[str]) -> int | None:
        """The first model that these names mean at the provider."""
        for name in stated:
            found = self._names.resolve("-".join(name.split()), provider)
            if found.model and found.model != model and found.model_by != LIKELIEST:
                return self._ids.get(found.model)
        return None
