"""Give models another slug, or their endpoints to another model; old addresses stay as aliases."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, ManyToOneRel

from catalog.known_creators import CREATORS
from catalog.models import Alias, Creator, Model, Override


def rename_models(goals: Mapping[str, str]) -> None:
    """Rename models, from slug to slug, where no model has the new one.

    Of several that go to one slug that with the most endpoints is renamed, with all that editors
    wrote.
    """
    models = Model.objects.filter(slug__in=goals).annotate(number=Count("endpoints"))
    taken = set(Model.objects.filter(slug__in=goals.values()).values_list("slug", flat=True))
    for model in models.order_by("-number", "slug"):
        goal = goals[model.slug]
        if goal not in taken:
            taken.add(goal)
            _alias(model.slug, model)
            Model.objects.filter(id=model.id).update(slug=goal, creator=creator_of(goal))


def creator_of(slug: str) -> Creator:
    maker = slug.partition("/")[0]
    name = CREATORS.get(maker) or maker
    return Creator.objects.get_or_create(slug=maker, defaults={"name": name})[0]


def merge_models(goals: Mapping[str, str], now: datetime) -> set[int]:
    """Merge models, from slug to slug; the ids of the endpoints that follow.

    Those are what an editor linked to the model.
    """
    targets = Model.objects.in_bulk(set(goals.values()), field_name="slug")
    followed: set[int] = set()
    for model in Model.objects.filter(slug__in=goals):
        target = targets[goals[model.slug]]
        followed |= set(model.endpoints.values_list("id", flat=True))
        _hand_over(model, target, now)
        model.delete()
        _alias(model.slug, target)
    _tidy_aliases()
    _tidy_creators()
    return followed


def _hand_over(model: Model, target: Model, now: datetime) -> None:
    """Give the target the model's texts, overrides and all that refers to it; nothing is lost."""
    _hand_over_texts(model, target)
    own = set(target.overrides.standing().values_list("field", flat=True))
    for override in Override.objects.filter(model=model):
        override.model = target
        if override.withdrawn_at is None and override.field in own:
            override.withdrawn_at = now
        override.save()
    for relation in Model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel):
            continue
        name = relation.field.name
        referring = relation.field.model._default_manager.filter(**{name: model})
        try:
            with transaction.atomic():
                referring.update(**{name: target})
        except IntegrityError:
            continue  # derived rows, of which the target has its own


def _hand_over_texts(model: Model, target: Model) -> None:
    for name in Model.TEXTS:
        text, own = getattr(model, name), getattr(target, name)
        if text and text not in own:
            setattr(target, name, f"{own}\n\n{text}" if own else text)
    target.save(update_fields=Model.TEXTS)


def _alias(spelling: str, model: Model) -> None:
    if not Alias.objects.filter(spelling=spelling).exists():
        Alias.objects.create(spelling=spelling, model=model)


def _tidy_aliases() -> None:
    """A slug of today is no alias: a rule may have been taken back."""
    slugs = Model.objects.values("slug")
    Alias.objects.filter(by_editor=False, spelling__in=slugs).delete()


def _tidy_creators() -> None:
    """Delete creators without models, and write the names that the table has by now."""
    left: Iterable[Creator] = Creator.objects.filter(models=None, first_parties=None, website="")
    for creator in left:
        creator.delete()
    for creator in Creator.objects.filter(slug__in=CREATORS):
        if creator.name == creator.slug != CREATORS[creator.slug]:
            Creator.objects.filter(id=creator.id).update(name=CREATORS[creator.slug])
