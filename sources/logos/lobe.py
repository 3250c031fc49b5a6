"""Logos of the npm package @lobehub/icons-static-svg: one file, fetched and read, never run."""

import json
import tarfile
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sources.bundle.npm import NpmPackage, fetch_tarballs, verified_tarball
from sources.logos.drawing import LARGEST_FILE
from sources.logos.sprite import KINDS, keep, sanitised

ORIGIN = "lobe"
PACKAGE = NpmPackage(
    "@lobehub/icons-static-svg",
    "1.95.1",
    "Hw7EPPgVnC4NZLXBfTNJG6hyQgqECfUPC11VVXodPSr1aebKcFxDZlSpxhWwYNdCc6bhxps/x5TtXoPmfKH2ag==",
)
# The icon of each provider and creator, by our slug.
ICONS: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("lobe_names.json").read_text()
)


def make_logos(*, tarball: Path | None, now: datetime, folder: Path) -> tuple[int, dict[str, str]]:
    """Join the package's logos into the sprite; their number, and why others are left out.

    Without a tarball npm fetches it. Raises Unusable.
    """
    with tempfile.TemporaryDirectory(prefix="ratecard-logos-") as temporary:
        if tarball is None:
            fetch_tarballs([PACKAGE], Path(temporary))
        path = tarball or Path(temporary, PACKAGE.tarball)
        icons = _icons(path, {icon for kind in KINDS for icon in ICONS[kind].values()})
    files = {
        kind: {slug: icons[icon] for slug, icon in ICONS[kind].items() if icon in icons}
        for kind in KINDS
    }
    drawings, refused = sanitised(files)
    keep(ORIGIN, drawings, version=PACKAGE.version, at=now, folder=folder)
    missing = {
        f"{kind}/{slug}": f"the package has no icon “{icon}”"
        for kind in KINDS
        for slug, icon in ICONS[kind].items()
        if icon not in icons
    }
    return sum(map(len, drawings.values())), refused | missing


def _icons(tarball: Path, names: Iterable[str]) -> dict[str, bytes]:
    wanted = {f"package/icons/{name}.svg": name for name in names}
    icons = {}
    with verified_tarball(PACKAGE, tarball) as files:
        for member in files:
            if member.name in wanted and member.isfile() and member.size <= LARGEST_FILE:
                icons[wanted[member.name]] = _body(files, member)
    return icons


def _body(files: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = files.extractfile(member)
    return stream.read() if stream else b""
