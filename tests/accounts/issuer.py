"""An issuer of OIDC tokens on 127.0.0.1: its document, its keys, and tokens that it signs."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@dataclass
class Issuer:
    """`answers` replace what a path is answered with; `asked` are the paths that were."""

    address: str = ""
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    key_id: str = "first"
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def token(self, audience: Any = "ratecard", *, header: Any = None, **claims: Any) -> str:
        now = int(time.time())
        stated = {
            "iss": self.address,
            "aud": audience,
            "sub": "repo:acme/shop",
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        fields = {name: value for name, value in stated.items() if value is not None}
        return jwt.encode(
            fields, self.key, algorithm="RS256", headers={"kid": self.key_id, **(header or {})}
        )

    def keys(self) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": "RS256"}]}

    def answer(self, path: str) -> tuple[int, bytes]:
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            document = {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
            return 200, json.dumps(document).encode()
        if path == "/keys":
            return 200, json.dumps(self.keys()).encode()
        return 404, b"{}"


@contextmanager
def serving_issuer() -> Iterator[Issuer]:
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            status, body = issuer.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
