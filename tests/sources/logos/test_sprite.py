import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from defusedxml.ElementTree import fromstring
from django.core.management import CommandError, call_command

from catalog.models import Creator
from sources.base import FetchFailed
from sources.logos.models_dev import refresh_logos
from sources.logos.sprite import current_sprite, forget_sprite, joined, keep, sanitised
from sources.tasks import refresh_logos as task
from tests.factories import make_provider
from tests.sources.logos.test_drawing import CIRCLE, svg
from tests.sources.server import Page

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SQUARE = '<rect width="9" height="9"/>'
LINE = '<line x1="1" x2="9"/>'


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.LOGO_FOLDERS = (tmp_path / "home", tmp_path / "image")
    forget_sprite()
    yield tmp_path / "home"
    forget_sprite()


def drawings(**files):
    return sanitised(
        {kind: {s: svg(c) for s, c in theirs.items()} for kind, theirs in files.items()}
    )[0]


def looked_up():
    forget_sprite()
    sprite = current_sprite()
    assert sprite
    symbols = fromstring(sprite.path.read_bytes())
    return sprite.symbols, {
        element.get("id"): element[0].tag.partition("}")[2] for element in symbols
    }


def test_every_name_leads_to_a_symbol_of_one_sprite(folder):
    made = drawings(providers={"openai": CIRCLE, "azure": SQUARE}, creators={"openai": CIRCLE})
    assert keep("lobe", made, version="1", at=NOW, folder=folder)
    names, symbols = looked_up()
    assert names["providers"] == {"openai": "openai", "azure": "azure"}
    assert names["creators"] == {"openai": "openai"}
    assert symbols == {"azure": "rect", "openai": "circle"}


def test_a_creator_with_another_drawing_than_the_provider_of_its_slug_has_its_own(folder):
    made = drawings(providers={"meta": CIRCLE}, creators={"meta": SQUARE})
    keep("lobe", made, version="1", at=NOW, folder=folder)
    names, symbols = looked_up()
    assert symbols[names["providers"]["meta"]] == "circle"
    assert symbols[names["creators"]["meta"]] == "rect"


def test_two_origins_are_joined_and_the_package_comes_first(folder):
    keep(
        "models-dev",
        drawings(providers={"openai": SQUARE, "kilo": LINE}),
        version="1",
        at=NOW,
        folder=folder,
    )
    keep("lobe", drawings(providers={"openai": CIRCLE}), version="1", at=NOW, folder=folder)
    names, symbols = looked_up()
    assert {slug: symbols[name] for slug, name in names["providers"].items()} == {
        "openai": "circle",
        "kilo": "line",
    }
    assert len([*folder.glob("*.svg")]) == 2


def test_the_sprite_of_the_image_is_used_until_there_is_another(folder, settings):
    image = settings.LOGO_FOLDERS[1]
    keep("lobe", drawings(providers={"openai": CIRCLE}), version="1", at=NOW, folder=image)
    assert looked_up()[1] == {"openai": "circle"}
    keep("models-dev", drawings(providers={"kilo": LINE}), version="1", at=NOW, folder=folder)
    assert looked_up()[1] == {"kilo": "line", "openai": "circle"}


def test_the_same_drawings_give_the_same_sprite(folder):
    made = drawings(providers={"openai": CIRCLE})
    keep("lobe", made, version="1", at=NOW, folder=folder)
    assert not keep("lobe", made, version="1", at=NOW + timedelta(days=1), folder=folder)


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{", b'{"digest": "../../x", "symbols": {}}'])
def test_damaged_files_mean_no_sprite_and_are_made_anew(folder, damaged):
    folder.mkdir()
    for name in ("sprite.json", "drawings.json"):
        (folder / name).write_bytes(damaged)
    forget_sprite()
    assert current_sprite() is None
    keep("lobe", drawings(providers={"openai": CIRCLE}), version="1", at=NOW, folder=folder)
    assert looked_up()[1] == {"openai": "circle"}


def test_logos_can_be_switched_off(folder, settings):
    keep("lobe", drawings(providers={"openai": CIRCLE}), version="1", at=NOW, folder=folder)
    settings.LOGOS = False
    forget_sprite()
    assert current_sprite() is None


def test_a_sprite_is_bounded():
    state = {
        "lobe": {"providers": {f"p{n}": f">{'x' * 11_000}{n}" for n in range(200)}, "creators": {}}
    }
    body, symbols = joined(state)
    assert len(body) < 1.1 * 1024 * 1024
    assert 80 < len(symbols["providers"]) < 100


@pytest.mark.django_db
class TestOfModelsDev:
    @pytest.fixture(autouse=True)
    def logos(self, upstream):
        make_provider("openai")
        make_provider("kilo")
        Creator.objects.create(slug="meta", name="Meta")
        default = Page(svg(LINE))
        pages = dict.fromkeys(("no-provider-has-this-name", "kilo", "labs/meta"), default)
        pages["openai"] = Page(svg(CIRCLE))
        upstream.pages |= {f"/logos/{name}.svg": page for name, page in pages.items()}
        self.upstream = upstream

    def test_logos_are_read_by_slug_and_the_default_one_is_none(self, folder):
        self.upstream.pages["/logos/labs/meta.svg"] = Page(svg(SQUARE))
        assert refresh_logos(now=NOW)
        names, _ = looked_up()
        assert names == {"providers": {"openai": "openai"}, "creators": {"meta": "meta"}}

    def test_they_are_read_once_a_day(self, folder):
        refresh_logos(now=NOW)
        before = len(self.upstream.answered)
        assert not refresh_logos(now=NOW + timedelta(hours=22))
        assert len(self.upstream.answered) == before
        refresh_logos(now=NOW + timedelta(hours=24))
        assert len(self.upstream.answered) > before

    def test_a_mirror_without_logos_changes_nothing(self, folder):
        refresh_logos(now=NOW)
        for path in [path for path in self.upstream.pages if "logos" in path]:
            self.upstream.pages[path] = Page(json.dumps({"not": "a logo"}).encode())
        with pytest.raises(FetchFailed, match="those of before stay"):
            refresh_logos(now=NOW + timedelta(days=2))
        assert looked_up()[0]["providers"] == {"openai": "openai"}

    def test_the_task_does_nothing_where_logos_or_the_source_are_off(self, folder, settings):
        settings.LOGOS = False
        task()
        settings.LOGOS, settings.SOURCES = True, ["litellm"]
        task()
        assert self.upstream.answered == []


def test_a_tarball_that_is_not_the_published_one_is_refused(folder, tmp_path):
    tarball = tmp_path / "lobehub-icons-static-svg-1.95.1.tgz"
    tarball.write_bytes(b"another")
    with pytest.raises(CommandError, match="is not the one that was published"):
        call_command("make_logos", "--tarball", tarball, stdout=StringIO())
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("make_logos", "--tarball", tmp_path / "absent.tgz", stdout=StringIO())
