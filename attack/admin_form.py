"""An editor's form of the admin, filled in as it came."""

from html.parser import HTMLParser

from attack.wire import Reply, form_bytes, get, send


def save(port: int, address: str, changes: dict[str, str], cookies: str) -> Reply:
    """Send the form at this address with some fields changed; 302 acknowledges it."""
    page = get(port, address, {"Cookie": cookies})
    if page.status != 200:
        return page
    reader = _Fields()
    reader.feed(page.body.decode())
    fields = {**reader.fields, **changes}
    del fields["csrfmiddlewaretoken"]
    return send(port, form_bytes(address, fields, cookies))


class _Fields(HTMLParser):
    """The fields of all forms of a page with their values; boxes that are not ticked are absent."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._list = self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        name, value = attributes.get("name") or "", attributes.get("value") or ""
        kind = attributes.get("type")
        if tag == "select":
            self._list = name
        elif tag == "textarea":
            self._text = name
        elif tag == "option" and "selected" in attributes:
            self.fields[self._list] = value
        elif (
            tag == "input" and kind != "submit" and (kind != "checkbox" or "checked" in attributes)
        ):
            self.fields[name] = value

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[self._text] = self.fields.get(self._text, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
