"""Data in a program's literals as JSON, read without running it: Python calls, JavaScript. Pure.

Anything but plain data is refused, and numbers keep exactly the digits that they are written with.
"""

import ast
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any


def python_data_to_json(body: bytes) -> bytes:
    """The `providers` of genai-prices' data.py as its v2 data.json.

    The file is one list of constructor calls with the JSON's names as named arguments. Raises
    ValueError or SyntaxError on anything else.

    """
    for statement in ast.parse(body).body:
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target = statement.target
            if isinstance(target, ast.Name) and target.id == "providers":
                return _json_text(_value(statement.value)).encode()
    raise ValueError("it has no list of providers")


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | int() | None as value):
            return value
        case ast.List(elts=elements):
            return [_value(element) for element in elements]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {
                _value(k): _value(v) for k, v in zip(keys, values, strict=True) if k is not None
            }
        case ast.Call(
            func=ast.Name(id="Decimal"), args=[ast.Constant(value=str() as digits)], keywords=[]
        ):
            return _exact(digits)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr=kind)):
            return _moment(kind, node)
        case ast.Call(func=ast.Name(), args=[], keywords=keywords) if all(k.arg for k in keywords):
            # `or_` and `and_` are spelt so only because Python has these words already.
            named = {str(k.arg).removesuffix("_"): _value(k.value) for k in keywords}
            return {name: value for name, value in named.items() if value is not None}
    raise ValueError(f"line {node.lineno} is not plain data")


def _exact(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation as error:
        raise ValueError(f"{digits!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{digits!r} is not a price")
    return number


def _moment(kind: str, call: ast.Call) -> str:
    numbers = [
        a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, int)
    ]
    zones = [ast.unparse(k.value) for k in call.keywords if k.arg == "tzinfo"]
    if kind == "date" and len(numbers) == 3 and not call.keywords:
        return date(*numbers).isoformat()
    if kind == "time" and len(numbers) in (2, 3) and zones == ["datetime.UTC"]:
        return "{:02}:{:02}:{:02}Z".format(*numbers, *[0] * (3 - len(numbers)))
    raise ValueError(f"line {call.lineno} is not a date or a time")


# ---- JavaScript ----

# models.dev's api.json as a bundler writes it: in brackets, each provider's key repeated as its id.
_PROVIDERS = re.compile(rb'\((?=\{("?)(?P<slug>[\w-]+)\1:\{id:"(?P=slug)",)')
_TOKEN = re.compile(
    r"\s*(?:"
    r'(?P<text>"(?:[^"\\\r\n]|\\[^\r\n])*"|\'(?:[^\'\\\r\n]|\\[^\r\n])*\''
    r"|`(?:[^`\\$]|\\[^\r\n]|\$(?!\{))*`)"
    r"|(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w$.]))"
    r"|(?P<word>void 0(?!\w)|!0(?!\w)|!1(?!\w)|[A-Za-z_$][\w$]*)"
    r"|(?P<mark>[{}\[\]:,]))",
    re.ASCII,
)
# api.json is seven deep.
_DEEPEST = 50
_UNDEFINED = object()
_WORDS = {"!0": True, "!1": False, "true": True, "false": False, "null": None, "void 0": _UNDEFINED}
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL
)
_ESCAPED = {**{c: c for c in "\"'`\\/$"}, **dict(zip("0bfnrtv", "\0\b\f\n\r\t\v", strict=True))}

_Token = tuple[str, str, int]


def javascript_data_to_json(body: bytes) -> bytes:
    """models.dev's api.json from a program that holds it as an object literal.

    Raises ValueError when there is none, or when it holds anything that would have to be run.
    """
    start = _PROVIDERS.search(body)
    if not start:
        raise ValueError("it has no object of providers")
    # The program ends at the first byte that no text has.
    end = body.find(b"\0", start.end())
    tokens = _tokens(body[start.end() : end if end > 0 else None].decode())
    return _json_text(_read(next(tokens), tokens)).encode()


def _tokens(text: str) -> Iterator[_Token]:
    at, depth = 0, 0
    while match := _TOKEN.match(text, at):
        kind, at = str(match.lastgroup), match.end()
        token = match[kind]
        depth += (token in ("{", "[")) - (token in ("}", "]"))
        if depth > _DEEPEST:
            break
        yield kind, token, match.start()
        if depth == 0:
            return
    raise ValueError(f"character {at} of its object is not plain data")


def _read(token: _Token, tokens: Iterator[_Token]) -> Any:
    kind, text, at = token
    if kind == "text":
        return _unquoted(text, at)
    if kind == "number":
        return _number(text, at)
    if kind == "word" and text in _WORDS:
        return _WORDS[text]
    if text == "{":
        return _object(tokens)
    if text == "[":
        return _array(tokens)
    raise _not_plain(token)


def _object(tokens: Iterator[_Token]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    token = next(tokens)
    while token[1] != "}":
        key = _key(token)
        _expect(":", next(tokens))
        if key in members or key == "__proto__":
            raise _not_plain(token)
        members[key] = _read(next(tokens), tokens)
        token = _after_comma(next(tokens), "}", tokens)
    return {key: value for key, value in members.items() if value is not _UNDEFINED}


def _array(tokens: Iterator[_Token]) -> list[Any]:
    values: list[Any] = []
    token = next(tokens)
    while token[1] != "]":
        value = _read(token, tokens)
        if value is _UNDEFINED:
            raise _not_plain(token)
        values.append(value)
        token = _after_comma(next(tokens), "]", tokens)
    return values


def _after_comma(token: _Token, closing: str, tokens: Iterator[_Token]) -> _Token:
    if token[1] == closing and token[0] == "mark":
        return token
    _expect(",", token)
    return next(tokens)


def _key(token: _Token) -> str:
    kind, text, at = token
    if kind == "word" and text[0] != "!" and text != "void 0":
        return text
    if kind == "text" and text[0] != "`":
        return _unquoted(text, at)
    if kind == "number" and text.isdigit():
        return str(int(text))
    raise _not_plain(token)


def _expect(mark: str, token: _Token) -> None:
    if token[:2] != ("mark", mark):
        raise _not_plain(token)


def _not_plain(token: _Token) -> ValueError:
    return ValueError(f"character {token[2]} of its object is not plain data: {token[1][:40]}")


def _number(text: str, at: int) -> Decimal:
    whole = text.lstrip("-")
    if len(whole) > 1 and whole[0] == "0" and whole[1].isdigit():
        raise ValueError(f"character {at} of its object is not a number: {text}")
    return _exact(text)


def _unquoted(text: str, at: int) -> str:
    def plain(escape: re.Match[str]) -> str:
        braced, four, two, other = escape.groups()
        if other is None:
            return chr(int(braced or four or two, 16))
        if other not in _ESCAPED:
            raise ValueError(f"character {at} of its object has an escape of its own: \\{other}")
        return _ESCAPED[other]

    # Both halves of a surrogate pair, \ud83d\ude00, become one character; one half is an error.
    return _ESCAPE.sub(plain, text[1:-1]).encode("utf-16", "surrogatepass").decode("utf-16")


def _json_text(value: Any) -> str:
    """JSON with the exact digits of Decimals, which json.dumps cannot write."""
    match value:
        case dict():
            return (
                "{"
                + ",".join(f"{json.dumps(str(k))}:{_json_text(v)}" for k, v in value.items())
                + "}"
            )
        case list():
            return "[" + ",".join(map(_json_text, value)) + "]"
        case Decimal():
            return f"{value:f}"
    return json.dumps(value)
