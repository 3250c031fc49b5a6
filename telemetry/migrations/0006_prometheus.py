from django.db import migrations, models

# Names and labels are those of docs/prometheus.md, which names the versions they are from.
_LITELLM = "api_provider, litellm_model_name, model"
_OTEL_PROVIDER = "gen_ai_provider_name, gen_ai_system"
_OTEL_MODEL = "gen_ai_response_model, gen_ai_request_model"
_OTEL = f"{_OTEL_PROVIDER}, {_OTEL_MODEL}"
_CHAT = 'gen_ai_operation_name=~"chat|text_completion|generate_content"'
# 4xx but for 408, and the exceptions of the providers' own libraries that mean the same.
_CALLERS_STATUS = "4([1-9][0-9]|0[0-79])"
_CALLERS_ERROR = (
    f"{_CALLERS_STATUS}|.*(BadRequest|Authentication|PermissionDenied|NotFound|Conflict"
    "|UnprocessableEntity|RateLimit).*"
)


def _increase(metric, labels, where=""):
    selector = f"{{{where}}}" if where else ""
    return f"sum by ({labels}) (increase({metric}{selector}[$window]))"


def _histogram(metric, labels, where=""):
    """A classic histogram's buckets, and a native one: of what is not there, nothing comes."""
    classic = _increase(f"{metric}_bucket", f"{labels}, le", where)
    return f"{classic}\nor\n{_increase(metric, labels, where)}"


EXPORTERS = (
    {
        "name": "LiteLLM proxy",
        "place": 10,
        "provider_labels": "api_provider",
        "model_labels": "litellm_model_name, model",
        "latency": _histogram("litellm_llm_api_time_to_first_token_metric", _LITELLM),
        "latency_definition": "From the proxy's call of the provider to the first chunk,"
        " of streamed calls",
        "succeeded": _increase("litellm_deployment_success_responses_total", _LITELLM),
        "failed": _increase(
            "litellm_deployment_failure_responses_total",
            _LITELLM,
            f'exception_status!~"{_CALLERS_STATUS}"',
        ),
        "refused": _increase(
            "litellm_deployment_failure_responses_total",
            _LITELLM,
            f'exception_status=~"{_CALLERS_STATUS}"',
        ),
        "input_tokens": _increase("litellm_input_tokens_metric_total", _LITELLM),
        "output_tokens": _increase("litellm_output_tokens_metric_total", _LITELLM),
        "note": "No throughput: litellm_deployment_latency_per_output_token divides the time to"
        " the first token of a streamed call by its number of tokens.",
    },
    {
        "name": "vLLM",
        "place": 20,
        "model_labels": "model_name",
        "latency": _histogram("vllm:time_to_first_token_seconds", "model_name"),
        "latency_definition": "From the request's arrival at vLLM to the first token",
        "token_time": _histogram("vllm:request_time_per_output_token_seconds", "model_name"),
        "throughput_definition": "Output tokens a second after the first, of each request",
        "succeeded": _increase(
            "vllm:request_success_total", "model_name", 'finished_reason=~"stop|length|repetition"'
        ),
        "failed": _increase("vllm:request_success_total", "model_name", 'finished_reason="error"'),
        "input_tokens": _increase("vllm:prompt_tokens_total", "model_name"),
        "output_tokens": _increase("vllm:generation_tokens_total", "model_name"),
        "note": "No label names a provider: write its name, or choose the endpoint of the series."
        " Requests that the client aborts are in no count.",
    },
    {
        "name": "SGLang",
        "place": 30,
        "model_labels": "model_name",
        "latency": _histogram("sglang:time_to_first_token_seconds", "model_name"),
        "latency_definition": "From the request's arrival at SGLang to the first token",
        "token_time": _histogram("sglang:request_time_per_output_token_seconds", "model_name"),
        "throughput_definition": "Output tokens a second after the first, of each request",
        "input_tokens": _increase("sglang:prompt_tokens_total", "model_name"),
        "output_tokens": _increase("sglang:generation_tokens_total", "model_name"),
        "note": "No label names a provider: write its name, or choose the endpoint of the series."
        " No uptime: SGLang counts aborted requests, whoever ended them, and no failures.",
    },
    {
        "name": "Text Generation Inference",
        "place": 40,
        "model_labels": "model_name, model",
        "token_time": _histogram("tgi_request_mean_time_per_token_duration", "model_name, model"),
        "throughput_definition": "Output tokens a second from the start of the inference on: the"
        " time to the first token is in it",
        "succeeded": _increase("tgi_request_success", "model_name, model"),
        "failed": _increase(
            "tgi_request_failure", "model_name, model", 'err!~"validation|overloaded|dropped"'
        ),
        "refused": _increase(
            "tgi_request_failure", "model_name, model", 'err=~"validation|overloaded"'
        ),
        "input_tokens": _increase("tgi_request_input_length_sum", "model_name, model"),
        "output_tokens": _increase("tgi_request_generated_tokens_sum", "model_name, model"),
        "note": "TGI names no model: add the label `model` to its scrape, or write the model's name."
        " No latency: it measures no time to the first token.",
    },
    {
        "name": "OpenTelemetry GenAI, clients",
        "place": 50,
        "provider_labels": _OTEL_PROVIDER,
        "model_labels": _OTEL_MODEL,
        "latency": _histogram("gen_ai_client_operation_time_to_first_chunk_seconds", _OTEL, _CHAT),
        "latency_definition": "From the client's request to the first chunk, of streamed calls",
        "succeeded": _increase(
            "gen_ai_client_operation_duration_seconds_count", _OTEL, f'{_CHAT}, error_type=""'
        ),
        "failed": _increase(
            "gen_ai_client_operation_duration_seconds_count",
            _OTEL,
            f'{_CHAT}, error_type!="", error_type!~"{_CALLERS_ERROR}"',
        ),
        "refused": _increase(
            "gen_ai_client_operation_duration_seconds_count",
            _OTEL,
            f'{_CHAT}, error_type=~"{_CALLERS_ERROR}"',
        ),
        "input_tokens": _increase(
            "gen_ai_client_token_usage_sum", _OTEL, f'{_CHAT}, gen_ai_token_type="input"'
        ),
        "output_tokens": _increase(
            "gen_ai_client_token_usage_sum", _OTEL, f'{_CHAT}, gen_ai_token_type="output"'
        ),
        "note": "No throughput: a chunk is not a token. The counts are of classic histograms.",
    },
    {
        "name": "OpenTelemetry GenAI, servers",
        "place": 60,
        "provider_labels": _OTEL_PROVIDER,
        "model_labels": _OTEL_MODEL,
        "latency": _histogram("gen_ai_server_time_to_first_token_seconds", _OTEL, _CHAT),
        "latency_definition": "From the request's arrival at the server to the first token",
        "token_time": _histogram("gen_ai_server_time_per_output_token_seconds", _OTEL, _CHAT),
        "throughput_definition": "Output tokens a second after the first, of each request",
        "succeeded": _increase(
            "gen_ai_server_request_duration_seconds_count", _OTEL, f'{_CHAT}, error_type=""'
        ),
        "failed": _increase(
            "gen_ai_server_request_duration_seconds_count",
            _OTEL,
            f'{_CHAT}, error_type!="", error_type!~"{_CALLERS_ERROR}"',
        ),
        "refused": _increase(
            "gen_ai_server_request_duration_seconds_count",
            _OTEL,
            f'{_CHAT}, error_type=~"{_CALLERS_ERROR}"',
        ),
        "note": "The counts are of classic histograms.",
    },
)


def add_exporters(apps, schema_editor):
    table = apps.get_model("telemetry", "PrometheusExporter")
    table.objects.bulk_create(table(**exporter) for exporter in EXPORTERS)


class Migration(migrations.Migration):
    dependencies = [
        ("telemetry", "0005_probe_run"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrometheusExporter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("is_enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("place", models.PositiveSmallIntegerField(default=100)),
                (
                    "provider_labels",
                    models.CharField(
                        blank=True, help_text="The first that is not empty counts.", max_length=300
                    ),
                ),
                (
                    "provider_name",
                    models.CharField(
                        blank=True, help_text="Where no label names the provider.", max_length=200
                    ),
                ),
                (
                    "model_labels",
                    models.CharField(
                        blank=True, help_text="The first that is not empty counts.", max_length=300
                    ),
                ),
                (
                    "model_name",
                    models.CharField(
                        blank=True, help_text="Where no label names the model.", max_length=300
                    ),
                ),
                (
                    "latency",
                    models.TextField(
                        blank=True,
                        help_text="A histogram of seconds to the first token.",
                        max_length=2000,
                    ),
                ),
                ("latency_definition", models.CharField(blank=True, max_length=300)),
                (
                    "token_time",
                    models.TextField(
                        blank=True,
                        help_text="A histogram of seconds per output token, after the first.",
                        max_length=2000,
                        verbose_name="time per output token",
                    ),
                ),
                ("throughput_definition", models.CharField(blank=True, max_length=300)),
                (
                    "succeeded",
                    models.TextField(blank=True, help_text="A counter of calls.", max_length=2000),
                ),
                (
                    "failed",
                    models.TextField(
                        blank=True,
                        help_text="Calls that failed by the provider's fault.",
                        max_length=2000,
                    ),
                ),
                (
                    "refused",
                    models.TextField(
                        blank=True,
                        help_text="429, and 4xx of the caller's making.",
                        max_length=2000,
                    ),
                ),
                ("input_tokens", models.TextField(blank=True, max_length=2000)),
                ("output_tokens", models.TextField(blank=True, max_length=2000)),
                ("note", models.TextField(blank=True)),
                ("slots_until", models.DateTimeField(editable=False, null=True)),
                ("hours_until", models.DateTimeField(editable=False, null=True)),
                ("days_until", models.DateTimeField(editable=False, null=True)),
                ("read_at", models.DateTimeField(editable=False, null=True)),
                ("failing_since", models.DateTimeField(editable=False, null=True)),
                ("error", models.CharField(blank=True, editable=False, max_length=500)),
                ("left_out", models.JSONField(default=dict, editable=False)),
            ],
            options={
                "ordering": ("place", "name"),
            },
        ),
        migrations.AddField(
            model_name="measured",
            name="details",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.RunPython(add_exporters, migrations.RunPython.noop),
    ]
