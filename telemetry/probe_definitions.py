"""What figures of probes mean: the declared workload, and the first token of the answer."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from catalog.sql import rows
from telemetry.models import ProbeRun
from telemetry.origins import LEAST_SAMPLES
from telemetry.probed_endpoints import workload

# Of models that showed some reasoning before their answer: of the others it is the first token.
_ANSWERS = """
SELECT endpoint_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY first_answer) AS median,
       count(*) AS samples
FROM telemetry_proberun
WHERE began_at > %(since)s AND outcome = %(ok)s AND first_answer IS NOT NULL
GROUP BY endpoint_id
HAVING count(*) >= %(least)s AND bool_or(first_answer > first)
"""


class FirstAnswer(NamedTuple):
    """The median time to the first token of an endpoint's answer, in seconds."""

    endpoint_id: int
    median: float
    samples: int


class ProbeDefinitions:
    """Details of Measured for endpoints that are probed, as of an instant."""

    def __init__(self, now: datetime) -> None:
        since = now - timedelta(days=1)
        answers = rows(
            FirstAnswer, _ANSWERS, since=since, ok=ProbeRun.Ending.OK.value, least=LEAST_SAMPLES
        )
        self._answers = {answer.endpoint_id: answer for answer in answers}
        self._workload = workload().definition

    def of(self, endpoint_id: int) -> dict[str, Any]:
        """By metric, with a `definition` in sentences."""
        answer = self._answers.get(endpoint_id)
        latency = self._workload
        if answer:
            latency = (
                f"To the first token of the answer {answer.median:.3g} s, the median of"
                f" {answer.samples}. {latency}"
            )
        return {
            "latency": {"definition": latency},
            "throughput": {"definition": self._workload},
            "uptime": {"definition": self._workload},
        }
