"""What odd requests are made of."""

import json

from attack.wire import FORM

# No page may show the first unescaped, answer with a header of the second or lead to the third.
MARKUP = "\"'><script>attack</script>"
HEADER = "x-attack"
ELSEWHERE = "attack.example"

NUMBERS = (
    *("1e9999999", "-1e9999999", "1e-9999999", "NaN", "sNaN", "Infinity", "-Infinity", "-1", "0"),
    *("1" + "0" * 1_000, "-" + "9" * 1_000, "0." + "0" * 1_000 + "1", "0x10", "1_000", "٣", "½"),
    *(
        "1e15",
        "1e16",
        "9223372036854775807",
        "9223372036854775808",
        "2147483648",
        "1,5",
        "+1",
        " 1",
    ),
    *("1" * 5_000, "--1", "1e", "1e+", "e1", "true", "null", "[]", "{}"),
)
DATES = (
    *("0000-00-00", "2026-02-30", "9999-12-31", "10000-01-01", "0001-01-01", "2026-W01-1"),
    *("2026-01-01T00:00:00-23:59", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *("2026-01-01T24:00", "20260101", "now", "2026-01-01 00:00:00.0000000001", "1e9", "1800000000"),
)
TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "a\udfffb",
        "\ufeff",
        "\u202e",
        "\x1b[2J",
        "\r\nx",
        "\t",
    ),
    *("%", "%%", "_", "\\", "'", '"', "'; DROP TABLE catalog_model; --", "%00", "%ff", "%25%30%30"),
    *(MARKUP, "{{ 7 * 7 }}", "{% debug %}", "${jndi:ldap://x}", "javascript:alert(1)"),
    *(f"//{ELSEWHERE}/", f"https://{ELSEWHERE}/", f"\r\n{HEADER}: 1\r\n", f"/\\{ELSEWHERE}", "@"),
    *(
        "../" * 20 + "etc/passwd",
        "..",
        ".",
        "/",
        "//",
        "a/b/c/d/e",
        "a" * 300,
        "é" * 4_000,
        "🦜" * 50,
    ),
    *("a" * 20_000, "(" * 500, "[" * 500, "a " * 2_000, "-" * 300, "openai/o4-mini@azure@x", "~"),
    *("cafe\u0301", "ﷺ" * 100, "İı", "ß", "\u2028", "<!--", "]]>", "a@b", "@azure", "None"),
)
VALUES = (*NUMBERS, *DATES, *TEXTS)
NAMES = ("q", "page", "sort", "x", "q[]", "a\x00b", "\ud800", "__proto__", "", "o", "p", "e", "all")
METHODS = (
    *("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD", "CONNECT", "PROPFIND"),
    *("get", "G" * 200, "GET\x00", "", "GET GET", "\xff", "PRI"),
)
PATHS = (
    *(
        b"/%00",
        b"/%ff",
        b"/\xff\xfe",
        b"/%",
        b"/%zz",
        b"//",
        b"/./",
        b"/../../etc/passwd",
        b"*",
        b"",
    ),
    *(b"/%2e%2e/%2e%2e/etc/passwd", b"/%252e%252e/", b"/" + b"a" * 8_192, b"/" + b"a/" * 4_096),
    *(
        b"http://attack.example/",
        b"//attack.example/",
        b"/\\attack.example",
        b"/?",
        b"/;x=1",
        b"/#",
    ),
    *("/🦜é".encode(), b"/%ed%a0%80", b"/%c0%af", b"/static/../manage.py", b"/static/%2e%2e/x"),
    *(b"/static/%00", b"/static/" + b"a" * 5_000, b"/" + b"a" * 70_000, b"/ \t", b"/.git/config"),
    *(b"/.env", b"/var/secret_key", b"/%0d%0ax-attack:%201", b"/models/%0d%0ax-attack:%201/"),
)
HEADERS: tuple[dict[str, str], ...] = (
    *({"Host": host} for host in ("", "x", ELSEWHERE, "a b", "[::1", "localhost:99999", "\xff")),
    *({"Host": host} for host in ("localhost:x", "localhost/", "a@localhost", "l" * 5_000, "::1")),
    {"X-Forwarded-Host": ELSEWHERE, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "x"},
    {"X-Forwarded-For": "'; --, ::1, \x00", "Forwarded": "for=;;;", "X-Real-IP": "x" * 500},
    {"X-Forwarded-Proto": "gopher", "X-Forwarded-Prefix": "/x", "X-Script-Name": "//x"},
    {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/", "X-HTTP-Method-Override": "DELETE"},
    *({"Accept-Encoding": text} for text in ("gzip;q=x, *;q=, ,;;", "br", "gzip;q=9", "," * 5_000)),
    *({"If-None-Match": text} for text in ("*", '"' + "a" * 5_000, 'W/"', '"", ' * 1_000, "\xff")),
    *({"If-Modified-Since": text} for text in ("yesterday", "Mon, 01 Jan 0001 00:00:00 GMT", "9")),
    {"If-Match": '"x"', "If-Unmodified-Since": "Mon, 32 Foo 99999 99:99:99 GMT", "If-Range": "x"},
    *({"Range": text} for text in ("bytes=9-1", "bytes=0-0," * 500, "bytes=-1", "x=1", "bytes=z-")),
    *(
        {"Cookie": text}
        for text in ("sessionid=%00", "csrftoken=" + "a" * 5_000, "=;;;=", "\xff=\xff")
    ),
    {"Cookie": 'messages="[[\\"__json_message\\",0,25,\\"x\\"]]:x"; sessionid=' + "z" * 32},
    {"Cookie": "; ".join(f"c{n}=1" for n in range(500))},
    {
        "HX-Request": "true",
        "HX-Target": "\u202e" + MARKUP,
        "HX-Current-URL": "::://[",
        "HX-Prompt": "%",
    },
    {"HX-Request": "true", "HX-Target": "results", "HX-Boosted": "x", "HX-Trigger": "é" * 500},
    {
        "HX-Request": "true",
        "HX-History-Restore-Request": "true",
        "HX-Current-URL-URI-AutoEncoded": "t",
    },
    {"HX-Request": "true", "HX-Current-URL": "http://[::1/%ff", "Triggering-Event": "{"},
    {"Accept": "\\" * 500, "Accept-Language": "x" * 5_000, "Referer": "\\\\", "Origin": "null"},
    {"Authorization": "Basic " + "=" * 100, "Content-Type": "x" * 5_000, "Expect": "100-continue"},
    {"Authorization": "Bearer \xff", "Upgrade": "h2c", "HTTP2-Settings": "x", "TE": "trailers"},
    {"Connection": "close, Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"},
    {"X-Large": "a" * 60_000},
    {f"X-{n}": "a" for n in range(90)},
    {f"X-{n}": "a" for n in range(500)},
)
CONTENT_TYPES = (
    *(
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\xff",
    ),
    *("multipart/form-data; boundary=" + "b" * 300, "multipart/mixed; boundary=x", "", "x", "/;;="),
    *("multipart/form-data; boundary=x", "multipart/form-data; boundary=x; charset=utf-16"),
    *(
        f"{FORM}; charset=unknown",
        f"{FORM}; charset=utf-16",
        *(f"{FORM}; charset={name}" for name in ("idna", "base64", "punycode", "undefined")),
        f"{FORM}; charset*=none''utf-8",
        f"{FORM}; charset=",
    ),
    *(f"{FORM}; charset=zip", f"{FORM}; charset=utf-8\x00", f"{FORM}; charset=iso-8859-1", FORM),
    *("application/json", "application/json; charset=utf-7", "application/x-protobuf", "text/xml"),
)


def _part(disposition: bytes) -> bytes:
    return b"--x\r\nContent-Disposition: form-data%s\r\n\r\n%%%%%%\r\n--x--\r\n" % disposition


BODIES = (
    *(
        b"",
        b"\x00",
        b"\xff\xfe\x00" * 50,
        b"=&=&=&" * 200,
        b"%" * 1_000,
        b"a=%ed%a0%80",
        b"&" * 5_000,
    ),
    *(b"[" * 100_000, b'{"a":' * 100_000, b"usage=" + b"[" * 90_000, b"usage=" + b"%5B" * 30_000),
    *(b"&".join(b"f%d=1" % n for n in range(10_000)), b"q=1&" * 10_000, b"a=" + b"x" * 300_000),
    *(b"--x\r\n\r\n--x--", b"--x\r\n", b"--x--", _part(b"")),
    *(
        _part(b'; name="log"; filename="%s"' % name)
        for name in (b"a\x00b.csv", b"../../a", b"\xff")
    ),
    _part(b"; name=\"log\"; filename*=x''%ff"),
    _part(b'; name="usage"\r\nContent-Type: text/plain; charset=no'),
    _part(b'; name="usage"\r\nContent-Transfer-Encoding: base64'),
    b"".join(_part(b'; name="f%d"' % n)[:-7] + b"\r\n" for n in range(1_500)) + b"--x--\r\n",
    b"--x\r\n" + b"X: " + b"a" * 5_000 + b"\r\n\r\n1\r\n--x--\r\n",
)
# Headers instead of a right Content-Length.
FRAMINGS = (
    *(f"Content-Length: {length}\r\n" for length in (3, 100_000, -1, "x", "+5", "9e9", "9" * 20)),
    *(f"Transfer-Encoding: {coding}\r\n" for coding in ("chunked", "x", "gzip, chunked")),
    "Content-Length: 5\r\nContent-Length: 6\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "Content-Encoding: gzip\r\nContent-Length: 5\r\n",
    "",
)
CHUNKS = (
    *(
        b"5\r\nusage\r\n0\r\n\r\n",
        b"z\r\nusage\r\n0\r\n\r\n",
        b"ffffffffffffffff\r\nx",
        b"-1\r\nx\r\n",
    ),
    *(
        b"5;" + b"x" * 5_000 + b"\r\nusage\r\n0\r\n\r\n",
        b"5\r\nusa",
        b"0\r\nX: y\r\n\r\n",
        b"\r\n\r\n",
    ),
)
USAGES = (
    *("[" * 100_000, '{"usage":' * 20_000, '{"usage": {"prompt_tokens": 1e400}}', "NaN", "{}"),
    '{"usage": {"prompt_tokens": ' + "9" * 5_000 + "}}",
    '{"usage": {"input_tokens": -1, "output_tokens": 1.5}}',
    '{"usage": {"prompt_tokens": "\\ud800", "a\\u0000": 1}, "model": "\\u0000\\ud800"}',
    '{"model": "gpt-4o", "created": 1e300, "usage": {"prompt_tokens": 5}}',
    '{"model": "gpt-4o", "created_at": "0000-00-00", "usage": {"prompt_tokens": true}}',
    '{"usage": {"prompt_tokens": 1, "prompt_tokens": 2, "total_tokens": 10000000000000000000000}}',
    '{"usageMetadata": {"promptTokenCount": null, "promptTokensDetails": [{"modality": {}}]}}',
    '{"usage": ' + json.dumps({f"k{n}": n for n in range(5_000)}) + "}",
    "data: " + '{"usage": {}}\n' * 5_000,
    "\ufeff{}",
    "\x00",
    "\ud800",
    "{'usage': 1}",
    '{"usage": []}',
    '{"output": [{"type": 1}]}',
)
