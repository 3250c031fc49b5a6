"""The first page of the list, with the bundled catalog: bytes on the wire, and elements."""

from html.parser import HTMLParser

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled_catalog")]

MOST_BYTES = 25_000
MOST_ELEMENTS = 2_500


class Counter(HTMLParser):
    elements = 0
    rows = 0

    def handle_starttag(self, tag, attributes):
        self.elements += 1
        self.rows += "data-model" in dict(attributes)


@pytest.mark.parametrize("path", ["/", "/creators/openai/", "/?sort=-capabilities"])
def test_a_page_of_fifty_rows_is_light(client, path):
    sent = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert sent.headers["Content-Encoding"] == "gzip"
    assert len(sent.content) <= MOST_BYTES
    counter = Counter()
    counter.feed(client.get(path).content.decode())
    assert counter.rows == 50
    assert counter.elements <= MOST_ELEMENTS
