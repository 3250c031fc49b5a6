"""The work on an uploaded log, to whatever end it comes. Its file is gone after each."""

import errno
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded

from catalog.models import Model
from tests.factories import make_model, make_provider, sell
from usage import jobs as log_work
from usage import tasks, uploads
from usage.add_up import AddedLog
from usage.models import UsageLog
from usage.reader import Reader
from usage.reader_tasks import AddUpTask

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = "timestamp,model,provider,input_tokens,output_tokens\n"
ROW = "2026-11-20T10:00:00Z,o4-mini,openai,1000000,100000\n"
COLUMNS = {
    "at": "timestamp",
    "model": "model",
    "provider": "provider",
    "input": "input_tokens",
    "output": "output_tokens",
}
State = UsageLog.State


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    sell(make_model(), make_provider(), input="1.10", output="4.40")
    return settings.FILE_UPLOAD_TEMP_DIR


def queued(
    folder: Path,
    text: str = HEADER + ROW,
    tier: str = "",
    choice: dict[str, Any] | None = None,
    **columns: str,
) -> UsageLog:
    file = folder / "arrived"
    file.write_text(text)
    log = uploads.find(uploads.receive(file, "log.csv", NOW, "visitor"), NOW)
    assert log and uploads.start(log, {**COLUMNS, **columns}, {"tier": tier, **(choice or {})}, NOW)
    return log


def worked(log: UsageLog, folder: Path) -> UsageLog:
    log_work.price_uploaded(log.pk, now=NOW)
    return ended(log, folder)


def ended(log: UsageLog, folder: Path) -> UsageLog:
    assert not any(folder.iterdir())
    log.refresh_from_db()
    return log


@pytest.mark.parametrize("app", ["usage", "pricing"])
def test_a_log_is_priced_by_the_task_of_this_release_and_of_the_one_before(folder, app):
    log = queued(folder)
    current_app.tasks[f"{app}.tasks.price_usage_log"](log.pk)
    assert ended(log, folder).state == State.DONE


@pytest.mark.parametrize("app", ["usage", "pricing"])
def test_logs_expire_by_the_task_of_this_release_and_of_the_one_before(folder, app):
    queued(folder)
    UsageLog.objects.update(expires_at=NOW)
    current_app.tasks[f"{app}.tasks.expire_usage_logs"]()
    assert not UsageLog.objects.exists()


def test_a_log_is_priced_and_its_file_goes(folder):
    log = worked(queued(folder), folder)
    assert (log.state, log.progress, log.error) == (State.DONE, 1, "")
    # A million tokens of input at $1.10, and a tenth of one of output at $4.40.
    assert Decimal(log.result["as_run"]["amounts"]["USD"]) == Decimal("1.54")
    assert log.expires_at == NOW + uploads.KEEP_RESULT


def test_nothing_is_kept_of_the_log_but_its_names_and_sums(folder):
    secret = "what somebody asked"
    text = HEADER.replace("\n", ",prompt\n") + ROW.replace("\n", f",{secret}\n")
    log = worked(queued(folder, text), folder)
    assert log.result["log"]["unused"] == ["prompt"]
    assert secret not in json.dumps(log.result)


def test_the_task_does_the_work_and_a_second_one_nothing(folder):
    log = queued(folder)
    tasks.price_usage_log(log.pk)
    result = ended(log, folder).result
    UsageLog.objects.update(result=None)
    tasks.price_usage_log(log.pk)
    assert result and ended(log, folder).result is None


def test_a_log_that_is_gone_is_no_error(folder):
    log = queued(folder)
    uploads.cancel(log)
    log_work.price_uploaded(log.pk, now=NOW)
    log_work.price_uploaded(4711, now=NOW)
    assert ended(log, folder).state == State.CANCELLED


def test_what_is_wrong_with_a_log_is_said(folder):
    log = worked(
        queued(folder, HEADER + "2026-11-20T10:00:00Z,modèle,openai,1,1\n", input="tokens"), folder
    )
    assert (log.state, log.error[:34]) == (State.FAILED, "There is no column “tokens”: the c")


def test_bad_rows_are_counted_with_their_lines(folder):
    log = worked(queued(folder, HEADER + ROW + ROW.replace("1000000", "-5") + ROW), folder)
    assert log.result["bad"] == [{"reason": "input is negative", "rows": 1, "lines": [3]}]
    assert log.result["rows"] == 2


def test_names_that_postgresql_cannot_hold_are_kept_without_what_it_cannot(folder):
    line = {"timestamp": "2026-11-20", "input_tokens": 1, "output_tokens": 1}
    names = ("a\0b", "\ud800", "o4-mini")
    lines = [json.dumps(line | {"model": name, "provider": "openai"}) for name in names]
    log = worked(queued(folder, "\n".join(lines)), folder)
    assert (log.state, log.result["rows"]) == (State.DONE, 3)
    assert [row["name"] for row in log.result["unresolved"]] == ["a�b", "�"]


def test_no_more_days_are_kept_than_three_years_have(folder, monkeypatch):
    monkeypatch.setattr(log_work, "MOST_DAYS", 2)
    text = HEADER + "".join(ROW.replace("11-20", f"11-{day}") for day in (20, 21, 22))
    result = worked(queued(folder, text), folder).result
    assert [day["key"] for day in result["days"]] == ["2026-11-21", "2026-11-22"]
    assert result["days_in_all"] == 3


def test_the_tier_that_was_asked_for_is_the_reports(folder):
    log = worked(queued(folder, tier="batch"), folder)
    assert (log.result["tier"], log.result["endpoints_not_priced"]) == (
        "batch",
        {"no such tier": 1},
    )


def test_where_rows_without_a_provider_went_is_as_it_was_chosen(folder):
    sell(Model.objects.get(), make_provider("cheap"), input="1", output="1")
    text = HEADER + ROW.replace("openai", "")
    usual = worked(queued(folder, text), folder).result
    (name,) = usual["by_own_api"]
    assert (name["name"], name["model"], name["provider"]) == (
        "o4-mini",
        "openai/o4-mini",
        "openai",
    )
    assert (name["rows"], name["requests"]) == (1, 1)
    refused = worked(queued(folder, text, choice={"own_api": False}), folder).result
    assert (refused["by_own_api"], refused["unresolved"][0]["why"]) == (
        [],
        "the provider is not known",
    )
    chosen = {"own_api": False, "choices": {"o4-mini": "cheap"}}
    share = worked(queued(folder, text, choice=chosen), folder).result["shares"][0]
    assert (share["provider"], share["cost"]["amounts"]) == ("cheap", {"USD": "1.1"})


def test_no_more_is_unpacked_than_may_be(folder, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 10**6)
    log = worked(queued(folder, HEADER + ROW * 40_000), folder)
    assert (log.state, log.error) == (
        State.FAILED,
        "The log is larger than 1 MB unpacked, which is the limit.",
    )


@pytest.mark.parametrize(
    ("raised", "said", "goes_on"),
    [
        (SoftTimeLimitExceeded(), log_work.TOO_LONG, False),
        (OSError(errno.ENOSPC, "No space left on device"), log_work.DISK_FULL, True),
        (OSError(errno.EIO, "Input/output error"), log_work.BROKEN, True),
        (MemoryError(), log_work.NO_MEMORY, True),
        (ZeroDivisionError(), log_work.BROKEN, True),
    ],
)
def test_every_end_is_told_in_a_sentence(folder, monkeypatch, raised, said, goes_on):
    def fail(*args, **kwargs):
        raise raised

    monkeypatch.setattr(log_work, "price_added", fail)
    log = queued(folder)
    if goes_on:  # to the server's log
        with pytest.raises(type(raised)):
            log_work.price_uploaded(log.pk, now=NOW)
    else:
        log_work.price_uploaded(log.pk, now=NOW)
    assert (ended(log, folder).state, log.error) == (State.FAILED, said)


def test_a_log_of_which_the_reader_is_killed_is_queued_again_and_then_given_up(folder, monkeypatch):
    class Killed(Reader):
        def add_up(
            self, task: AddUpTask, *, seconds: float, progress: Callable[[float], None]
        ) -> AddedLog:
            progress(0.5)
            self.process.kill()
            return super().add_up(task, seconds=seconds, progress=progress)

    log = queued(folder)
    with monkeypatch.context() as deadly:
        deadly.setattr(log_work, "Reader", Killed)
        for attempt in range(1, uploads.MOST_ATTEMPTS):
            log_work.price_uploaded(log.pk, now=NOW)
            log.refresh_from_db()
            assert (log.state, log.attempts, log.progress) == (State.QUEUED, attempt, 0)
            assert any(folder.iterdir())
            assert uploads.unsent(NOW) == [log.pk]
        log_work.price_uploaded(log.pk, now=NOW)
    assert (ended(log, folder).state, log.error) == (State.FAILED, uploads.LOST)


def test_a_log_of_which_the_reader_was_killed_once_is_priced(folder):
    log = queued(folder)
    uploads.interrupt(uploads.claim(log.pk, NOW), NOW)
    assert (worked(log, folder).state, log.attempts) == (State.DONE, 2)


def test_a_log_that_is_cancelled_at_work_ends_with_the_next_sign_of_life(folder, monkeypatch):
    monkeypatch.setattr(log_work, "SIGN_OF_LIFE_SECONDS", 0)
    log = queued(folder, HEADER + ROW * 400_000)  # several blocks
    seen = []

    def cancelled(claimed, part, now):
        seen.append(part)
        uploads.cancel(log)
        return advance(claimed, part, now)

    advance = uploads.advance
    monkeypatch.setattr(uploads, "advance", cancelled)
    log_work.price_uploaded(log.pk, now=NOW)
    assert ended(log, folder).state == State.CANCELLED
    assert log.result is None
    assert len(seen) == 1


def test_progress_is_noted_as_it_is_made_and_only_grows(folder, monkeypatch):
    monkeypatch.setattr(log_work, "SIGN_OF_LIFE_SECONDS", 0)
    noted = []
    advance = uploads.advance

    def note(claimed, part, now):
        noted.append(part)
        return advance(claimed, part, now)

    monkeypatch.setattr(uploads, "advance", note)
    worked(queued(folder, HEADER + ROW * 400_000), folder)
    assert len(noted) > 2
    assert noted == sorted(noted)
    assert noted[-1] == 1


def many(folder: Path, monkeypatch: pytest.MonkeyPatch, rows: list[str]) -> UsageLog:
    """A queued log that is large enough to be divided."""
    monkeypatch.setattr(log_work, "DIVIDED_FROM", 0)
    monkeypatch.setattr(log_work, "LEAST_PART", 2000)
    header = HEADER.replace("\n", ",request_id,note\n")
    return queued(folder, header + "".join(rows), request_id="request_id")


def requests(number: int) -> list[str]:
    # Line breaks and quotes within a field, as prompts have them.
    note = '"said ""no""\n, twice"'
    negative = "2026-11-21T10:00:00Z,o4-mini,openai,-1,7"
    plain = [
        f"2026-11-{1 + n % 28:02}T10:00:00Z,o4-mini,openai,{n},{n // 3}" for n in range(number)
    ]
    lines = [negative if n % 50 == 7 else line for n, line in enumerate(plain)]
    return [f"{line},r{n},{note if n % 3 else 'x'}\n" for n, line in enumerate(lines)]


def test_a_large_log_is_priced_in_parts_to_the_last_digit(folder, monkeypatch):
    rows = requests(400)
    one = worked(queued(folder, HEADER.replace("\n", ",request_id,note\n") + "".join(rows)), folder)
    log = many(folder, monkeypatch, rows)
    divided = log_work.price_uploaded(log.pk, now=NOW)
    assert divided and divided[:2] == (log.pk, 1)
    assert log.parts.count() > 1
    # Another worker takes a part first, and both go on until none is left.
    part = uploads.claim_part(UsageLog.objects.get(pk=log.pk))
    assert part and part.number == 0
    type(part).objects.filter(pk=part.pk).update(claimed=False)
    log_work.price_parts(log.pk, 1, now=NOW)
    log_work.price_parts(log.pk, 1, now=NOW)
    result = ended(log, folder).result
    assert (log.state, log.progress) == (State.DONE, 1)
    assert result == one.result
    assert result["bad"][0]["rows"] == 8 and result["rows"] == 392


def test_a_request_in_two_parts_counts_once(folder, monkeypatch):
    rows = requests(400)
    log = many(folder, monkeypatch, [*rows, rows[3], rows[5]])
    assert log_work.price_uploaded(log.pk, now=NOW)
    log_work.price_parts(log.pk, 1, now=NOW)
    log = ended(log, folder)
    assert log.result["rows"] == 392
    assert {bad["rows"] for bad in log.result["bad"] if "another row" in bad["reason"]} == {2}


def test_parts_of_an_earlier_claim_and_of_a_cancelled_log_do_not_count(folder, monkeypatch):
    log = many(folder, monkeypatch, requests(400))
    assert log_work.price_uploaded(log.pk, now=NOW)
    uploads.interrupt(UsageLog.objects.get(pk=log.pk), NOW)
    log_work.price_parts(log.pk, 1, now=NOW)
    log.refresh_from_db()
    assert (log.state, log.result) == (State.QUEUED, None)
    sent = []
    monkeypatch.setattr(tasks.price_usage_parts, "delay", lambda *args: sent.append(args))
    tasks.price_usage_log(log.pk)
    assert set(sent) <= {(log.pk, 2)}
    assert ended(log, folder).state == State.DONE
    other = many(folder, monkeypatch, requests(400))
    assert log_work.price_uploaded(other.pk, now=NOW)
    uploads.cancel(other)
    log_work.price_parts(other.pk, 1, now=NOW)
    assert ended(other, folder).state == State.CANCELLED


def test_an_error_in_one_part_ends_the_log_with_its_sentence(folder, monkeypatch):
    log = many(folder, monkeypatch, [*requests(400), "\xff\xfe\n"])
    Path(log.path).write_bytes(Path(log.path).read_bytes() + b"2026-11-20,\xff,openai,1,1,a,b\n")
    assert log_work.price_uploaded(log.pk, now=NOW)
    log_work.price_parts(log.pk, 1, now=NOW)
    log = ended(log, folder)
    assert (log.state, log.error[-24:]) == (State.FAILED, "save the log in that encoding."[-24:])
