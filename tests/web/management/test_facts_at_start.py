"""A start with a newer version brings its curated facts into the catalog, without a network."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Endpoint, Source
from sources.models import Refresh
from sources.upstreams.curated import read
from sources.upstreams.curated.read import SUBJECTS
from tests.factories import make_endpoint, make_model
from web.management.commands.run import refresh_facts

pytestmark = pytest.mark.django_db

AT = {"source": "https://openai.example/policy", "checked": "2026-08-30"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(read, "FOLDER", tmp_path)
    return tmp_path


def write(folder: Path, as_of: str, **policy: Any) -> None:
    row = {"provider": "openai", "policy": {"note": "Theirs.", **policy, **AT}}
    for name in SUBJECTS:
        rows = [row] if name == "providers.json" else []
        content = {"as_of": as_of, "about": "", "rows": rows}
        folder.joinpath(name).write_text(json.dumps(content))


def test_newer_facts_come_in_once(folder: Path) -> None:
    make_endpoint(make_model())
    write(folder, "2026-10-01", zdr="contract")
    refresh_facts()
    refresh_facts()
    assert Endpoint.objects.get().zdr == "contract"
    assert Refresh.objects.count() == 1
    write(folder, "2026-10-02", zdr="on_request")
    refresh_facts()
    assert Endpoint.objects.get().zdr == "on_request"
    assert str(Source.objects.get(slug="curated").as_of)[:10] == "2026-10-02"


def test_a_bad_file_is_a_sentence_and_stops_no_start(folder: Path, capsys: Any) -> None:
    make_endpoint(make_model())
    write(folder, "2026-10-01", zdr="perhaps")
    refresh_facts()
    said = capsys.readouterr().err
    assert said.startswith("ratecard: providers.json, row 1 (openai), policy: zdr is “perhaps”")
    assert said.endswith("The catalog keeps the facts that it has.\n")
    assert said.count("\n") == 1
