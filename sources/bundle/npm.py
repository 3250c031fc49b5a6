"""Packages of npm: fetched by npm, checked against their checksum, read without unpacking them."""

import shutil
import subprocess
import tarfile
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha512
from io import BytesIO
from pathlib import Path


class Unusable(Exception):
    """A package cannot be had or does not hold what it should. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class NpmPackage:
    """A release; `sha512` in base64, as npm writes it."""

    name: str
    version: str
    sha512: str

    @property
    def tarball(self) -> str:
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


def fetch_tarballs(packages: Sequence[NpmPackage], folder: Path) -> None:
    """Download releases into `folder`, running nothing of them. Raises Unusable."""
    names = [f"{package.name}@{package.version}" for package in packages]
    options = ("pack", "--ignore-scripts", "--pack-destination", str(folder))
    run_fetch([*_npm(packages), *options, *names])


def run_fetch(command: Sequence[str]) -> None:
    """Run a package manager. Raises Unusable with the last line of its complaint."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Unusable(f"The packages could not be fetched: {last.strip()}")


def _npm(packages: Iterable[NpmPackage]) -> list[str]:
    npm = shutil.which("npm")
    if not npm:
        files = ", ".join(package.tarball for package in packages)
        raise Unusable(
            f"npm is missing: install Node.js, or fetch {files} elsewhere and name the place."
        )
    return [npm]


@contextmanager
def verified_tarball(package: NpmPackage, path: Path) -> Iterator[tarfile.TarFile]:
    """The files of a release with the expected checksum. Raises Unusable."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    if b64encode(sha512(body).digest()).decode() != package.sha512:
        raise Unusable(f"{path.name} is not the one that was published: its checksum differs.")
    with tarfile.open(fileobj=BytesIO(body)) as files:
        yield files
