"""A TCP proxy before this run's PostgreSQL, which can refuse, or take and never answer."""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from django.db import connection

LOCAL = "127.0.0.1"


class Proxy:
    def __init__(self) -> None:
        self.holds = False
        self._sockets: list[socket.socket] = []
        self._listen(0)

    @property
    def url(self) -> str:
        settings = connection.settings_dict
        return f"postgresql://{settings['USER']}@{LOCAL}:{self.port}/{settings['NAME']}"

    @property
    def parameters(self) -> dict[str, Any]:
        settings = connection.settings_dict
        return {
            "host": LOCAL,
            "port": self.port,
            "user": settings["USER"],
            "dbname": settings["NAME"],
        }

    def refuse(self) -> None:
        """Refuse what comes, and end what is there."""
        for end in (self._listener, *self._sockets):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._sockets.clear()

    def serve(self) -> None:
        self.holds = False
        if self._listener.fileno() < 0:
            self._listen(self.port)

    close = refuse

    def _listen(self, port: int) -> None:
        self._listener = socket.create_server((LOCAL, port), backlog=100)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        settings = connection.settings_dict
        server = socket.socket(socket.AF_UNIX)
        self._sockets += [client, server]
        with client, server:
            self._wait()
            server.connect(f"{settings['HOST']}/.s.PGSQL.{settings['PORT']}")
            threading.Thread(target=self._copy, args=(client, server), daemon=True).start()
            self._copy(server, client)

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _wait(self) -> None:
        while self.holds:
            time.sleep(0.02)
