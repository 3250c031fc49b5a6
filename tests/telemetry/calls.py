"""Calls for tests: plain functions with sensible values."""

from datetime import UTC, datetime

from telemetry.calls import Call

NOON = datetime(2026, 12, 1, 12, 1, tzinfo=UTC)


def make_call(**changed) -> Call:
    usual = Call(
        provider_name="openai",
        model_name="gpt-4o-mini",
        at=NOON.timestamp(),
        outcome="ok",
        latency=0.4,
        throughput=50.0,
        duration=2.4,
        input_tokens=120,
        output_tokens=100,
    )
    return usual._replace(**changed)
