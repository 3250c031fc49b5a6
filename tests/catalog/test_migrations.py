"""Migrations that move what editors stated."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from catalog.models import Model, Override
from tests.factories import make_model

pytestmark = pytest.mark.django_db


def migrate(name):
    MigrationExecutor(connection).migrate([("catalog", name)])


def test_an_editors_successor_becomes_an_override_that_can_be_withdrawn():
    editor = User.objects.create_superuser("editor")
    successor = make_model("openai/o5")
    for slug, by, chosen in (
        ("openai/o1", {}, successor),  # of before sources stated successors
        ("openai/o2", {"successor": ["editor", "2026-11-30"]}, successor),
        ("openai/o3", {"successor": ["editor", "2026-11-30"]}, None),
        ("openai/o4", {"successor": ["curated", "2026-11-30"]}, successor),
    ):
        model = make_model(slug)
        Model.objects.filter(pk=model.pk).update(successor=chosen, provenance=by)
    connection.check_constraints()  # none may wait while tables are altered
    migrate("0015_derived_from")
    migrate("0016_successors_by_editors")
    kept = Override.objects.values_list("model__slug", "field", "value", "by")
    assert sorted(kept) == [
        ("openai/o1", "successor", "openai/o5", editor.id),
        ("openai/o2", "successor", "openai/o5", editor.id),
        ("openai/o3", "successor", None, editor.id),
    ]
