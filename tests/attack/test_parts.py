"""The parts of the attack in miniature, so that they keep up with the site."""

import json
from random import Random

import pytest

from attack import load, signin, slow
from attack.__main__ import PARTS, arguments
from attack.admin_form import save
from attack.bombs import sentence
from attack.hostile_logs import BOMBS
from attack.instance import kind_of, signed_in_cookies
from attack.report import MOST_SHOWN, Promise
from attack.uploads import start, total, upload
from attack.wire import get
from catalog.models import Override, Provider


def test_all_parts_run_without_a_name_and_with_a_seed_that_is_printed():
    assert not arguments([]).parts
    assert arguments(["slow", "--seed", "7"]).seed == 7


def test_an_unknown_part_is_refused_with_the_known_names(capsys):
    with pytest.raises(SystemExit):
        arguments(["slow", "fast"])
    assert f"unknown part fast; the parts are {', '.join(PARTS)}." in capsys.readouterr().err


def test_a_broken_promise_names_what_broke_it_up_to_a_bound():
    assert str(Promise("a page", "1 ms")).startswith("kept")
    lines = str(Promise("a page", "9 s", ("x",) * (MOST_SHOWN + 3))).splitlines()
    assert lines[0].startswith("BROKEN")
    assert lines[-1].strip() == "… and 3 more"


def test_slow_sockets_are_held_beside_pages(instance, monkeypatch):
    monkeypatch.setattr(slow, "SOCKETS", 3)
    assert "/estimate/prompt/" in slow.taking_bodies(instance)
    sent = [slow.head("/estimate/prompt/")] * 3
    promise = slow.beside(instance, "slow bodies", sent, b"x", seconds=1.2)
    assert "pages beside" in promise.figures


def test_load_counts_errors_and_times(instance):
    promise = load.under_load(instance, "one list", lambda: "/models/", seconds=1)
    assert " 0 errors" in promise.figures
    wrong = load.under_load(instance, "nothing", lambda: "/no/such/page", seconds=1)
    assert [text for text in wrong.broken if text.endswith("errors")]


def test_passwords_are_guessed(instance, monkeypatch):
    monkeypatch.setattr(signin, "GUESSERS", 1)
    (promise,) = signin.attack(instance, Random("1"), share=0.05)
    assert "a second, by status" in promise.figures


def test_an_edit_is_saved_through_the_forms_of_the_admin(instance):
    cookies = signed_in_cookies(instance.port)
    provider = Provider.objects.get()
    address = f"/admin/catalog/provider/{provider.pk}/change/"
    changes = {"status_url": "https://azure.example.org/", "why": "an attacked editor"}
    assert save(instance.port, address, changes, cookies).status == 302
    provider.refresh_from_db()
    assert provider.status_url == "https://azure.example.org/"
    assert Override.objects.get().why == "an attacked editor"


def test_a_log_is_uploaded_and_a_wrong_one_gets_a_sentence(instance, monkeypatch):
    address = upload(instance.port, "a.csv", b"model,input\no4-mini,5\n").headers["location"]
    assert get(instance.port, address).status == 200
    assert total(instance.port, address) is None
    assert "No column holds" in sentence(start(instance.port, address, {"at": ""}).body)
    assert "empty" in sentence(upload(instance.port, "a.csv", b"").body)


def test_the_mirror_changes_one_price_with_each_answer(instance):
    mirror = instance.mirror
    mirror.read_catalog()
    first, second = (json.loads(get(mirror.port, "/api.json").body) for _ in range(2))
    cost = {"input": 1.002}
    assert second["azure"]["models"][mirror.upstream_id]["cost"] == cost
    assert first != second
    assert mirror.served == ["1.001", "1.002"]


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("python -m usage.reader_process 5", "reader"),
        ("python bin/granian --interface wsgi", "web"),
        ("python -c from multiprocessing.spawn import spawn_main", "web"),
        ("python bin/celery --app config.celery worker --concurrency 2", "worker"),
        ("python bin/celery --app config.celery beat --loglevel WARNING", "beat"),
        ("", "other"),
    ],
)
def test_processes_are_told_apart(command, kind):
    assert kind_of(command) == kind


@pytest.mark.parametrize("name", ["long-text.parquet", "packed-twice.gz", "deep.jsonl"])
def test_a_bomb_is_small(name):
    assert len(BOMBS[name]()) < 2**20
