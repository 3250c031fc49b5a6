"""Pricing a usage log on its pages: upload, columns, progress, cancel, result, bad files."""

import errno
import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.core.management import CommandError, call_command
from django.test import Client
from kombu.exceptions import OperationalError

from catalog.models import Endpoint
from pricing.terms import Terms
from tests.factories import make_model, make_provider, make_rate, sell
from tests.web.page import price, rows
from usage import reader, tasks, uploads
from usage.models import UsageLog
from web.http.waiting import WaitingPlaces
from web.views import usage

pytestmark = pytest.mark.django_db

FORM = "/estimate/usage/"
HEADER = "timestamp,model,provider,input_tokens,output_tokens\n"
ROW = "2026-11-20T10:00:00Z,o4-mini,openai,1000000,100000\n"
COLUMNS = {
    "column-at": "timestamp",
    "column-model": "model",
    "column-provider": "provider",
    "column-input": "input_tokens",
    "column-output": "output_tokens",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    mini = make_model()
    sell(mini, make_provider("openai"), input="1.10", output="4.40")
    sell(mini, make_provider("host"), input="0.50", output="2.00")
    return settings.FILE_UPLOAD_TEMP_DIR


class Queue:
    """Tasks wait here until a test lets them run."""

    def __init__(self) -> None:
        self.waiting: list[int] = []

    def delay(self, pk: int) -> None:
        self.waiting.append(pk)

    def work(self) -> None:
        while self.waiting:
            tasks.price_usage_log(self.waiting.pop(0))


@pytest.fixture(autouse=True)
def queue(monkeypatch) -> Queue:
    waiting = Queue()
    monkeypatch.setattr(usage, "price_usage_log", waiting)
    return waiting


def send(client, body: str | bytes = HEADER + ROW, name: str = "log.csv", **more):
    content = body.encode() if isinstance(body, str) else body
    return client.post(FORM, {"log": SimpleUploadedFile(name, content)}, **more)


def uploaded(client, body: str | bytes = HEADER + ROW, name: str = "log.csv") -> str:
    response = send(client, body, name)
    assert response.status_code == 302, complaint(response)
    return response["Location"]


def complaint(response) -> str:
    found = re.search(r'id="why-log"[^>]*>([^<]*)<', response.content.decode())
    return unescape(found[1]) if found else ""


def html(response) -> str:
    return unescape(response.content.decode())


def text(response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def log_at(address: str) -> UsageLog:
    log = uploads.find(address.rstrip("/").rpartition("/")[2], datetime.now(UTC))
    assert log
    return log


def selected(response) -> dict[str, str]:
    """What each choice of the mapping form stands at."""
    selects = re.findall(
        r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', response.content.decode(), re.S
    )
    chosen = {
        name: re.search(r"<option[^>]* selected>([^<]*)", options) for name, options in selects
    }
    return {name: unescape(found[1]) for name, found in chosen.items() if found}


def recognised(response) -> dict[str, str]:
    """What each field is recognised as."""
    return {
        name: unescape(columns)
        for name, columns in re.findall(
            r'name="([^"]+)"[^>]*>\s*<option value="\*">as recognised: ([^<]*)<',
            response.content.decode(),
        )
    }


def never(*args, **kwargs):
    raise AssertionError("a file was begun")


# ---- the way through ----


def test_a_log_goes_from_the_form_to_its_result(client, folder, queue):
    address = uploaded(client)
    page = client.get(address)
    assert recognised(page) == COLUMNS
    assert client.post(address, COLUMNS).headers["Location"] == address
    assert "Waiting for a worker" in html(client.get(address))
    queue.work()
    done = client.get(address)
    # A million tokens of input and a tenth of one of output: at $1.10 and $4.40, then at $0.50 and
    # $2.
    assert 'data-meter="as_run" data-amount="1.54' in html(done)
    assert [
        (row["data-provider"], Decimal(price(row, "total")[1])) for row in rows(done, "estimate")
    ] == [
        ("host", Decimal("0.70")),
        ("openai", Decimal("1.54")),
    ]
    (move,) = rows(done, "moves")
    assert (move["data-model"], move["data-provider"]) == ("openai/o4-mini", "host")
    assert not any(folder.iterdir())


def test_the_result_comes_as_json_with_exact_amounts(client, queue):
    address = uploaded(client)
    assert client.get(f"{address}result.json").status_code == 404
    client.post(address, COLUMNS)
    queue.work()
    answer = client.get(f"{address}result.json")
    assert answer["Content-Disposition"] == 'attachment; filename="usage.json"'
    assert Decimal(answer.json()["as_run"]["amounts"]["USD"]) == Decimal("1.54")


@pytest.mark.parametrize("ending", ["plain", "gz", "parquet"])
def test_every_format_is_taken(client, queue, tmp_path, ending):
    body = {
        "plain": str.encode,
        "gz": lambda text: gzip.compress(text.encode()),
        "parquet": parquet_of,
    }
    address = uploaded(client, body[ending](HEADER + ROW), f"log.{ending}")
    client.post(address, COLUMNS)
    queue.work()
    assert log_at(address).state == "done"


def parquet_of(csv: str) -> bytes:
    path = Path(uploads.folder()).parent / "made.parquet"
    pl.read_csv(csv.encode()).write_parquet(path)
    return path.read_bytes()


def test_progress_is_asked_for_every_second_and_by_a_reload_without_scripts(client):
    address = uploaded(client)
    client.post(address, COLUMNS)
    UsageLog.objects.update(state="running", progress=0.42, seen_at=datetime.now(UTC))
    whole, part = client.get(address), client.get(address, headers={"HX-Request": "true"})
    assert 'http-equiv="refresh"' in html(whole)
    for page in (whole, part):
        assert 'hx-trigger="every 1s"' in html(page)
        assert '<progress max="100" value="42"' in html(page)
    assert part.content.strip().startswith(b'<section id="state"')


def test_what_has_ended_asks_for_nothing_more(client, queue):
    address = uploaded(client)
    client.post(address, COLUMNS)
    queue.work()
    for page in (client.get(address), client.get(address, headers={"HX-Request": "true"})):
        assert "hx-trigger" not in html(page) and "refresh" not in html(page)


# ---- columns ----


def test_columns_that_nobody_can_make_out_are_chosen_by_hand(client, queue):
    address = uploaded(client, "wann,was,wo,rein,raus\n" + ROW)
    page = client.get(address)
    assert selected(page) == {}
    client.post(
        address,
        {
            "column-at": "wann",
            "column-model": "was",
            "column-provider": "wo",
            "column-input": "rein",
            "more-output_rest": "raus",
        },
    )
    queue.work()
    assert Decimal(log_at(address).result["as_run"]["amounts"]["USD"]) == Decimal("1.54")


def test_a_wrong_column_is_named_and_nothing_else_of_the_form_is_lost(client, queue):
    address = uploaded(client)
    answer = client.post(
        address, {**COLUMNS, "column-input": "nope", "column-model": "provider", "tier": "flex"}
    )
    assert answer.status_code == 200
    assert "There is no column “nope”: the columns are timestamp, model," in html(answer)
    assert selected(answer) == {**COLUMNS, "column-input": "nope", "column-model": "provider"}
    assert 'name="column-input" aria-invalid="true"' in html(answer)
    assert 'value="flex"' in html(answer)
    assert not queue.waiting and log_at(address).state == "uploaded"


def test_a_field_that_nothing_is_read_as_is_asked_for(client):
    address = uploaded(client)
    answer = client.post(address, {**COLUMNS, "column-model": ""})
    assert "No column holds the model" in html(answer)
    assert selected(answer)["column-model"] == "not read"


def test_a_tier_that_is_none_is_said_beside_its_field(client, queue):
    answer = client.post(uploaded(client), {**COLUMNS, "tier": "<b>flex"})
    assert "No service tier is called so." in text(answer)
    assert "<b>flex" not in answer.content.decode()
    assert not queue.waiting


def test_a_tier_that_nobody_states_is_refused_with_those_that_are_stated(client, queue):
    for tier in ("flex", "batch"):
        make_rate(
            Endpoint.objects.get(provider__slug="openai"), "input", "0.5", terms=Terms(tier=tier)
        )
    answer = client.post(uploaded(client), {**COLUMNS, "tier": "zzz"})
    assert "No endpoint states a “zzz” tier; those that are stated: batch, flex." in text(answer)
    assert 'value="zzz"' in html(answer) and 'id="tier" name="tier" maxlength="40"' in html(answer)
    assert not queue.waiting
    assert client.post(uploaded(client), {**COLUMNS, "tier": "Flex"}).status_code == 302


@pytest.mark.parametrize("stated", ["openai", "OpenAI"])
def test_a_log_without_providers_is_priced_at_the_one_that_is_stated(client, queue, stated):
    address = uploaded(
        client, "timestamp,model,input_tokens,output_tokens\n2026-11-20,o4-mini,1000000,100000\n"
    )
    columns = {name: column for name, column in COLUMNS.items() if name != "column-provider"}
    assert client.post(address, {**columns, "provider": stated}).status_code == 302
    queue.work()
    assert Decimal(log_at(address).result["as_run"]["amounts"]["USD"]) == Decimal("1.54")


def test_a_log_without_times_is_priced_at_the_date_that_is_stated(client, queue):
    change = datetime(2026, 11, 10, tzinfo=UTC)
    endpoint = Endpoint.objects.get(provider__slug="openai")
    endpoint.rates.filter(meter="input").update(valid_from=change)
    make_rate(endpoint, "input", "2", valid_to=change)
    address = uploaded(client, "model,provider,input_tokens\no4-mini,openai,1000000\n")
    columns = {name: COLUMNS[name] for name in ("column-model", "column-provider", "column-input")}
    assert "No column holds the time of a request" in html(client.post(address, columns))
    answer = client.post(address, {**columns, "at": "soon"})
    assert "A date between 2020 and 2099, please" in html(answer)
    assert "No column holds the time" not in html(answer) and 'value="soon"' in html(answer)
    assert not queue.waiting
    client.post(address, {**columns, "at": "2026-11-01"})
    queue.work()
    done = client.get(address)
    assert Decimal(log_at(address).result["as_run"]["amounts"]["USD"]) == Decimal(2)
    assert "2026-11-01 · this page expires" in text(done)


def test_a_provider_that_is_not_known_is_refused_and_stays_in_its_field(client, queue):
    answer = client.post(uploaded(client), {**COLUMNS, "provider": "<nobody>"})
    assert "No provider here goes by this name." in text(answer)
    assert 'value="<nobody>"' in html(answer) and "<nobody>" not in answer.content.decode()
    assert not queue.waiting


def test_what_is_compared_with_as_run_is_said_where_it_is_a_part(client, queue):
    address = uploaded(client, HEADER + ROW + ROW.replace("o4-mini", "mystery"))
    client.post(address, COLUMNS)
    queue.work()
    done = client.get(address)
    assert "compares the 1 of 2 requests whose cost as run is known" in text(done)
    against = [row["cells"][-1]["text"].strip() for row in rows(done, "estimate")]
    assert against == ["55 % less", "the same"]


def test_a_form_that_is_sent_twice_starts_one_job(client, queue):
    address = uploaded(client)
    for _ in range(2):
        assert client.post(address, COLUMNS)["Location"] == address
    assert len(queue.waiting) == 1


def test_a_queue_that_does_not_answer_is_said_and_the_log_waits(client, monkeypatch):
    def fail(pk):
        raise OperationalError("connection refused")

    monkeypatch.setattr(usage.price_usage_log, "delay", fail)
    address = uploaded(client)
    answer = client.post(address, COLUMNS)
    assert usage.NO_QUEUE in html(answer)
    assert selected(answer) == COLUMNS
    assert log_at(address).state == "uploaded"


# ---- how it is read next time, and by whom it was used ----

OWNED = (
    "timestamp,model,provider,input_tokens,output_tokens,team,cost,request_id,widgets\n"
    "2026-11-20T10:00:00Z,o4-mini,openai,1000000,100000,=red,1.54,a,3\n"
    "2026-11-20T11:00:00Z,o4-mini,,1000000,0,blue,0.99,b,4\n"
    "2026-11-21T11:00:00Z,o4-mini,host,1000000,0,blue,0.50,c,4\n"
    "2026-11-21T11:00:00Z,o4-mini,host,1000000,0,blue,0.50,c,4\n"
    "2026-11-21T12:00:00Z,o4-mini,openai,-5,0,blue,0.50,d,4\n"
)


def test_the_page_states_what_the_command_states(client, queue, tmp_path, folder):
    address = uploaded(client, OWNED)
    client.post(address, {"column-owner": "team"})
    queue.work()
    page = text(client.get(address))
    path = tmp_path / "owned.csv"
    path.write_text(OWNED)
    printed = StringIO()
    call_command("price_usage", str(path), "--split", "team", stdout=printed)
    for sentence in (
        "1 row repeats a request and counts once (line 4).",
        "1 row without a provider is priced at the own API of the model's creator: o4-mini at"
        " openai.",
        "Billed $3.03, priced $3.14; the difference is this model: openai/o4-mini.",
        "widgets: 5 rows, 19 in sum",
    ):
        assert sentence in page and sentence in printed.getvalue()
    assert "1 row is left out of these figures: 1: input is negative (line 6)" in page
    assert "discount: 10 % less all over" in page
    assert not any(folder.iterdir())


def test_a_split_is_a_table_a_drawing_and_a_file_for_spreadsheets(client, queue):
    address = uploaded(client, OWNED)
    assert client.get(f"{address}owners.csv").status_code == 404
    client.post(address, {"column-owner": "team"})
    queue.work()
    page = html(client.get(address))
    assert page.count('<tr class="owner">') == 2 and page.count("<rect class=") == 5
    answer = client.get(f"{address}owners.csv")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert sorted(lines[1:]) == [
        "2026-11-20,openai/o4-mini,'=red,1,USD,1.54,",
        "2026-11-20,openai/o4-mini,blue,1,USD,1.1,",
        "2026-11-21,openai/o4-mini,blue,1,USD,0.5,",
    ]
    assert "first" not in log_at(address).result["log"]


def test_a_log_that_is_not_split_has_no_owners(client, queue):
    address = uploaded(client, OWNED)
    client.post(address, {})
    queue.work()
    assert "Per owner" not in html(client.get(address))
    assert client.get(f"{address}owners.csv").status_code == 404


def test_how_a_log_was_read_leads_to_the_next_one(client, queue):
    address = uploaded(client, OWNED)
    form = {"column-owner": "team", "column-cache_read": "", "place-o4-mini": "Host"}
    client.post(address, {**form, "more-web_search": "widgets", "own_api": "no"})
    queue.work()
    (link,) = re.findall(r'href="([^"]+)" id="again"', html(client.get(address)))
    assert f"{FORM}?" in link
    page = client.get(link)
    assert "This address holds the columns" in text(page) and f'action="{link}"' in html(page)
    sent = client.post(link, {"log": SimpleUploadedFile("next.csv", OWNED.encode())})
    following = client.get(sent["Location"])
    chosen = selected(following)
    assert (chosen["column-owner"], chosen["own_api"]) == (
        "team",
        "not priced, unless the id shows it",
    )
    assert 'name="more-web_search" maxlength="500" value="widgets"' in html(following)
    assert 'name="place-o4-mini" maxlength="200" value="host"' in re.sub(
        r"\s+", " ", html(following)
    )
    other = client.post(link, {"log": SimpleUploadedFile("other.csv", (HEADER + ROW).encode())})
    assert "Not in this file, and so as recognised: team , widgets ." in text(
        client.get(other["Location"])
    )


def test_a_provider_for_a_name_is_a_known_one(client, queue):
    address = uploaded(client, OWNED)
    answer = client.post(address, {"place-o4-mini": "<nobody>"})
    assert "No provider here goes by the name “<nobody>”." in html(answer)
    client.post(address, {"place-o4-mini": "host"})
    queue.work()
    assert Decimal(log_at(address).result["as_run"]["amounts"]["USD"]) == Decimal("2.54")


DEPLOYED = HEADER + ROW.replace("o4-mini,openai", "my-mini,") + ROW


def test_a_name_gets_a_model_on_the_page_of_the_columns(client, queue):
    address = uploaded(client, DEPLOYED)
    assert 'name="is-my-mini"' in html(client.get(address))
    answer = client.post(address, {"is-my-mini": "o99", "place-my-mini": "host"})
    assert "No model here goes by the name “o99”: name one as openai/gpt-5." in text(answer)
    assert 'value="o99"' in html(answer) and 'value="host"' in html(answer)
    assert log_at(address).state == "uploaded"
    client.post(address, {"is-my-mini": "openai/o4-mini", "place-my-mini": "host"})
    queue.work()
    assert Decimal(log_at(address).result["as_run"]["amounts"]["USD"]) == Decimal("2.24")
    page = text(client.get(address))
    assert "By choice, my-mini is openai/o4-mini at host." in page


def test_a_name_gets_a_model_on_the_result_for_the_next_reading(client, queue):
    address = uploaded(client, DEPLOYED)
    client.post(address, {"column-cache_read": ""})
    queue.work()
    page = client.get(address)
    assert "Names without a place here my-mini" in re.sub(
        r"In the log.*?Why ", "", text(page)
    ) and 'name="is-o4-mini"' in html(page)
    wrong = client.post(address, {"is-my-mini": "<o99>", "place-my-mini": "host"})
    assert "No model here goes by the name “<o99>”" in text(wrong)
    assert 'value="<o99>"' in html(wrong) and 'value="host"' in html(wrong)
    assert log_at(address).result
    right = client.post(address, {"is-my-mini": "openai/o4-mini", "place-my-mini": "Host"})
    assert right["Location"] == (
        f"{FORM}?cache_read=&place=my-mini%3Dhost&model_is=my-mini%3Dopenai%2Fo4-mini"
    )
    assert "my-mini is openai/o4-mini." in text(client.get(right["Location"]))
    sent = client.post(right["Location"], {"log": SimpleUploadedFile("a.csv", DEPLOYED.encode())})
    again = html(client.get(sent["Location"]))
    assert 'value="openai/o4-mini"' in again and 'value="host"' in again


def test_the_mark_of_decimals_is_chosen_where_numbers_have_two_readings(client, queue):
    body = "timestamp;model;provider;input_tokens;cost\n2026-11-20T10:00Z;o4-mini;openai;9;1.234\n"
    address = uploaded(client, body)
    assert "“1.234” may be two numbers: please choose." in text(client.get(address))
    assert "“1.234” may be two numbers: state whether" in html(client.post(address, {}))
    client.post(address, {"decimals": ","})
    queue.work()
    assert log_at(address).result["billed"]["amount"] == "1234"


# ---- what is no log ----


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (bytes(range(256)) * 20, "This is no text, and no Parquet either"),
        ((HEADER + ROW).encode("utf-16"), "The text is in UTF-16"),
        (b"at,model,input,input\n1,2,3,4\n", "Two columns are called “input”."),
        (b"PAR1" + bytes(99), "The Parquet file is damaged or ends too early"),
        (
            gzip.compress((HEADER + ROW * 999).encode(), mtime=0)[:60],
            "The file is damaged or ends too early",
        ),
        (b"PK\x03\x04" + bytes(99), "This is a zip"),
        (b"%PDF-1.4\n1 0 obj\n<< /Pages 2 0 R, 3 >>\n", "This is a PDF: export the usage as CSV"),
        (b"\n<!DOCTYPE html><title>Sign in</title>", "This is a web page, and no log."),
        (b"\xd0\xcf\x11\xe0\xa1" + bytes(99), "This is a spreadsheet or a document of Office"),
        (b"log.csv".ljust(257, b"\0") + b"ustar  ", "This is a tar archive: unpack it."),
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field_and_not_kept(client, folder, body, said):
    answer = send(client, body)
    assert answer.status_code == 400
    assert complaint(answer).startswith(said)
    assert 'aria-invalid="true"' in html(answer)
    assert not any(folder.iterdir()) and not UsageLog.objects.exists()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (bytes(range(256)) * 20, "log.csv"),
        ((HEADER + ROW + ROW.replace("\n", ",1,2\n")).encode(), "log.csv"),
        (b'{"timestamp":"2026-11-20","model":"m","input_tokens":1}\n[1', "log.jsonl"),
        ((HEADER + ROW * 60_000 + '"never closed').encode(), "log.csv"),
        (gzip.compress((HEADER + ROW * 60_000).encode(), mtime=0)[:-9], "log.csv.gz"),
        ((HEADER + "2026-11-20,m1,openai,1,1\n" * 9 + ROW * 2).encode(), "log.csv"),
    ],
    ids=["no text", "too many cells", "half a line", "open quote", "cut gzip", "sound"],
)
def test_a_refused_file_leaves_nothing_and_gets_the_commands_sentence(
    client, queue, folder, tmp_path, body, name
):
    path = tmp_path / name
    path.write_bytes(body)
    try:
        call_command("price_usage", str(path), "--json", stdout=(printed := StringIO()))
        stated = json.loads(printed.getvalue())["bad"]
    except CommandError as error:
        stated = str(error)
    answer = send(client, body, name)
    if answer.status_code == 302:
        client.post(answer["Location"], {})
        queue.work()
        log = log_at(answer["Location"])
        assert (log.error or log.result["bad"]) == stated
    else:
        assert complaint(answer) == stated
        assert not UsageLog.objects.exists()
    assert not any(folder.iterdir())


def test_a_form_without_a_file_asks_for_one(client):
    assert complaint(client.post(FORM)) == usage.CHOOSE
    assert complaint(client.post(FORM, {"log": "a text"})) == usage.CHOOSE


def test_a_log_without_a_sound_row_says_so_instead_of_a_zero(client, queue):
    address = uploaded(client, HEADER + ROW.replace("1000000", "-1") * 2)
    client.post(address, COLUMNS)
    queue.work()
    page = text(client.get(address))
    assert "2 rows are left out of these figures: 2: input is negative (lines 2, 3)" in page
    assert "No row of this log is a request that could be priced" in page
    assert "$0" not in page


def test_names_in_a_log_are_text_wherever_they_stand(client, queue):
    evil = '<img src=x onerror="alert(1)">'
    address = uploaded(
        client,
        (HEADER + ROW).replace("o4-mini", evil.replace('"', "'")),
        "<script>alert(2)</script>.csv",
    )
    pages = [client.get(address)]
    client.post(address, COLUMNS)
    queue.work()
    pages.append(client.get(address))
    for page in pages:
        body = page.content.decode()
        assert "<img" not in body and "<script>" not in body
        assert "&lt;img src=x" in body and "script&gt;.csv" in body


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\logs\\may.csv", "may.csv"),
        ("a\x07b\x1b.csv", "ab.csv"),
        ("n" * 300, 200),
    ],
)
def test_a_file_name_is_a_name_and_no_path(client, folder, sent, kept):
    log = log_at(uploaded(client, name=sent))
    assert log.name == kept or len(log.name) == kept
    assert Path(log.path).parent == folder


# ---- limits ----


def test_a_file_that_says_it_is_too_large_is_not_read(client, folder, settings, monkeypatch):
    settings.MOST_UPLOADED = 1000
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", never)
    answer = send(client, HEADER + ROW * 4000)
    assert (answer.status_code, complaint(answer)) == (413, usage.TOO_LARGE)
    assert not any(folder.iterdir())


def test_a_file_that_grows_too_large_is_not_kept(client, folder, settings):
    settings.MOST_UPLOADED = 1000
    answer = send(client, HEADER + ROW * 100)  # within what a form may have around its file
    assert (answer.status_code, complaint(answer)) == (413, usage.TOO_LARGE)
    assert not any(folder.iterdir())


def test_a_file_whose_length_nobody_says_is_not_read(client):
    answer = send(client, CONTENT_LENGTH="")
    assert (answer.status_code, complaint(answer)) == (411, usage.NO_LENGTH)


def test_when_all_places_are_taken_one_is_asked_to_come_again(client, folder, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_AT_ONCE", 1)
    uploaded(client)
    answer = send(client)
    assert (answer.status_code, complaint(answer)) == (503, usage.TOO_MANY)
    assert len(list(folder.iterdir())) == 1


def test_a_disk_without_space_is_said_before_anything_is_read(client, monkeypatch):
    monkeypatch.setattr(uploads, "LEFT_FREE", 10**18)
    answer = send(client)
    assert (answer.status_code, complaint(answer)) == (507, usage.NO_SPACE)


def test_uploads_that_arrive_at_once_leave_space_on_the_disk(client, folder, monkeypatch):
    monkeypatch.setattr(uploads, "has_space", lambda size: size > len(HEADER + ROW))
    answer = send(client)
    assert (answer.status_code, complaint(answer)) == (507, usage.NO_SPACE)
    assert not any(folder.iterdir()) and not UsageLog.objects.exists()


@pytest.mark.parametrize("when", ["write", "seek", "__init__"])
def test_a_disk_that_is_full_in_the_middle_is_said(client, folder, monkeypatch, when):
    def full(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TemporaryUploadedFile, when, full, raising=False)
    answer = send(client)
    assert (answer.status_code, complaint(answer)) == (507, usage.NO_SPACE)
    assert not any(folder.iterdir()) and not UsageLog.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "/estimate/prompt/",
        "/estimate/usage-json/",
        "/",
        "/nowhere/",
        "/admin/login/",
        "/estimate/usage/x/",
    ],
)
def test_no_other_address_writes_a_file(client, folder, monkeypatch, path):
    monkeypatch.setattr(TemporaryUploadedFile, "__init__", never)
    answer = client.post(path, {"log": SimpleUploadedFile("log.csv", b"x" * 1_000_000)})
    assert answer.status_code < 500
    assert not any(folder.iterdir())


# ---- who may ----


def test_a_form_from_elsewhere_is_refused_and_its_file_is_gone(folder):
    answer = send(Client(enforce_csrf_checks=True))
    assert answer.status_code == 403
    assert not any(folder.iterdir())


def test_the_forms_own_token_is_taken_and_no_session_is_made(folder):
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(FORM)
    assert list(page.cookies) == ["csrftoken"]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
    file = SimpleUploadedFile("log.csv", (HEADER + ROW).encode())
    answer = strict.post(FORM, {"csrfmiddlewaretoken": token, "log": file})
    assert answer.status_code == 302
    assert "sessionid" not in strict.cookies
    assert strict.post(answer["Location"], COLUMNS).status_code == 403
    assert strict.post(f"{answer['Location']}cancel/").status_code == 403


def test_the_estimate_leads_here_and_sets_no_cookie(client):
    page = client.get("/estimate/")
    assert f'href="{FORM}">Upload a usage log…' in html(page)
    assert not page.cookies


@pytest.mark.parametrize("token", ["guessed", "0" * 24, "A-_" * 8])
def test_an_address_that_is_guessed_is_not_found(client, token):
    uploaded(client)
    for way in (f"{FORM}{token}/", f"{FORM}{token}/result.json"):
        assert client.get(way).status_code == 404
    assert client.post(f"{FORM}{token}/", COLUMNS).status_code == 404


def test_a_result_that_has_expired_is_not_found(client, queue):
    address = uploaded(client)
    client.post(address, COLUMNS)
    queue.work()
    UsageLog.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert client.get(address).status_code == 404
    assert client.get(f"{address}result.json").status_code == 404


def test_nobody_keeps_the_pages_of_a_log(client, queue):
    address = uploaded(client)
    for way in (FORM, address):
        assert "no-store" in client.get(way)["Cache-Control"]


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    address = uploaded(client)
    for way in (FORM, address, f"{address}result.json", f"{address}cancel/"):
        assert getattr(client, method)(way).status_code == 405
    assert client.get(f"{address}cancel/").status_code == 405


# ---- the other ends ----


def test_a_cancelled_log_is_gone_and_its_task_does_nothing(client, folder, queue):
    address = uploaded(client)
    client.post(address, COLUMNS)
    assert client.post(f"{address}cancel/")["Location"] == address
    assert not any(folder.iterdir())
    queue.work()
    assert "Cancelled: the file is deleted" in html(client.get(address))


def test_two_logs_at_once_do_not_meet(client, queue):
    one, other = uploaded(client), uploaded(client, HEADER + ROW * 3)
    for address in (one, other):
        client.post(address, COLUMNS)
    queue.work()
    assert [log_at(address).result["rows"] for address in (one, other)] == [1, 3]


def test_one_visitor_takes_a_quarter_of_the_places_and_is_told_what_to_do(client, monkeypatch):
    address = ""
    for _ in range(uploads.MOST_OF_ONE_VISITOR):
        address = uploaded(client)
    refused = send(client)
    assert (refused.status_code, complaint(refused)) == (429, usage.TOO_MANY_YOURS)
    assert "cancel one, or wait until one is priced" in usage.TOO_MANY_YOURS
    assert send(client, REMOTE_ADDR="198.51.100.7").status_code == 302
    client.post(f"{address}cancel/")
    assert uploaded(client)


def test_the_address_of_a_visitor_is_kept_nowhere(client):
    send(client, REMOTE_ADDR="198.51.100.7")
    assert "198.51.100.7" not in str(UsageLog.objects.values().get())


def test_a_preview_that_waits_in_vain_for_others_is_told(client, monkeypatch):
    address = uploaded(client)
    monkeypatch.setattr(reader, "_WAIT_SECONDS", 0.01)
    with reader.previews.lock:
        refused = send(client)
        assert (refused.status_code, complaint(refused)) == (503, usage.PREVIEWS_BUSY)
        assert usage.PREVIEWS_BUSY in html(client.get(address))
        assert usage.PREVIEWS_BUSY in html(client.post(address, COLUMNS))
    assert client.post(address, COLUMNS).status_code == 302


def test_a_preview_that_the_server_stops_is_no_fault_of_the_log(client, folder, monkeypatch):
    address = uploaded(client)

    def stop(*args, **kwargs):
        raise reader.ReaderKilled(reader.KILLED)

    with monkeypatch.context() as stopping:
        stopping.setattr(reader.Reader, "preview", stop)
        refused = send(client)
        assert (refused.status_code, complaint(refused)) == (503, reader.KILLED)
        assert reader.KILLED in html(client.get(address))
    assert client.post(address, COLUMNS).status_code == 302


def test_previews_that_wait_leave_threads_for_pages(client, monkeypatch):
    address, places = uploaded(client), WaitingPlaces(2, 1)
    monkeypatch.setattr(usage, "PLACES", places)
    assert client.post(address, {**COLUMNS, "column-model": ""}).status_code == 200
    assert places.take("127.0.0.1")  # one of this visitor's waits
    refused = send(client)
    assert (refused.status_code, complaint(refused)) == (503, usage.PREVIEWS_BUSY)
    assert usage.PREVIEWS_BUSY in html(client.get(address))
    assert usage.PREVIEWS_BUSY in html(client.post(address, COLUMNS))
    assert send(client, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_a_job_whose_worker_was_killed_does_not_run_for_ever(client, folder):
    address = uploaded(client)
    client.post(address, COLUMNS)
    uploads.claim(log_at(address).pk, datetime.now(UTC) - uploads.SILENCE - timedelta(seconds=1))
    page = html(client.get(address))
    assert "Waiting for a worker" in page
    late = datetime.now(UTC) - uploads.SILENCE - timedelta(seconds=1)
    UsageLog.objects.update(state="running", seen_at=late, attempts=uploads.MOST_ATTEMPTS)
    page = html(client.get(address))
    assert uploads.LOST in page and "hx-trigger" not in page
    assert not any(folder.iterdir())


def test_a_file_that_vanished_is_said(client, folder):
    address = uploaded(client)
    for file in folder.iterdir():
        file.unlink()
    page = client.get(address)
    assert page.status_code == 200 and "cannot be opened" in html(page)
    answer = client.post(address, COLUMNS)
    assert answer.status_code == 200 and "cannot be opened" in html(answer)
