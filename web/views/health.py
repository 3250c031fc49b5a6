"""For whoever watches this install: is the process alive, and has it something to show?"""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from web.reads.health import Readiness, readiness
from web.views.errors import read_only

# A check that waits for a dead database as long as a page does is of no use to a load balancer.
PATIENCE_SECONDS = 2


@read_only
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@read_only
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, and there is a catalog in it. 503 with a sentence when not."""
    found = _ask()
    status = 503 if found.problem else 200
    return JsonResponse(found.as_json(), status=status, headers={"Cache-Control": "no-store"})


def _ask() -> Readiness:
    """Ask over a connection of its own:

    one of the pool may be waited for, and may hide a dead server.
    """
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
        sentence = (str(error).splitlines() or ["no reason given"])[0]
        return Readiness(problem=f"The database cannot be read: {sentence}")
    finally:
        own.close()
