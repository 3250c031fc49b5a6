"""Health of the process and readiness of the catalog, for load balancers and monitors."""

import logging

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from web.http.unavailable import failure_of
from web.reads.health import Readiness, readiness
from web.views.errors import read_only

log = logging.getLogger("ratecard")

# Shorter than for pages: a load balancer needs its answer while the database is down.
PATIENCE_SECONDS = 2
# Errors name hosts and users, so strangers get none.
UNREADABLE = "The catalog cannot be read: the log of the server has the reason."


@read_only
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@read_only
def readyz(request: HttpRequest) -> HttpResponse:
    """503 with a reason if the database does not answer or has no catalog."""
    state = _read()
    status = 503 if state.problem else 200
    return JsonResponse(state.as_json(), status=status, headers={"Cache-Control": "no-store"})


def _read() -> Readiness:
    """Read over a new connection: waiting for one of the pool could hide a dead server."""
    own = connection.copy()
    options = {
        name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"
    }
    own.settings_dict["OPTIONS"] = {**options, "connect_timeout": PATIENCE_SECONDS}
    try:
        with own.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, false)", [f"{PATIENCE_SECONDS}s"]
            )
            return readiness(cursor)
    except Error as error:
        log.warning("Not ready: %s", error)
        failure = failure_of(error)
        return Readiness(problem=f"{failure.sentence}." if failure else UNREADABLE)
    finally:
        own.close()
