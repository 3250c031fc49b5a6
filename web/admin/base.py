"""The base of the catalog's admin: short waits for its write lock, and deletions by counts."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db import models
from django.db.models.deletion import CASCADE, PROTECT
from django.forms.models import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.text import capfirst

from catalog.write_lock import CatalogBusy, turn

# Seconds that a save waits for a refresh or another editor.
PATIENCE = 3.0
BUSY = "A refresh is being written, so nothing was saved yet: save again in a few seconds."
AGAIN = "A refresh is being written, so nothing was done: try again in a few seconds."
# How many of the rows to delete are named.
_NAMED = 100


class DecisionRefused(Exception):
    """Nothing was decided. The message is a sentence for the editor."""


class CatalogForm(ModelForm):  # type: ignore[type-arg]
    """A form that keeps what was typed while another writer has the catalog."""

    is_busy = False

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_busy and self.is_bound:
            self.add_error(None, BUSY)


class CatalogAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Writes under the catalog's lock: what a form shows is what the save begins from.

    `instead` is what to do in place of a deletion that is refused.
    """

    form = CatalogForm
    instead = ""

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, *args, **kwargs)
        form.is_busy = getattr(request, "is_busy", False)  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        def view() -> HttpResponse:
            return super(CatalogAdmin, self).changeform_view(
                request, object_id, form_url, extra_context
            )

        def busy() -> HttpResponse:
            request.is_busy = True  # type: ignore[attr-defined]
            return view()

        return _in_turn(request, view, busy)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        def view() -> HttpResponse:
            return super(CatalogAdmin, self).changelist_view(request, extra_context)

        return _in_turn(request, view, lambda: _again(request))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        def view() -> HttpResponse:
            return super(CatalogAdmin, self).delete_view(request, object_id, extra_context)

        return _in_turn(request, view, lambda: _again(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[Any], list[Any]]:
        """What a deletion takes along, by counts: Django names every row, 40,000 for a source.

        The lists are for the confirmation: rows to delete, their numbers, kinds that may not be
        deleted, and what protects the rows.
        """
        chosen = self.model._default_manager.filter(pk__in=[obj.pk for obj in objs])
        gone: Counter[str] = Counter({str(self.opts.verbose_name_plural): len(objs)})
        protected: Counter[str] = Counter()
        forbidden: set[str] = set()
        self._follow(chosen, request, gone, protected, forbidden)
        named = [f"{capfirst(self.opts.verbose_name)}: {obj}" for obj in objs[:_NAMED]]
        if len(objs) > _NAMED:
            named.append(f"… and {len(objs) - _NAMED:,} more")
        own = str(self.opts.verbose_name_plural)
        lines = _lines((name, n) for name, n in gone.items() if name != own)
        guards = _lines(protected.items())
        if guards and self.instead:
            guards.append(self.instead)
        return [*named, *lines], dict(gone), forbidden, guards

    def _follow(
        self,
        rows: models.QuerySet[Any],
        request: HttpRequest,
        gone: Counter[str],
        protected: Counter[str],
        forbidden: set[str],
    ) -> None:
        for relation in rows.model._meta.get_fields(include_hidden=True):
            if not (relation.one_to_many or relation.one_to_one) or relation.concrete:
                continue
            table = relation.related_model
            related = table._default_manager.filter(
                **{f"{relation.field.name}__in": rows.values("pk")}
            )
            name = str(table._meta.verbose_name_plural)
            if relation.on_delete is PROTECT:
                protected[name] += related.count()
            elif relation.on_delete is CASCADE and (number := related.count()):
                gone[name] += number
                editor = self.admin_site._registry.get(table)
                if editor and not editor.has_delete_permission(request):
                    forbidden.add(str(table._meta.verbose_name))
                self._follow(related, request, gone, protected, forbidden)


def _lines(numbers: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{number:,} {name}" for name, number in numbers if number]


def _in_turn(
    request: HttpRequest, view: Callable[[], HttpResponse], busy: Callable[[], HttpResponse]
) -> HttpResponse:
    if request.method != "POST":
        return view()
    try:
        with turn(patience=PATIENCE):
            return view()
    except CatalogBusy:
        return busy()


def _again(request: HttpRequest) -> HttpResponse:
    messages.warning(request, AGAIN)
    return HttpResponseRedirect(request.get_full_path())


def decided(
    request: HttpRequest, decide: Callable[[str], str], *, keeps: Sequence[str] = ()
) -> HttpResponse:
    """Decide of the posted rows of a review under the catalog's lock, with the reason posted.

    `decide` gets the reason, returns what was done as a sentence, or raises DecisionRefused. The
    redirect keeps the reason and the parameters `keeps`.
    """
    why = request.POST.get("why", "").strip()
    refusal = said = ""
    try:
        if not why:
            raise DecisionRefused("Give a reason first: it is kept with the decision.")
        with turn(patience=PATIENCE):
            said = decide(why)
    except CatalogBusy:
        refusal = AGAIN
    except DecisionRefused as error:
        refusal = str(error)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"said": refusal or said}, status=409 if refusal else 200)
    (messages.warning if refusal else messages.success)(request, refusal or said)
    kept = {name: request.GET[name] for name in keeps if name in request.GET}
    return HttpResponseRedirect(f"{request.path}?{urlencode(kept | {'why': why})}")
