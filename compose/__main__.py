"""`make compose-check`: build the image, run the compose file, and check what it promises.

Needs Docker with its compose plugin, or podman with podman-compose; without them it ends with one
sentence. Everything has names of its own and is removed at the end.
"""

import secrets
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx

from compose import promises
from compose.engine import PROJECT, Engine, Failed, find_engine

NO_ENGINE = (
    "compose-check was skipped: it needs Docker with its compose plugin, or podman with"
    " podman-compose 1.6 or newer, and neither works here."
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        port: int = place.getsockname()[1]
    return port


def main() -> int:
    port = free_port()
    engine = find_engine(
        {
            "RATECARD_IMAGE": PROJECT,
            "RATECARD_SOURCE_MODELS_DEV_URL": "http://mirror:8000/api.json",
            "RATECARD_PUBLISH": f"127.0.0.1:{port}",
            "RATECARD_URL": f"http://127.0.0.1:{port}",
            "POSTGRES_PASSWORD": secrets.token_hex(16),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "WEB_CONTAINERS": "2",
            "WORKER_CONTAINERS": "2",
            # podman keeps health checks in images of this form alone.
            "BUILDAH_FORMAT": "docker",
        }
    )
    if engine is None:
        print(NO_ENGINE)
        return 0
    address = f"http://127.0.0.1:{port}"
    wanted = sys.argv[1:]
    failed = 0
    with removed_at_the_end(engine):
        for promise in promises.ALL:
            name = promise.__name__
            if wanted and name not in wanted and promise not in promises.FIRST:
                continue
            start = time.monotonic()
            try:
                seen, word = promise(engine, address), "ok"
            except (Failed, AssertionError, httpx.HTTPError) as error:
                seen, word, failed = str(error), "FAILED", failed + 1
            print(f"{word:6} {name.replace('_', ' ')}: {seen} ({time.monotonic() - start:.0f} s)")
            sys.stdout.flush()
            if word == "FAILED" and promise in promises.FIRST:
                break
        if failed:
            print_logs(engine)
    print(f"compose-check with {engine.program}: {failed} failed")
    return 1 if failed else 0


@contextmanager
def removed_at_the_end(engine: Engine) -> Iterator[None]:
    def remove() -> None:
        with suppress(Failed):
            engine.run("rm", "--force", "--volumes", promises.ALONE)
        with suppress(Failed):
            engine.compose("down", "--volumes", "--timeout", "5")

    remove()
    try:
        yield
    finally:
        remove()


def print_logs(engine: Engine) -> None:
    for service in promises.SERVICES:
        for container in engine.containers(service):
            lines = engine.run("logs", "--tail", "20", container)
            print(f"--- {container}\n{lines}")


if __name__ == "__main__":
    sys.exit(main())
