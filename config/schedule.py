"""Which tasks beat sends, and when. A table."""

from typing import Any

# Arguments of celery.schedules.crontab, or `seconds` between two runs, applied in config.celery.
# Spread over the hour, so that no two sources are fetched at once.
# A message that waited for an hour is dropped: the next one is there.
_ONCE_AN_HOUR = {"expires": 55 * 60}
_EVERY_FIVE_MINUTES = {"expires": 4 * 60}
SCHEDULE: dict[str, dict[str, Any]] = {
    "refresh models.dev": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "7"},
        "args": ["models-dev"],
        "options": _ONCE_AN_HOUR,
    },
    "refresh LiteLLM": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "27"},
        "args": ["litellm"],
        "options": _ONCE_AN_HOUR,
    },
    "refresh genai-prices": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "47"},
        "args": ["genai-prices"],
        "options": _ONCE_AN_HOUR,
    },
    "refresh model-prices": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "57"},
        "args": ["model-prices"],
        "options": _ONCE_AN_HOUR,
    },
    "refresh Hugging Face's router": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "37"},
        "args": ["huggingface"],
        "options": _ONCE_AN_HOUR,
    },
    "refresh what accounts can reach": {
        "task": "sources.tasks.refresh_accounts",
        "schedule": {"minute": "52"},
        "options": _ONCE_AN_HOUR,
    },
    # With a page a model: each turn fetches a twelfth of them.
    "refresh OpenRouter": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "*/5"},
        "args": ["openrouter"],
        "options": _EVERY_FIVE_MINUTES,
    },
    "refresh Vercel's gateway": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "3-58/5"},
        "args": ["vercel"],
        "options": _EVERY_FIVE_MINUTES,
    },
    # Without a network: rules apply to the endpoints that the others have listed since.
    "refresh the curated facts": {
        "task": "sources.tasks.refresh_source",
        "schedule": {"minute": "17"},
        "args": ["curated"],
        "options": _ONCE_AN_HOUR,
    },
    # Rates begin and end by the clock alone.
    "renew the headlines": {
        "task": "sources.tasks.renew_headlines",
        "schedule": {"minute": "*/5"},
    },
    # Accepted calls wait in the inbox: a message that waited longer finds nothing.
    "fold the inbox": {
        "task": "telemetry.tasks.fold_inbox",
        "schedule": {"seconds": 10},
        "options": {"expires": 10},
    },
    "name the series": {
        "task": "telemetry.tasks.name_all_series",
        "schedule": {"minute": "*"},
        "options": {"expires": 50},
    },
    "prune the calls": {
        "task": "telemetry.tasks.prune_calls",
        "schedule": {"minute": "33"},
        "options": _ONCE_AN_HOUR,
    },
    # Of no use later: the next one is there.
    "renew the live figures": {
        "task": "telemetry.tasks.renew_live",
        "schedule": {"minute": "*"},
        "options": {"expires": 60},
    },
    # Does nothing without the key of a provider.
    "probe endpoints": {
        "task": "telemetry.tasks.probe_due_endpoints",
        "schedule": {"minute": "*/5"},
        "options": _EVERY_FIVE_MINUTES,
    },
    # A minute after the end of each five, when its scrapes are there.
    "read Prometheus": {
        "task": "telemetry.tasks.refresh_prometheus",
        "schedule": {"minute": "4-59/5"},
        "options": _EVERY_FIVE_MINUTES,
    },
    # What is retired from a day on leaves the counts at its beginning.
    "renew the numbers of providers": {
        "task": "sources.tasks.renew_summaries",
        "schedule": {"minute": "0", "hour": "*/6"},
    },
    "expire usage logs": {"task": "usage.tasks.expire_usage_logs", "schedule": {"minute": "*/5"}},
    "resume usage logs": {
        "task": "usage.tasks.resume_usage_logs",
        "schedule": {"minute": "*"},
        "options": {"expires": 300},
    },
    # Of no use later: a worker that is back need not do what was missed.
    "note the worker": {
        "task": "sources.tasks.note_worker",
        "schedule": {"minute": "*"},
        "options": {"expires": 300},
    },
    # Once a day: it does nothing while the logos are younger, and tries again after a failure.
    "refresh logos": {
        "task": "sources.tasks.refresh_logos",
        "schedule": {"minute": "57"},
        "options": _ONCE_AN_HOUR,
    },
    "tidy up": {"task": "sources.tasks.tidy_up", "schedule": {"minute": "37", "hour": "*/6"}},
}
