"""What charts of performance mean: sources of calls, percentiles, points, gaps. Pure."""

from web.params.charts import ENOUGH

# By the origin of calls.
MEANINGS = {
    "traffic": "Calls that your gateways and programs made and report as OpenTelemetry spans or"
    " histograms. A span gives each call’s own time; latency and throughput are as the sender"
    " measured them.",
    "prometheus": "Histograms that a Prometheus of yours keeps of a gateway or of inference"
    " servers. A percentile is as exact as the histogram’s buckets are narrow.",
    "probe": "Requests that this machine sends by itself, at random moments, all with the same"
    " lengths of prompt and answer, so that providers are compared on one workload.",
    "playground": "Requests of visitors to the playground here, measured here.",
    "demo": "Made-up calls, to show what charts look like. They are of no provider.",
}
DEFINITIONS = (
    (
        "Latency",
        "Seconds from the request to the first token of any kind, reasoning included (time to first"
        " token, TTFT).",
    ),
    (
        "Throughput",
        "Output tokens a second after the first token, reasoning included. Answers of fewer than"
        " 20 tokens give none.",
    ),
    (
        "Uptime",
        "Succeeded calls of all that succeeded or that the provider failed. Rate limits (429) and"
        " other errors of the caller’s own making (4xx) are in neither, and counted apart.",
    ),
    (
        "P50 and P95",
        "The nearest rank: of the calls of a step sorted by size, the one in the middle, or the one"
        " that 95 in 100 do not exceed, to within 0.6 %. For throughput, P95 is the fast end. Steps"
        " are five minutes over 24 hours (hours for probes and the playground) and hours over 7"
        " and 30 days, each with its own percentile: none is made of other percentiles. That of a"
        " whole window is of its whole hours or days, out of their merged distributions.",
    ),
    (
        "Gaps and faint points",
        "A step without a measured call is a gap, never a zero. A point of fewer than"
        f" {ENOUGH} calls is drawn faint, and left out of the lowest and highest figure.",
    ),
)
