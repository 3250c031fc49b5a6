"""Reads a page's tables the way a script outside would: by rows and data attributes."""

from html.parser import HTMLParser


class Tables(HTMLParser):
    """Every table by id, apart from those within it: rows with their attributes and cells."""

    def __init__(self, html):
        super().__init__()
        self.tables = {}
        self.outer = []
        self.rows = []
        self.cell = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "table":
            self.outer.append(self.rows)
            self.rows = self.tables.setdefault(attributes.get("id"), [])
        elif tag == "tr":
            self.rows.append({**attributes, "cells": []})
        elif tag in ("td", "th") and self.rows:
            self.cell = {**attributes, "text": ""}
            self.rows[-1]["cells"].append(self.cell)

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self.cell is not None:
            self.cell["text"] = " ".join(self.cell["text"].split())
            self.cell = None
        elif tag == "table":
            self.rows = self.outer.pop()

    def handle_data(self, data):
        if self.cell is not None:
            self.cell["text"] += data


def rows(response, table):
    """The body rows of a table in a response."""
    found = Tables(response.content.decode()).tables.get(table, [])
    return [row for row in found if "data-model" in row or "data-provider" in row]


def collapsed(response):
    """A response's HTML with every run of white space as one space, which is how it shows."""
    return " ".join(response.content.decode().split())


def price(row, meter):
    """(state, amount, text) of a row's price cell."""
    cell = next(cell for cell in row["cells"] if cell.get("data-meter") == meter)
    return cell["data-state"], cell.get("data-amount"), cell["text"]
