"""How a log's columns are offered, chosen and shown. Pure."""

from pathlib import Path

import pytest
from django.http import QueryDict

from usage.preview import RECOGNISED, Preview, preview
from usage.spellings import FIELDS
from web.tables import usage_columns as usage_page
from web.tables.usage_columns import LogColumn, LogOptions, label


@pytest.fixture
def seen(tmp_path: Path) -> Preview:
    path = tmp_path / "log"
    path.write_text("note,at,model,input,reasoning\nhello,2026-11-20,m,3,1\n")
    return preview(path)


def test_a_form_states_the_fields_that_are_not_as_recognised() -> None:
    form = {
        "column-at": "when",
        "column-input": "",
        "column-output": "*",
        "column-nonsense": "x",
        "more-reasoning": "thoughts",
        "more-cache_write": "",
        "more-nonsense": "x",
        "place-gpt-5": " azure ",
        "place-gpt-4": "",
        "is-my-gpt": " gpt-5 ",
        "is-other": "",
        "own_api": "no",
        "decimals": ",",
    }
    options = LogOptions.from_form(form)
    assert options.columns == {"at": "when", "input": "", "reasoning": "thoughts"}
    assert (options.own_api, options.decimals, options.places) == (False, ",", {"gpt-5": "azure"})
    assert options.models == {"my-gpt": "gpt-5"}
    assert LogOptions.from_form({"decimals": "x"}) == LogOptions({})


def test_an_address_holds_how_a_log_is_read() -> None:
    options = LogOptions(
        {"input": "a b&c", "cache_read": "", "owner": "metadata.team"},
        tier="flex",
        provider="openai",
        at="2026-11-22",
        decimals=",",
        own_api=False,
        places={"gpt=5": "azure"},
        models={"my=gpt": "openai/gpt-5"},
    )
    assert LogOptions.from_query(QueryDict(options.to_query())) == options
    assert LogOptions({}).to_query() == ""
    assert LogOptions.from_query(QueryDict("nonsense=1&via=any")) == LogOptions({})


def test_columns_of_an_earlier_log_are_kept_where_this_one_has_them(seen) -> None:
    options = LogOptions({"input": "note", "output": "gone", "reasoning": ""})
    assert usage_page.known_columns(seen, options) == ({"input": "note", "reasoning": ""}, ["gone"])


def test_what_a_form_sends_is_bounded() -> None:
    options = LogOptions.from_form({"column-at": "x" * 9999, "tier": f"  {'y' * 9999}"})
    assert (len(options.columns["at"]), len(options.tier)) == (
        usage_page.LONGEST_NAME,
        usage_page.LONGEST_TIER,
    )


def test_every_log_has_choices_for_the_usual_fields_and_for_its_own(seen) -> None:
    found = usage_page.choices(seen, {"model": "note"})
    assert {choice.name: choice.as_recognised for choice in found} == {
        "at": "at",
        "model": "model",
        "provider": "",
        "owner": "",
        "input": "input",
        "output": "",
        "cache_read": "",
        "reasoning": "reasoning",
    }
    assert {choice.column for choice in found} == {RECOGNISED, "note"}


def test_a_field_that_several_columns_spell_names_them_in_order(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("at,model,prompt_tokens,input_tokens,tokens_in,input\n2026-11-20,m,1,1,1,1\n")
    found = {choice.name: choice for choice in usage_page.choices(preview(path), {})}
    assert found["input"].as_recognised == (
        "prompt_tokens, then input_tokens, then tokens_in and 1 more"
    )


def test_a_column_that_is_none_of_the_logs_is_marked_and_kept(seen) -> None:
    columns = {"input": "nope", "batch": "note"}
    assert [choice.name for choice in usage_page.choices(seen, columns) if choice.gone] == ["input"]
    more = {field.name: field.column for field in usage_page.more_fields(seen, columns)}
    assert more["batch"] == "note"


def test_every_field_is_offered_once(seen) -> None:
    choices = [choice.name for choice in usage_page.choices(seen, seen.best)]
    more = [field.name for field in usage_page.more_fields(seen, seen.best)]
    assert sorted([*choices, *more]) == sorted(FIELDS)


def test_every_field_has_words_of_its_own() -> None:
    labels = [usage_page.label(name) for name in FIELDS]
    assert len(set(labels)) == len(FIELDS)
    assert all(label[0].isupper() for label in labels)


def test_a_path_into_a_column_is_offered_where_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(
        '{"id":"1","traceId":"t","startTime":"2026-11-20","model":"m","usageDetails":{"input":5,"output":2},"totalCost":1}\n'
    )
    seen = preview(path)
    choices = usage_page.choices(seen, seen.best)
    (column,) = (choice for choice in choices if choice.name == "input")
    assert column.column in column.options and not column.gone
    headings, rows = usage_page.first_rows(seen, {})
    means = {heading.column: heading.means for heading in headings}
    assert means["usageDetails.output"] == "Output tokens, all of them"
    assert "usageDetails" not in means
    assert dict(zip(means, rows[0], strict=True))["usageDetails.output"] == "2"


def test_columns_within_a_column_are_beside_the_others_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "log"
    counts = '"counts":{"a_in":5,"b":[{"type":"x","n":2}]}'
    path.write_text(f'{{"ts":"2026-11-20","payload":{{"mdl":"m",{counts}}},"note":"hello"}}\n')
    seen = preview(path, complete=False)
    headings, rows = usage_page.first_rows(seen, {"input": "payload.counts.a_in"})
    assert [(heading.column, heading.means) for heading in headings] == [
        ("ts", "Time of the request"),
        ("payload.counts.a_in", "Input tokens, all of them"),
        ("payload.mdl", ""),
        ("payload.counts.b[x].n", ""),
        ("note", ""),
    ]
    assert rows == [["2026-11-20", "5", "m", "2", "hello"]]
    assert usage_page.offered(seen) == usage_page.flat_columns(seen)
    assert "payload" not in usage_page.offered(seen)


def test_the_first_rows_stand_under_what_they_are_read_as_and_the_rest_behind(seen) -> None:
    headings, rows = usage_page.first_rows(seen, {"at": "at", "model": "model", "input": "model"})
    assert headings[:3] == [
        LogColumn("at", "Time of the request"),
        LogColumn("model", "Model, Input tokens, all of them"),
        LogColumn("reasoning", "Reasoning"),
    ]
    assert [heading.column for heading in headings[3:]] == ["note", "input"]
    assert rows == [["2026-11-20", "m", "1", "hello", "3"]]


def test_no_more_columns_are_shown_than_anybody_reads(tmp_path: Path) -> None:
    path = tmp_path / "log"
    names = [f"c{n}" for n in range(90)]
    path.write_text(",".join([*names, "at", "model", "input"]) + "\n" + "1," * 92 + "1\n")
    seen = preview(path)
    headings, rows = usage_page.first_rows(seen, seen.best)
    assert [heading.column for heading in headings[:4]] == ["at", "model", "input", "c0"]
    assert len(headings) == len(rows[0]) == usage_page.MOST_COLUMNS


def wide(tmp_path: Path, names: list[str]) -> Preview:
    path = tmp_path / "wide"
    path.write_text(f"at,model,input,{','.join(names)}\n2026-11-20,m,3{',1' * len(names)}\n")
    return preview(path)


@pytest.mark.parametrize(
    "names",
    [
        [f"column {n}" for n in range(900)],
        [f"{n}".rjust(usage_page.LONGEST_OFFERED, "x") for n in range(900)],
        ["x" * 500, "y" * 101],
    ],
    ids=["many", "many and long", "too long"],
)
def test_the_columns_that_are_offered_are_bounded_and_the_others_counted(tmp_path, names) -> None:
    seen = wide(tmp_path, names)
    offered = usage_page.offered(seen)
    assert offered[:3] == ["at", "model", "input"]
    assert len(offered) <= usage_page.MOST_OFFERED
    assert sum(map(len, offered)) <= usage_page.MOST_OFFERED_CHARACTERS
    assert usage_page.not_offered(seen) == len(names) + 3 - len(offered) > 0
    assert all(choice.options == tuple(offered) for choice in usage_page.choices(seen, seen.best))


def test_a_column_that_is_read_is_offered_wherever_it_is(tmp_path) -> None:
    seen = wide(tmp_path, [*(f"column {n}" for n in range(900)), "reasoning", "last"])
    columns = {**seen.best, "output": "last"}
    for choice in usage_page.choices(seen, columns):
        assert not choice.gone
        assert choice.options[-2:] == ("reasoning", "last")


def test_a_usual_log_has_all_its_columns_offered(seen) -> None:
    assert usage_page.offered(seen) == list(seen.columns)
    assert usage_page.not_offered(seen) == 0


def test_every_field_of_a_log_has_a_label() -> None:
    assert all(map(label, FIELDS))
