"""An issuer of OIDC tokens on 127.0.0.1: its document, its keys, and tokens that it signs.

People sign in by it, too: with a code that it sends back with the browser, and PKCE.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@dataclass
class Issuer:
    """`answers` replace what a path is answered with; `asked` are the paths that were.

    `person` is who signs in, as claims; `handed` replaces the signed token that is handed out, and
    `userinfo` what is told about the person.
    """

    address: str = ""
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    key_id: str = "first"
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    person: dict[str, Any] = field(default_factory=dict)
    handed: str = ""
    userinfo: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

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
            document = {
                "issuer": self.address,
                "jwks_uri": f"{self.address}/keys",
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "userinfo_endpoint": f"{self.address}/userinfo",
            }
            return 200, json.dumps(document).encode()
        if path == "/keys":
            return 200, json.dumps(self.keys()).encode()
        if path == "/userinfo":
            return 200, json.dumps(self.userinfo or self.person).encode()
        return 404, b"{}"

    def authorized(self, query: str) -> str:
        """Where the browser is sent back to, with a code."""
        asked = dict(parse_qsl(query))
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchanged(self, form: dict[str, list[str]]) -> tuple[int, bytes]:
        """A code for a token, once: of the client that asked, with the verifier of PKCE."""
        asked = self.codes.pop(form["code"][0], None)
        challenge = hashlib.sha256(form.get("code_verifier", [""])[0].encode()).digest()
        if (
            asked is None
            or form["client_secret"] != ["s3cret"]
            or form["redirect_uri"] != [asked["redirect_uri"]]
            or asked["code_challenge"] != base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        ):
            return 400, b'{"error": "invalid_grant"}'
        token = self.handed or self.token(asked["client_id"], **self.person)
        answer = {"access_token": "opaque", "token_type": "Bearer", "id_token": token}
        return 200, json.dumps(answer).encode()


@contextmanager
def serving_issuer() -> Iterator[Issuer]:
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            asked = urlsplit(self.path)
            if asked.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", issuer.authorized(asked.query))
                self.end_headers()
                return
            self.answer(*issuer.answer(self.path))

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(*issuer.exchanged(parse_qs(body)))

        def answer(self, status: int, body: bytes) -> None:
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
