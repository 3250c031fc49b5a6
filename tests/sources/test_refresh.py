from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Endpoint, Source
from pricing.models import Rate
from sources.base import FetchFailed
from sources.models import Refresh
from sources.refresh import refresh
from sources.registry import SOURCES, enabled
from sources.tasks import refresh_source
from sources.upstreams.models_dev.read import ModelsDev
from tests.sources.server import Server

pytestmark = pytest.mark.django_db


def run(**options: Any) -> Any:
    return refresh(SOURCES["models-dev"], now=timezone.now(), **options)


def test_a_refresh_reads_the_mirror_and_keeps_a_record(upstream: Server) -> None:
    assert run()["endpoints new"] == 1
    assert Rate.objects.get(meter="input").amount == Decimal("1.1")
    assert Refresh.objects.get().counts["endpoints new"] == 1
    assert Refresh.objects.get().state == "done"
    assert Source.objects.get(slug="models-dev").fetched_at == Refresh.objects.get().started_at


def test_a_dry_run_says_what_would_change_and_writes_nothing(upstream: Server) -> None:
    assert run(dry_run=True)["endpoints new"] == 1
    assert not Endpoint.objects.exists()
    assert not Refresh.objects.exists()


def test_a_failing_source_is_recorded_and_the_last_good_answer_stays(upstream: Server) -> None:
    run()
    fetched_at = Source.objects.get(slug="models-dev").fetched_at
    upstream.pages["/api.json"].status = 503
    with pytest.raises(FetchFailed, match=r"models\.dev answered 503"):
        run()
    (error,) = Refresh.objects.exclude(error="").values_list("error", flat=True)
    assert error.startswith("models.dev answered 503")
    assert Refresh.objects.exclude(error="").get().state == "failed"
    assert Endpoint.objects.get().missing_since is None
    source = Source.objects.get(slug="models-dev")
    assert source.fetched_at == fetched_at
    assert source.failing_since == Refresh.objects.exclude(error="").get().started_at
    with pytest.raises(FetchFailed):
        run()
    assert Source.objects.get(slug="models-dev").failing_since == source.failing_since
    with pytest.raises(FetchFailed):
        run(dry_run=True)
    upstream.pages["/api.json"].status = 200
    run()
    assert Source.objects.get(slug="models-dev").failing_since is None


def test_a_source_that_is_down_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATECARD_SOURCE_MODELS_DEV_URL", "http://127.0.0.1:9/api.json")
    with pytest.raises(
        CommandError, match=r"models.dev could not be read at http://127.0.0.1:9/api.json: .+\."
    ):
        call_command("refresh_source", "models-dev")


@pytest.mark.parametrize("words", [[], ["models-dev", "--all"], ["no-such-source"]])
def test_the_command_says_what_it_wants(words: list[str]) -> None:
    with pytest.raises(CommandError, match="models-dev"):
        call_command("refresh_source", *words)


def test_the_command_prints_what_changed(
    upstream: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("refresh_source", "models-dev")
    assert "1 endpoints new" in capsys.readouterr().out


def test_the_task_leaves_alone_what_the_settings_switch_off(
    upstream: Server, settings: Any
) -> None:
    settings.SOURCES = ["litellm"]
    refresh_source("models-dev")
    assert not Endpoint.objects.exists()
    assert [source.slug for source in enabled()] == ["litellm", "curated"]
    settings.SOURCES = []
    refresh_source("models-dev")
    assert Endpoint.objects.exists()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(b"no gzip", "not gzipped"), (b"", "not gzipped"), (b"\x1f\x8b\x08\x00broken", "snapshot")],
)
def test_a_broken_snapshot_is_one_sentence_and_changes_nothing(
    tmp_path: Any, body: bytes, sentence: str
) -> None:
    file = tmp_path / "broken.gz"
    file.write_bytes(body)
    with pytest.raises(CommandError, match=f"broken.gz: .*{sentence}.*Nothing was changed"):
        call_command("load_snapshot", str(file))
    assert not Endpoint.objects.exists()


def test_refreshing_all_says_when_the_settings_leave_nothing_to_refresh(settings):
    settings.SOURCES = ["curated"]
    with pytest.raises(CommandError, match="RATECARD_SOURCES"):
        call_command("refresh_source", "--all")


def test_what_an_adapter_does_not_foresee_is_one_sentence_and_other_sources_go_on(
    upstream: Server, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def parse(*args: Any) -> Any:
        raise KeyError("a field")

    monkeypatch.setattr(ModelsDev, "parse", parse)
    settings.SOURCES = ["models-dev"]
    with pytest.raises(CommandError, match=r"models\.dev sent what this version cannot read: Key"):
        call_command("refresh_source", "--all")
    assert Refresh.objects.get(source__slug="curated").state == "done"
    assert Refresh.objects.get(source__slug="models-dev").state == "failed"
    # The log has the traceback.
    assert "KeyError: 'a field'" in caplog.text
