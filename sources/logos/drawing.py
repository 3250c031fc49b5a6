"""Another site's SVG as a symbol that cannot run, load or style anything. Pure.

An allow-list of elements and attributes: what is not on it is left out, and a drawing that would
look different without it (`<style>`, `<image>`, `<text>`) is refused.
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

# The largest file that is parsed, and the largest symbol that is kept, in characters.
LARGEST_FILE = 64 * 1024
LARGEST_SYMBOL = 12 * 1024
_DEEPEST = 12
_MOST_ELEMENTS = 300

_SVG = "{http://www.w3.org/2000/svg}"
_GEOMETRY = frozenset(
    {
        *("d", "cx", "cy", "r", "rx", "ry", "x", "y", "x1", "y1", "x2", "y2", "fx", "fy", "fr"),
        *("width", "height", "points", "transform", "offset", "viewBox", "gradientUnits"),
        *("gradientTransform", "spreadMethod", "clipPathUnits", "maskUnits", "maskContentUnits"),
    }
)
_PAINTED = ("fill", "stroke", "stop-color")
_STYLE = frozenset(
    {
        *(*_PAINTED, "fill-rule", "clip-rule", "fill-opacity", "stroke-opacity", "stop-opacity"),
        *("opacity", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit"),
        *("stroke-dasharray", "clip-path", "mask"),
    }
)
_DRAWN = frozenset({"path", "circle", "ellipse", "rect", "polygon", "polyline", "line", "g"})
_DEFINED = frozenset({"defs", "clipPath", "mask", "linearGradient", "radialGradient", "stop"})
# Of no effect on the drawing.
_SILENT = frozenset({"title", "desc", "metadata"})
_VALUE = re.compile(r"[\w#%.,()+\s-]*", re.ASCII)
_REFERENCE = re.compile(r"url\(\s*['\"]?#([\w.-]+)['\"]?\s*\)", re.ASCII)
_LOADS = re.compile(r"url|expression|javascript|import|data:", re.IGNORECASE)
_LENGTH = re.compile(r"(\d{1,5}(?:\.\d+)?)(?:px)?", re.ASCII)
_VIEW_BOX = re.compile(r"-?[\d.]+([\s,]+-?[\d.]+){3}", re.ASCII)


class Refused(ValueError):
    """A drawing that is not taken. The message is a clause."""


def symbol_of(body: bytes) -> str:
    """A drawing as the attributes and children of a `<symbol>`, without the `id`: see `symbol`.

    A drawing in one colour is in `currentColor`, so that it follows the theme; one in several keeps
    them. Inner ids are prefixed by a digest of the file. Raises Refused.
    """
    if len(body) > LARGEST_FILE:
        raise Refused(f"it has {len(body):,} bytes, and at most {LARGEST_FILE:,} are read")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Refused(f"it is no plain XML: {type(error).__name__}") from error
    if root.tag != f"{_SVG}svg":
        raise Refused("it is no SVG")
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise Refused(f"it has more than {_MOST_ELEMENTS} elements")
    one_colour = len(_colours(root)) <= 1
    prefix = f"l{sha256(body).hexdigest()[:8]}-"
    inherited = {"fill": "currentColor", **_attributes(root, prefix, one_colour=one_colour)}
    attributes = {
        "viewBox": _view_box(root),
        **{name: value for name, value in inherited.items() if name in _STYLE},
    }
    children = "".join(_markup(child, prefix, 0, one_colour=one_colour) for child in root)
    if not any(f"<{name} " in children for name in _DRAWN - {"g"}):
        raise Refused("nothing in it is drawn")
    markup = f"{_written(attributes)}>{children}"
    if len(markup) > LARGEST_SYMBOL:
        raise Refused(f"it takes {len(markup):,} characters, and at most {LARGEST_SYMBOL:,} fit")
    return markup


def symbol(name: str, markup: str) -> str:
    """The element of a sprite; `markup` is what `symbol_of` made."""
    return f"<symbol id={quoteattr(name)}{markup}</symbol>"


def _view_box(root: Element) -> str:
    stated = root.get("viewBox", "").strip()
    if _VIEW_BOX.fullmatch(stated):
        return stated
    sides = [_LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
    if not all(sides):
        raise Refused("it has no size")
    return " ".join(("0 0", *(side[1] for side in sides if side)))


def _markup(element: Element, prefix: str, depth: int, *, one_colour: bool) -> str:
    name = str(element.tag).removeprefix(_SVG)
    if name in _SILENT or not str(element.tag).startswith(_SVG):
        return ""
    if name not in _DRAWN | _DEFINED:
        raise Refused(f"it needs <{name[:30]}>")
    if depth > _DEEPEST:
        raise Refused(f"it is nested deeper than {_DEEPEST}")
    attributes = _attributes(element, prefix, one_colour=one_colour)
    children = "".join(_markup(c, prefix, depth + 1, one_colour=one_colour) for c in element)
    start = f"<{name}{_written(attributes)}"
    return f"{start}>{children}</{name}>" if children else f"{start}/>"


def _attributes(element: Element, prefix: str, *, one_colour: bool) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in _stated(element):
        value = " ".join(value.split())
        if reference := _REFERENCE.fullmatch(value):
            value = f"url(#{prefix}{reference[1]})"
        elif name == "id":
            value = prefix + value
        elif not _VALUE.fullmatch(value) or _LOADS.search(value):
            continue
        elif one_colour and name in _PAINTED and _is_colour(value):
            value = "currentColor"
        if name == "id" or name in _STYLE or name in _GEOMETRY:
            kept[name] = value
    if not re.fullmatch(r"[\w.-]+", kept.get("id", "l"), re.ASCII):
        del kept["id"]
    return kept


def _stated(element: Element) -> Iterator[tuple[str, str]]:
    """Attributes, then the declarations of `style`, which outweigh them."""
    for name, value in element.items():
        if name != "style":
            yield name, value
    for declaration in element.get("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if name.strip() in _STYLE:
            yield name.strip(), value.strip()


def _colours(root: Element) -> set[str]:
    stated = (pair for element in root.iter() for pair in _stated(element))
    return {value.lower() for name, value in stated if name in _PAINTED and _is_colour(value)}


def _is_colour(value: str) -> bool:
    return value.lower() not in ("none", "currentcolor", "inherit", "transparent") and (
        "url" not in value.lower()
    )


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
