"""Columns by which a bill is split, and sets of tags as owners. Pure."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from catalog.known_names import known_names
from pricing.priced_endpoints import priced_endpoints
from tests.factories import make_model, make_provider, sell
from usage.owners import SETS, owner_names
from usage.preview import preview
from usage.price_log import price_log
from usage.report_json import report_json


@pytest.mark.parametrize(
    ("cell", "path", "owner"),
    [
        ('["b", "a"]', "request_tags", "a, b"),
        ('["a", "b", "a"]', "teams", "a, b"),
        ("['b', 'a']", "request_tags", "a, b"),
        ('["it\'s"]', "tags", "it's"),
        ('["a"]', "team", "a"),
        ("[]", "tags", ""),
        ('[1, "b"]', "tags", "1, b"),
        ("b,a", "request_tags", "a, b"),
        ("b, a,", "metadata.labels", "a, b"),
        ("Smith, Adam", "user", "Smith, Adam"),
        ("[draft", "tags", "[draft"),
        ("[draft]", "tags", "[draft]"),
        ('[{"a": 1}]', "tags", '[{"a": 1}]'),
        ("a", "tags", "a"),
    ],
)
def test_a_list_of_tags_is_a_set_in_words(cell: str, path: str, owner: str) -> None:
    assert owner_names(pl.Series([cell, None]), path).to_list() == [owner, None]


def test_rows_with_several_tags_cost_once(db: None, tmp_path: Path) -> None:
    sell(make_model(), make_provider("openai"), input="1.00", output="4.00")
    tags = (["b", "a"], ["a", "b"], ["a"], [])
    rows = [
        {"at": f"2026-11-2{n}", "model": "o4-mini", "provider": "openai", "input": 10**6 * 2**n}
        | {"request_tags": list(each), "meta": {"tags": list(each)}}
        for n, each in enumerate(tags)
    ]
    lines, file = tmp_path / "log.jsonl", tmp_path / "log.parquet"
    lines.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    pl.DataFrame(rows).write_parquet(file)
    for path in (lines, file):
        assert {"request_tags", "meta.tags"} <= {*preview(path).owners}
        for column in ("request_tags", "meta.tags"):
            report = price_log(
                path,
                priced_endpoints(date(2026, 11, 22)),
                known_names(),
                mapping={"owner": column},
            )
            owners = {one["key"]: one["amounts"] for one in report_json(report)["split"]["owners"]}
            assert owners == {"": {"USD": "8"}, "a, b": {"USD": "3"}, "a": {"USD": "4"}}
            assert report.as_run.amounts == {"USD": Decimal(15)}
            assert SETS in report.seen.notes
