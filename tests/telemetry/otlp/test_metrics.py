"""Metrics: exponential histograms give quantiles, explicit buckets means; streams are diffed."""

import json
from datetime import timedelta
from math import ceil, log2

import pytest

from telemetry import streams
from telemetry.fold import fold
from telemetry.inbox import accept
from telemetry.models import CumulativePoint, Slot
from telemetry.otlp import json_body, protobuf
from telemetry.otlp.protobuf import Unreadable
from telemetry.otlp.schema import MetricsRequest
from telemetry.packing import pack
from tests.telemetry.calls import NOON, make_call
from tests.telemetry.otlp.bodies import NOW, as_json, as_value

CLIENT = "gen_ai.client.operation.time_to_first_chunk"
PER_TOKEN = "gen_ai.server.time_per_output_token"
USUAL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
}


def make_point(values, *, scale=6, at=NOW, started=NOW - 60, attributes=USUAL, **fields):
    """A data point of an exponential histogram; of explicit buckets without a scale."""
    listed = [{"key": key, "value": as_value(value)} for key, value in attributes.items()]
    point = {
        "attributes": listed,
        "startTimeUnixNano": str(int(started * 1e9)),
        "timeUnixNano": str(int(at * 1e9)),
        "count": str(len(values)),
        "sum": sum(values),
    }
    if scale is None:
        return {**point, "explicitBounds": [0, 5], "bucketCounts": ["0", str(len(values)), "0"]}
    indexes = [ceil(log2(value) * 2**scale) - 1 for value in values]
    counts = [indexes.count(index) for index in range(min(indexes), max(indexes) + 1)]
    positive = {"offset": min(indexes), "bucketCounts": [str(count) for count in counts]}
    return {**point, "scale": scale, "positive": positive, **fields}


def make_metrics(*points, name=CLIENT, temporality=1, unit="s"):
    kind = "exponentialHistogram" if "scale" in points[0] else "histogram"
    histogram = {"dataPoints": list(points), "aggregationTemporality": temporality}
    metric = {"name": name, "unit": unit, kind: histogram}
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "gateway"}}]}
    scope = {"scope": {"name": "x"}, "metrics": [metric]}
    return {"resourceMetrics": [{"resource": resource, "scopeMetrics": [scope]}]}


def as_protobuf(metrics):
    request = MetricsRequest()
    for of_resource in metrics["resourceMetrics"]:
        resource = request.resource_metrics.add()
        for attribute in of_resource["resource"]["attributes"]:
            value = resource.resource.attributes[attribute["key"]]
            value.string_value = attribute["value"]["stringValue"].encode()
        for stated in of_resource["scopeMetrics"][0]["metrics"]:
            metric = resource.scope_metrics.add().metrics.add(
                name=stated["name"].encode(), unit=stated["unit"].encode()
            )
            is_exponential = "exponentialHistogram" in stated
            histogram = metric.exponential_histogram if is_exponential else metric.histogram
            known = stated.get("exponentialHistogram") or stated["histogram"]
            histogram.aggregation_temporality = known["aggregationTemporality"]
            for point in known["dataPoints"]:
                own = histogram.data_points.add(
                    start_time_unix_nano=int(point["startTimeUnixNano"]),
                    time_unix_nano=int(point["timeUnixNano"]),
                    count=int(point["count"]),
                    sum=point["sum"],
                )
                for attribute in point["attributes"]:
                    value = own.attributes[attribute["key"]]
                    value.string_value = attribute["value"]["stringValue"].encode()
                if is_exponential:
                    own.scale = point["scale"]
                    own.positive.offset = point["positive"]["offset"]
                    own.positive.bucket_counts.extend(map(int, point["positive"]["bucketCounts"]))
    return bytes(request.SerializeToString())


def take(metrics, now=NOON):
    """The points in both encodings, which are the same but for the digest of a stream."""
    measured = json_body.read_metrics(as_json(metrics), now.timestamp())
    as_other = protobuf.read_metrics(as_protobuf(metrics), now.timestamp())
    assert [each.buckets for each in measured.points] == [each.buckets for each in as_other.points]
    assert measured.refused == as_other.refused
    accept("traffic", pack((), as_other.points))
    fold(now)
    return measured


def slots():
    rows = Slot.objects.order_by("start")
    return [(row.latency_samples, row.latency_unplaced, row.latency_unplaced_sum) for row in rows]


@pytest.mark.django_db
def test_exponential_histograms_give_quantiles():
    values = [0.1 + number / 50 for number in range(101)]
    take(make_metrics(make_point(values), make_point(values, scale=9)))
    slot = Slot.objects.get()
    assert (slot.latency_samples, slot.latency_unplaced) == (202, None)
    assert slot.latency_p50 == pytest.approx(1.1, rel=0.0055)
    assert (slot.succeeded, slot.failed, slot.throughput_samples) == (0, 0, 0)
    rates = [1 / rate for rate in range(20, 121)]
    take(make_metrics(make_point(rates), name=PER_TOKEN))
    slot.refresh_from_db()
    assert slot.throughput_samples == 101
    assert slot.throughput_p50 == pytest.approx(70, rel=0.0055)
    take(make_metrics(make_point([0.8] * 9, scale=3)))
    take(make_metrics(make_point([0.8] * 9, scale=2)))
    slot.refresh_from_db()
    assert (slot.latency_samples, slot.latency_unplaced) == (211, 9)
    assert slot.latency_unplaced_sum == pytest.approx(9 * 0.8)


@pytest.mark.django_db
def test_explicit_buckets_give_the_mean_alone():
    take(make_metrics(make_point([0.5, 1.5], scale=None)))
    take(make_metrics(make_point([0.5, 1.5], scale=None), name=PER_TOKEN))
    slot = Slot.objects.get()
    assert slots() == [(0, 2, 2.0)]
    assert (slot.latency_p50, slot.throughput_samples) == (None, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("scale", [6, None])
def test_a_cumulative_stream_counts_what_is_new(scale):
    def send(values, minutes, *, started=NOW - 60):
        at = NOON + timedelta(minutes=minutes)
        point = make_point(values, scale=scale, at=at.timestamp(), started=started)
        take(make_metrics(point, temporality=2), at)

    send([1.0, 2.0], 0)
    send([1.0, 2.0], 1)
    send([1.0, 2.0, 4.0], 2)
    send([1.0, 2.0], 1)  # late
    assert slots() == [(3, None, None) if scale else (0, 3, 7.0)]
    send([8.0], 10, started=NOW + 500)  # begun anew
    assert slots()[1] == ((1, None, None) if scale else (0, 1, 8.0))
    CumulativePoint.objects.all().delete()
    send([8.0] * 9, 30, started=NOW + 500)  # of which nothing is known
    send([8.0] * 10, 31, started=NOW + 500)
    assert slots()[2] == ((1, None, None) if scale else (0, 1, 8.0))


@pytest.mark.django_db
def test_a_stream_that_becomes_coarser_counts_what_is_new():
    for minutes, scale, values in ((0, 6, [1.1, 2.0]), (1, 4, [1.1, 2.0, 4.0])):
        at = NOON + timedelta(minutes=minutes)
        point = make_point(values, scale=scale, at=at.timestamp())
        take(make_metrics(point, temporality=2), at)
    slot = Slot.objects.get()
    assert slot.latency_samples == 3
    assert slot.latency_p95 == pytest.approx(4.0, rel=0.03)


@pytest.mark.django_db
def test_streams_are_bounded(monkeypatch):
    monkeypatch.setattr(streams, "MOST_STREAMS", 3)
    for number in range(5):
        point = make_point([1.0], attributes={**USUAL, "user": str(number)})
        take(make_metrics(point, temporality=2), NOON + timedelta(seconds=number))
    assert CumulativePoint.objects.count() == 3
    assert slots() == [(5, None, None)]


@pytest.mark.django_db
def test_of_a_series_with_spans_metrics_add_to_the_mean_alone():
    accept("traffic", pack([make_call(latency=0.5)]))
    fold(NOON)
    take(make_metrics(make_point([1.5])))
    assert slots() == [(1, 1, pytest.approx(1.5, rel=0.0055))]


@pytest.mark.parametrize(
    ("point", "why"),
    [
        (make_point([1.0], at=86_400), "48 hours"),
        (make_point([1.0], at=4_102_444_800), "48 hours"),
        (make_point([1.0], attributes={}), "no model"),
        ({**make_point([1.0]), "count": str(10**12)}, "not possible"),
        ({**make_point([1.0]), "sum": -1.0}, "not possible"),
        ({**make_point([1.0, 1.0]), "count": "1"}, "not of their count"),
        ({**make_point([1.0]), "scale": 99}, "not possible"),
        ({**make_point([1.0]), "sum": 1.7e308}, "not possible"),
        ({**make_point([1.0]), "startTimeUnixNano": str(2**64 - 1)}, "begins after its end"),
        ({**make_point([1.0]), "startTimeUnixNano": "-1"}, "begins after its end"),
        (
            {**make_point([1.0]), "positive": {"offset": 2**70, "bucketCounts": ["1"]}},
            "not possible",
        ),
    ],
)
def test_an_impossible_point_is_refused_and_the_others_count(point, why):
    measured = json_body.read_metrics(as_json(make_metrics(point, make_point([1.0]))), NOW)
    assert len(measured.points) == 1
    ((reason, number),) = measured.refused.items()
    assert why in reason
    assert number == 1


def test_other_metrics_units_and_operations_are_neither_counted_nor_refused():
    embedding = make_point([1.0], attributes={**USUAL, "gen_ai.operation.name": "embeddings"})
    for metrics in (
        make_metrics(make_point([1.0]), name="http.server.request.duration"),
        make_metrics(make_point([1.0]), unit="ms"),
        make_metrics(make_point([1.0]), temporality=0),
        make_metrics(embedding),
    ):
        measured = json_body.read_metrics(as_json(metrics), NOW)
        assert not measured.points
        assert not measured.refused


def test_bodies_that_are_no_metrics_are_refused():
    for body in (b"[]", b"{", b'{"resourceMetrics": 1}'):
        with pytest.raises(Unreadable):
            json_body.read_metrics(body, NOW)
    with pytest.raises(Unreadable):
        protobuf.read_metrics(as_protobuf(make_metrics(make_point([1.0])))[:-3], NOW)
    odd = json.loads(as_json(make_metrics(make_point([1.0]))))
    odd["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["exponentialHistogram"] = 7
    assert json_body.read_metrics(as_json(odd), NOW).refused.total() == 1
    odd["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["name"] = ["a list"]
    assert json_body.read_metrics(as_json(odd), NOW).points == []
