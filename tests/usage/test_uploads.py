"""Uploaded usage logs: from the file that arrives to the result that expires."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from usage import uploads
from usage.models import UsageLog

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
State = UsageLog.State


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


def arrive(folder: Path, name: str = "log.csv", now: datetime = NOW, visitor: str = "one") -> str:
    file = folder / "as-it-comes.upload"
    file.write_bytes(b"at,model,input\n")
    return uploads.receive(file, name, now, visitor)


def running(folder: Path, now: datetime = NOW) -> UsageLog:
    token = arrive(folder, now=now)
    log = uploads.find(token, now)
    assert log and uploads.start(log, {"at": "at"}, {"tier": ""}, now)
    claimed = uploads.claim(log.pk, now)
    assert claimed
    return claimed


def state_of(log: UsageLog) -> str:
    log.refresh_from_db()
    return log.state


def test_a_file_is_taken_over_under_a_name_that_says_nothing(folder):
    token = arrive(folder, "../../etc/passwd")
    (path,) = folder.iterdir()
    log = uploads.find(token, NOW)
    assert (log.name, log.size, log.state, log.path) == (
        "../../etc/passwd",
        15,
        "uploaded",
        str(path),
    )
    assert token not in path.name and path.name.isalnum()
    assert not UsageLog.objects.filter(digest__contains=token).exists()


@pytest.mark.parametrize("guess", ["", "x", "0" * 24, "%", "' OR 1=1"])
def test_a_token_that_is_guessed_leads_nowhere(folder, guess):
    arrive(folder)
    assert uploads.find(guess, NOW) is None


def test_a_log_that_is_not_started_expires_with_its_file(folder):
    token = arrive(folder)
    late = NOW + uploads.KEEP_WAITING
    assert uploads.find(token, late - timedelta(seconds=1))
    assert uploads.find(token, late) is None
    uploads.expire(late)
    assert not UsageLog.objects.exists()
    assert not any(folder.iterdir())


def test_a_log_is_started_once(folder):
    log = uploads.find(arrive(folder), NOW)
    assert uploads.start(log, {"at": "at"}, {}, NOW)
    assert not uploads.start(log, {"at": "other"}, {}, NOW)
    log.refresh_from_db()
    assert (log.state, log.columns) == ("queued", {"at": "at"})


def test_a_log_is_claimed_once(folder):
    log = running(folder)
    assert uploads.claim(log.pk, NOW) is None


def test_a_log_that_could_not_be_queued_waits_again(folder):
    log = uploads.find(arrive(folder), NOW)
    uploads.start(log, {}, {}, NOW)
    uploads.unqueue(log)
    assert state_of(log) == State.UPLOADED
    assert any(folder.iterdir())


def test_a_log_that_waited_long_for_a_worker_does_not_expire_under_it(folder):
    token = arrive(folder)
    log = uploads.find(token, NOW)
    almost = NOW + uploads.KEEP_WAITING - timedelta(seconds=1)
    uploads.start(log, {}, {}, almost)
    again = almost + uploads.KEEP_WAITING - timedelta(seconds=1)
    assert uploads.claim(log.pk, again)
    uploads.expire(again + timedelta(minutes=1))
    assert uploads.find(token, again + timedelta(minutes=1)).state == State.RUNNING


@pytest.mark.parametrize("at_work", [State.UPLOADED, State.QUEUED, State.RUNNING])
def test_a_cancelled_log_loses_its_file_at_once(folder, at_work):
    log = running(folder)
    UsageLog.objects.update(state=at_work)
    log.refresh_from_db()
    uploads.cancel(log)
    assert state_of(log) == State.CANCELLED
    assert not any(folder.iterdir())
    assert not uploads.advance(log, 0.5, NOW)
    assert uploads.claim(log.pk, NOW) is None


def test_what_was_cancelled_gets_no_result(folder):
    log = running(folder)
    uploads.cancel(log)
    uploads.end(log, NOW, result={"rows": 1})
    assert (state_of(log), log.result) == (State.CANCELLED, None)


def test_a_result_is_not_cancelled_any_more(folder):
    log = running(folder)
    uploads.end(log, NOW, result={"rows": 1})
    uploads.cancel(log)
    assert (state_of(log), log.result) == (State.DONE, {"rows": 1})


def test_the_end_takes_the_file_and_keeps_the_result_for_days(folder):
    log = running(folder)
    uploads.end(log, NOW, result={"rows": 1})
    log.refresh_from_db()
    assert (log.state, log.progress, log.expires_at) == (State.DONE, 1, NOW + uploads.KEEP_RESULT)
    assert not any(folder.iterdir())


def test_an_error_is_kept_in_place_of_a_result(folder):
    log = running(folder)
    uploads.end(log, NOW, error="The file is empty.")
    assert (state_of(log), log.error, log.result) == (State.FAILED, "The file is empty.", None)


SILENT = uploads.SILENCE + timedelta(seconds=1)


def test_a_log_of_a_silent_worker_is_queued_again_and_its_file_stays(folder):
    token = arrive(folder)
    log = uploads.find(token, NOW)
    uploads.start(log, {}, {}, NOW)
    claimed = uploads.claim(log.pk, NOW)
    alive = NOW + timedelta(minutes=1)
    assert uploads.advance(claimed, 0.4, alive)
    assert uploads.find(token, alive + uploads.SILENCE).state == State.RUNNING
    assert uploads.find(token, alive + SILENT).state == State.QUEUED
    assert any(folder.iterdir())
    assert uploads.unsent(alive + SILENT) == [log.pk]


def test_a_log_whose_workers_are_lost_again_and_again_fails_with_a_sentence(folder):
    log, now = running(folder), NOW
    for attempt in range(1, uploads.MOST_ATTEMPTS):
        now += SILENT
        assert uploads.unsent(now) == [log.pk], attempt
        assert state_of(log) == State.QUEUED
        assert uploads.claim(log.pk, now).attempts == attempt + 1
    assert uploads.unsent(now + SILENT) == []
    assert (state_of(log), log.error) == (State.FAILED, uploads.LOST)
    assert not any(folder.iterdir())


def test_a_worker_that_was_taken_for_lost_changes_nothing_any_more(folder):
    first = running(folder)
    uploads.unsent(NOW + SILENT)
    second = uploads.claim(first.pk, NOW + SILENT)
    assert not uploads.advance(first, 0.5, NOW + SILENT)
    uploads.end(first, NOW + SILENT, error="from the first")
    assert any(folder.iterdir())
    assert state_of(first) == State.RUNNING
    uploads.end(second, NOW + SILENT, result={"rows": 1})
    assert (state_of(second), second.result) == (State.DONE, {"rows": 1})


def test_a_queued_log_is_sent_again_each_minute_until_it_is_claimed(folder):
    log = uploads.find(arrive(folder), NOW)
    assert uploads.unsent(NOW + timedelta(hours=1)) == []
    uploads.start(log, {}, {}, NOW)
    later = NOW + uploads.SEND_AGAIN
    assert uploads.unsent(later - timedelta(seconds=1)) == []
    assert uploads.unsent(later) == [log.pk]
    assert uploads.unsent(later) == []
    assert uploads.unsent(later + uploads.SEND_AGAIN) == [log.pk]
    assert uploads.claim(log.pk, later + uploads.SEND_AGAIN)
    assert uploads.unsent(later + 2 * uploads.SEND_AGAIN) == []


def test_files_that_belong_to_no_log_go_when_they_are_old(folder):
    log = running(folder)
    old, new = folder / "left.upload", folder / "arriving.upload"
    for file, at in ((old, NOW - uploads.KEEP_WAITING), (new, NOW)):
        file.write_bytes(b"x")
        os.utime(file, (at.timestamp() - 1,) * 2)
    os.utime(log.path, (0, 0))
    UsageLog.objects.update(seen_at=NOW)
    uploads.expire(NOW)
    assert sorted(folder.iterdir()) == sorted([new, Path(log.path)])


def test_no_more_logs_are_taken_than_may_wait(folder, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 2)
    running(folder)
    arrive(folder)
    with pytest.raises(uploads.Busy):
        arrive(folder, visitor="another")
    UsageLog.objects.filter(state=State.RUNNING).update(state=State.DONE)
    assert arrive(folder, visitor="another")


def test_one_visitor_may_take_a_quarter_of_the_places(folder):
    for _ in range(uploads.MOST_OF_ONE_VISITOR):
        token = arrive(folder)
    assert 2 * uploads.MOST_OF_ONE_VISITOR <= uploads.MOST_AT_ONCE
    with pytest.raises(uploads.VisitorBusy):
        arrive(folder)
    assert arrive(folder, visitor="another")
    uploads.cancel(uploads.find(token, NOW))
    assert arrive(folder)


def test_a_visitor_is_known_by_a_keyed_digest_until_the_work_ends(folder, settings):
    key = uploads.visitor_key("192.0.2.9")
    assert "192.0.2.9" not in key and len(key) == 64
    settings.SECRET_KEY = "another"
    assert uploads.visitor_key("192.0.2.9") != key
    log = running(folder)
    assert log.visitor == "one"
    uploads.end(log, NOW, result={})
    log.refresh_from_db()
    assert log.visitor == ""


def test_who_does_not_start_a_log_gives_up_its_place_and_who_did_does_not(folder, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 2)
    busy, idle = running(folder), arrive(folder)
    later = NOW + uploads.IDLE + timedelta(seconds=1)
    assert arrive(folder, now=later)
    assert uploads.find(idle, later).state == State.CANCELLED
    assert state_of(busy) == State.RUNNING
    assert len(list(folder.iterdir())) == 2


def test_so_much_of_the_disk_stays_free(folder, monkeypatch):
    free = uploads.shutil.disk_usage(folder).free
    assert uploads.has_space(0)
    assert not uploads.has_space(free)
    assert not uploads.has_space(free - uploads.LEFT_FREE + 2**28)
