import json
from decimal import Decimal

import pytest

from sources.bundle.literals import javascript_data_to_json

# A program as a bundler writes one, with the catalog in it as an object literal.
PROGRAM = """\x00\x01#!/usr/bin/env bun
var a=(b)=>b;({c:1}),load({p:{id:"p"}}),p=sync(()=>({"acme-ai":{id:"acme-ai",
env:["ACME_KEY"],npm:`@acme/sdk`,
name:'Acme \\u{1f600} \\ud83d\\ude00 "AI" caf\\xe9',
models:{"acme/one:free":{id:"acme/one:free",reasoning:!0,
tool_call:!1,old:true,status:void 0,parent:null,limit:{context:1e6,output:0X},
cost:{input:.1,output:1.25e-7,
cache_read:3.50,"over":-2}},2:{id:"2",modes:[],
lines:`one\ntwo \\`x\\` \\${y} $`,}}}})),q=run();\x00more"""
PROGRAM = PROGRAM.replace("0X", "32768")


def read(program=PROGRAM):
    return json.loads(javascript_data_to_json(program.encode()), parse_float=str)


def acme(members):
    """A program with one provider that has these members."""
    return '({acme:{id:"acme",' + members + "}})"


def test_the_catalog_is_read_out_of_the_program_around_it():
    assert read() == {
        "acme-ai": {
            "id": "acme-ai",
            "env": ["ACME_KEY"],
            "npm": "@acme/sdk",
            "name": 'Acme 😀 😀 "AI" café',
            "models": {
                "acme/one:free": {
                    "id": "acme/one:free",
                    "reasoning": True,
                    "tool_call": False,
                    "old": True,
                    "parent": None,
                    "limit": {"context": 1_000_000, "output": 32768},
                    "cost": {
                        "input": "0.1",
                        "output": "0.000000125",
                        "cache_read": "3.50",
                        "over": -2,
                    },
                },
                "2": {"id": "2", "modes": [], "lines": "one\ntwo `x` ${y} $"},
            },
        }
    }


@pytest.mark.parametrize(
    "digits", ["0.1", ".30000000000000004", "1234567890.123456789", "7e-9", "5."]
)
def test_a_number_keeps_its_digits(digits):
    found = json.loads(
        javascript_data_to_json(acme(f"n:{digits}").encode()),
        parse_float=Decimal,
        parse_int=Decimal,
    )
    assert found["acme"]["n"] == Decimal(digits)


def test_what_is_undefined_is_not_there():
    assert read(acme("a:void 0,b:1")) == {"acme": {"id": "acme", "b": 1}}


@pytest.mark.parametrize(
    "members",
    [
        "a:b",
        "a:f()",
        "a:1+1",
        "a:new Date",
        "a:`x${y}`",
        "a:undefined",
        "a:NaN",
        "a:0x10",
        "a:010",
        "a:1n",
        "a:1_000",
        "a:--1",
        "a:!2",
        "a:void 01",
        "a:[1,,2]",
        "a:[void 0]",
        "a:/x/",
        "a:()=>1",
        "a(){}",
        "get a(){return 1}",
        "[a]:1",
        "...a",
        "a,b",
        "a:1,a:2",
        "__proto__:{}",
        "`a`:1",
        "1.5:1",
        'a:"x" "y"',
        'a:"\\q"',
        'a:"\\ud83d"',
        'a:"\\u{110000}"',
        'a:"one\ntwo"',
        "a:{]",
        "a:[1}",
        "a:'x",
        "a:1/*c*/",
        "a:",
        "a:" + "[" * 10_000,
        "a:" + "[" * 49 + "]" * 49,
    ],
)
def test_what_would_have_to_be_run_or_does_not_end_is_refused(members):
    with pytest.raises(ValueError):
        read(acme(members))


@pytest.mark.parametrize(
    "program",
    ["", '({acme:{id:"other",a:1}})', '{acme:{id:"acme",a:1}}', '({acme:{name:"x",id:"acme"}})'],
)
def test_a_program_without_a_catalog_is_refused(program):
    with pytest.raises(ValueError, match="no object of providers"):
        read(program)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ValueError, match="utf-8"):
        javascript_data_to_json(acme('a:"x"').encode().replace(b"x", b"\xff"))
