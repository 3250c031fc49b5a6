"""The successor of a model: what its creator names in its place, resolved as any name is."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from catalog.known_names import known_names
from catalog.models import Endpoint, Model, Source
from catalog.names import LIKELIEST, Names
from sources.endpoint_stages import voice_of
from sources.statement import Facts, Provenance


class Successors:
    """Reads the names of the catalog when the first is asked for."""

    @cached_property
    def _names(self) -> Names:
        return known_names()

    @cached_property
    def _ids(self) -> dict[str, int]:
        return dict(Model.objects.values_list("slug", "id"))

    def of(
        self,
        model: Model,
        ranked: Iterable[tuple[bool, Endpoint]],
        facts_of: Mapping[int, Facts],
    ) -> tuple[int | None, Provenance]:
        """The id of a model's successor, and where that is stated; an editor's choice stays."""
        before = model.provenance.get("successor")
        is_editors = before[0] == Source.EDITOR if before else model.successor_id is not None
        if is_editors:
            return model.successor_id, {"successor": before} if before else {}
        voices = [(voice_of(model, endpoint, own=own), endpoint) for own, endpoint in ranked]
        closest = min((voice for voice, _ in voices if voice is not None), default=None)
        for endpoint in (e for voice, e in voices if closest is not None and voice == closest):
            stated = facts_of.get(endpoint.id, {}).get("successors")
            if stated and (id_ := self._first(model.slug, endpoint.provider.slug, stated.value)):
                return id_, {"successor": stated.provenance}
        return None, {}

    def _first(self, model: str, provider: str, stated: Iterable[str]) -> int | None:
        """The first model that these names mean at the provider."""
        for name in stated:
            found = self._names.resolve("-".join(name.split()), provider)
            if found.model and found.model != model and found.model_by != LIKELIEST:
                return self._ids.get(found.model)
        return None
