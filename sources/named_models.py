"""Models of which a column names another model, which may have come or gone since."""

from django.db.models import Q

from catalog.models import Model
from sources.derivation import Derivation


def models_that_name_others() -> set[int]:
    """The ids of models with a stated successor or base, or whose name shows another base now."""
    stated = Q(endpoints__claims__facts__has_key="successors") | Q(
        claims__facts__has_key="derived_from"
    )
    named = set(Model.objects.filter(stated).values_list("id", flat=True))
    derivation = Derivation()
    rows = Model.objects.values_list("id", "slug", "derived_from_id")
    return named | {id_ for id_, slug, base in rows if derivation.base_id(slug) != base}
