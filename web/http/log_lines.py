"""Log lines: one a record, with its time; one a refused request, without what it could carry."""

import logging
import re
import time

from django.conf import settings

from web.http.unavailable import failure_of
from web.http.visitor import visitor_address

# Where the path is a secret: whoever has the link of a usage log sees it.
_TOKENS = re.compile(r"^(/estimate/usage/)[^/]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
MOST_OF_A_PATH = 200
MOST_OF_A_MESSAGE = 300
# Names of the exceptions that Celery logs each time it tries again.
_LOST_BROKER = {"ConnectionError", "OperationalError", "RestartFreqExceeded", "SchedulingError"}


class LineFormatter(logging.Formatter):
    """Records with time, level and logger; a message cannot begin a line of its own."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = escaped(record.message)
        return super().formatMessage(record)


class RequestLines(logging.Filter):
    """Of a refused or failed request its status, method, path and address, and nothing else.

    A traceback stays where the fault is ours.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        request, status = getattr(record, "request", None), getattr(record, "status_code", None)
        if request is None or status is None:
            return True
        path = escaped(_TOKENS.sub(r"\1…", request.path))
        if len(path) > MOST_OF_A_PATH:
            path = f"{path[:MOST_OF_A_PATH]}…"
        method = escaped(str(request.method))[:10]
        address = escaped(visitor_address(request.META, settings.PROXIES))
        record.msg = "%s %s %s from %s"
        record.args = (status, method, path, address)
        if status < 500:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        if status < 500 or failure_of(record.exc_info[1] if record.exc_info else None):
            record.exc_info = record.exc_text = None
        return True


class BrokerLines(logging.Filter):
    """Of a worker or beat that lost its broker one line each time, without the way of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[0] if record.exc_info else None
        if record.name.startswith("celery.") and error and error.__name__ in _LOST_BROKER:
            record.msg = record.getMessage().partition("\n")[0][:MOST_OF_A_MESSAGE]
            record.args = ()
            record.exc_info = record.exc_text = None
        return True


def escaped(text: str) -> str:
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
