"""Feeds of changes: Atom (RFC 4287) and JSON Feed 1.1, an item a group."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.conf import settings
from django.template.loader import get_template
from django.urls import reverse

from web.pages.changes import ShownGroup, changes_head, changes_page, title_of
from web.params.changes import ChangesQuery

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """`url` is the page of this group alone under the feed's filters, and its id for good.

    `published` is its day, `updated` when its newest entry was seen.
    """

    url: str
    title: str
    html: str
    published: datetime
    updated: datetime
    kind: str
    author: str


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    page_url: str
    feed_url: str
    updated: datetime
    items: tuple[FeedItem, ...]


def _feed(filters: ChangesQuery, address: str) -> Feed:
    """The newest groups that match the filters, the first page of them; `address` is the feed's."""
    page = changes_page(filters)
    # Of what lies ahead, prices alone tell since when they are announced.
    ahead = [shown for day in page.ahead for shown in day.groups if shown.group.seen_at]
    groups = [*ahead, *(shown for day in page.days for shown in day.groups)]
    items = tuple(map(_item, groups))
    query = page.filters.query()
    return Feed(
        title=f"Ratecard · {changes_head(page).title}",
        page_url=_absolute(reverse("changes"), query),
        feed_url=_absolute(address, query),
        updated=max((item.updated for item in items), default=datetime(1970, 1, 1, tzinfo=UTC)),
        items=items,
    )


def _item(shown: ShownGroup) -> FeedItem:
    group = shown.group
    day = datetime.fromisoformat(f"{group.day}T00:00:00+00:00")
    seen_at = group.seen_at or day
    context = {"shown": shown, "site_url": settings.PUBLIC_URL, "page": reverse("changes")}
    return FeedItem(
        url=_absolute(reverse("changes"), shown.more),
        title=title_of(group),
        html=" ".join(get_template("changes/item.html").render(context).split()),
        published=min(day, seen_at),
        updated=max(day, seen_at) if seen_at >= day else seen_at,
        kind=group.kind,
        author=group.name,
    )


def _absolute(path: str, query: str) -> str:
    return f"{settings.PUBLIC_URL}{path}{f'?{query}' if query else ''}"


def json_feed(filters: ChangesQuery, address: str, _now: datetime) -> bytes:
    """As JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/ ."""
    feed = _feed(filters, address)
    body: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.feed_url,
        "language": "en",
        "items": [
            {
                "id": item.url,
                "url": item.url,
                "title": item.title,
                "content_html": item.html,
                "date_published": item.published.isoformat(),
                "date_modified": item.updated.isoformat(),
                "authors": [{"name": item.author}],
                "tags": [item.kind],
            }
            for item in feed.items
        ],
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def atom_feed(filters: ChangesQuery, address: str, _now: datetime) -> bytes:
    feed = _feed(filters, address)
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _add(root, "id", feed.feed_url)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.feed_url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page_url)
    for item in feed.items:
        entry = SubElement(root, "entry")
        _add(entry, "id", item.url)
        _add(entry, "title", item.title)
        _add(entry, "link", rel="alternate", type="text/html", href=item.url)
        _add(entry, "published", item.published.isoformat())
        _add(entry, "updated", item.updated.isoformat())
        _add(SubElement(entry, "author"), "name", item.author)
        _add(entry, "category", term=item.kind)
        _add(entry, "content", item.html, type="html")
    text: bytes = tostring(root, "utf-8", xml_declaration=True)
    return text


def _add(parent: Element, name: str, text: str = "", **attributes: str) -> None:
    # XML holds no control characters, not even escaped.
    SubElement(parent, name, attributes).text = _CONTROLS.sub("", text)
