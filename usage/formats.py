"""The shapes of usage logs that are known by their columns. Pure tables, and how they are read.

A shape adds to `usage.spellings` what its columns alone do not say: the provider, whether a row is
a sum of requests, and which counts leave out what others count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from usage.spellings import WRITES, plain


@dataclass(frozen=True, slots=True)
class Shape:
    """A known log: its distinctive columns, and what they mean beyond their spellings.

    `provider` is that of every row, `usual` that of a row whose model it serves. `mixed`: a row may
    be another provider's, which counts in another way.

    `fields` are columns that the shape reads before any other spelling. `rest` are the meters that
    count what no other column counts unless a total says otherwise. `summed`: a row adds up
    requests. `skipped` are columns that are no counts here, `tier` is that of every row. `grows`: a
    request has several rows, of which the last counts. `choices` are names of the tool's own choice
    of a model, in lower case. `bill`: a row counts one kind of tokens, and numbers beside it are
    none of its counts (`usage.bill_lines`). `cents`: its stated cost is in cents.
    `no_counts` is why such a log has no price.
    """

    name: str
    marks: frozenset[str]
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str = ""
    usual: str = ""
    mixed: bool = False
    rest: frozenset[str] = frozenset()
    summed: bool = False
    skipped: frozenset[str] = frozenset()
    tier: str = ""
    grows: bool = False
    choices: frozenset[str] = frozenset()
    bill: bool = False
    cents: bool = False
    no_counts: str = ""


def _marks(text: str) -> frozenset[str]:
    return frozenset(map(plain, text.split()))


_NEITHER = frozenset({"input", "output"})
_AMOUNTS = "it states amounts of money and no counts: export the usage instead of the costs"
_LINE_FIELDS = (
    *("model", "provider", "tier", "window", *("input", "output"), "cache_read", "cache_write"),
    *("cache_write_1h", "input_image", "input_audio", "input_video", "output_image"),
    "output_audio",
)


def _bill(
    name: str, marks: str, text: str, at: tuple[str, ...], billed: str, currency: str
) -> Shape:
    """A cloud's bill, of which a line's text names what it counts."""
    return Shape(
        name,
        _marks(marks),
        {
            **{field: (f"{text}.{field}",) for field in _LINE_FIELDS},
            "at": at,
            "billed": (billed,),
            "currency": (currency,),
        },
        rest=_NEITHER,
        summed=True,
        bill=True,
    )


SHAPES = (
    # A line for each kind of tokens, by the hour or the day. Bedrock's usage types name models.
    _bill(
        "AWS Cost and Usage Report 2.0",
        "line_item_usage_type line_item_usage_amount",
        "line_item_usage_type",
        ("line_item_usage_start_date",),
        "line_item_unblended_cost",
        "line_item_currency_code",
    ),
    _bill(
        "AWS Cost and Usage Report",
        "lineItem/UsageType lineItem/UsageAmount",
        "lineItem/UsageType",
        ("lineItem/UsageStartDate",),
        "lineItem/UnblendedCost",
        "lineItem/CurrencyCode",
    ),
    # The rows of its export to BigQuery, nested or not, and of the table of its console.
    _bill(
        "Google Cloud billing export",
        "sku.description usage.amount",
        "sku.description",
        ("usage_start_time",),
        "cost",
        "currency",
    ),
    _bill(
        "Google Cloud billing",
        "sku_description usage_amount",
        "sku_description",
        ("usage_start_time", "Usage start date"),
        "cost",
        "currency",
    ),
    *(
        Shape(
            f"{name} without amounts",
            _marks(marks),
            no_counts=f"it states no tokens: export the column {amount} too",
        )
        for name, marks, amount in (
            ("AWS Cost and Usage Report 2.0", "line_item_usage_type", "line_item_usage_amount"),
            ("AWS Cost and Usage Report", "lineItem/UsageType", "lineItem/UsageAmount"),
            ("Google Cloud billing export", "sku.description cost", "usage.amount"),
            ("Google Cloud billing", "sku_description", "usage_amount"),
        )
    ),
    # The table LiteLLM_SpendLogs of its proxy. Prompt tokens are all of the prompt.
    Shape("LiteLLM spend logs", _marks("startTime prompt_tokens completion_tokens spend")),
    # Its tables of daily sums.
    Shape(
        "LiteLLM daily spend",
        _marks("date prompt_tokens completion_tokens api_requests spend"),
        summed=True,
    ),
    # As the page of its proxy exports them, by day and team or tag.
    Shape(
        "LiteLLM usage export",
        _marks("date model spend($) requests totalTokens promptTokens completionTokens"),
        {"billed": ("Spend ($)",)},
        summed=True,
    ),
    Shape(
        "LiteLLM usage export by model",
        _marks("date model spend($) requests totalTokens"),
        no_counts=(
            "it states all the tokens of a model, and not how many of them are output: export its"
            " spend logs instead"
        ),
    ),
    Shape(
        "LiteLLM usage export by day",
        _marks("date spend($) requests totalTokens"),
        no_counts="it names no model: export its spend logs instead",
    ),
    # Requests, as its gateway exports them: costs are in cents.
    Shape(
        "Portkey logs",
        _marks("ai_model req_units res_units"),
        {
            "model": ("ai_model",),
            "provider": ("ai_org",),
            "input": ("req_units",),
            "output": ("res_units",),
            "total": ("total_units",),
            "billed": ("cost",),
            "currency": ("cost_currency",),
            "request_id": ("id",),
        },
        cents=True,
    ),
    # A row for each generation, as its page exports them. OpenRouter is the one that bills.
    Shape(
        "OpenRouter activity",
        _marks("model_permaslug tokens_prompt tokens_completion"),
        provider="openrouter",
        skipped=_marks("provider_name"),
    ),
    # The daily sums of its API.
    Shape(
        "OpenRouter daily activity",
        _marks("model_permaslug prompt_tokens completion_tokens requests"),
        {"billed": ("usage",)},
        provider="openrouter",
        summed=True,
        skipped=_marks("provider_name"),
    ),
    # A generation each, as its API answers for one.
    Shape(
        "OpenRouter generations",
        _marks("native_tokens_prompt native_tokens_completion provider_name total_cost"),
        {"request_id": ("id",)},
        provider="openrouter",
        skipped=_marks("provider_name usage"),
    ),
    # Observations. In its usage details each token counts once, under one name.
    Shape(
        "Langfuse observations",
        _marks("traceId startTime"),
        {
            "input": ("usageDetails.input",),
            "output": ("usageDetails.output",),
            "total": ("usageDetails.total",),
            "billed": ("totalCost", "calculatedTotalCost", "costDetails.total"),
            "request_id": ("id",),
        },
        rest=_NEITHER,
        skipped=_marks("input output"),
    ),
    # Its prompt tokens are those that no other column counts.
    Shape(
        "Helicone requests",
        _marks("request_created_at prompt_tokens completion_tokens"),
        rest=_NEITHER,
    ),
    # Sums by hour or day, as its page and its usage API give them: of completions, embeddings,
    # images, transcriptions, speeches.
    Shape(
        "OpenAI usage",
        _marks("num_model_requests model"),
        provider="openai",
        summed=True,
    ),
    # Its reports count uncached input.
    Shape(
        "Anthropic usage",
        _marks("uncached_input_tokens output_tokens"),
        provider="anthropic",
        summed=True,
    ),
    # The same as its Console exports it.
    Shape(
        "Anthropic Console",
        _marks("usage_input_tokens_no_cache usage_output_tokens"),
        {"tier": ("usage_type",)},
        provider="anthropic",
        summed=True,
    ),
    # A line for each block of a message, each with the usage of all of the message.
    Shape(
        "Claude Code",
        _marks("sessionId message uuid"),
        {
            "at": ("timestamp",),
            "model": ("message.model",),
            "request_id": ("message.id", "requestId"),
        },
        usual="anthropic",
        rest=frozenset({"input"}),
        grows=True,
    ),
    Shape(
        "Cursor usage",
        _marks("date model totaltokens") | {"input(w/cachewrite)", "input(w/ocachewrite)"},
        {
            "at": ("Date",),
            "input": ("Input (w/o Cache Write)",),
            WRITES: ("Input (w/ Cache Write)",),
            "status": ("Kind",),
        },
        rest=frozenset({"input"}),
        choices=frozenset({"auto", "default", "premium", "composer-auto"}),
    ),
    # A response of the API each, in the body of a line. Groq, Mistral and Azure write the same.
    Shape(
        "OpenAI batch output",
        _marks("custom_id response error"),
        {"request_id": ("response.body.id",), "at": ("response.body.created",)},
        usual="openai",
        tier="batch",
    ),
    Shape(
        "Anthropic batch results",
        _marks("custom_id result"),
        {"request_id": ("result.message.id",), "model": ("result.message.model",)},
        usual="anthropic",
        rest=frozenset({"input"}),
        tier="batch",
    ),
    # The usage of each response of its API, a line for each.
    Shape(
        "Anthropic responses",
        _marks("input_tokens output_tokens cache_read_input_tokens"),
        rest=frozenset({"input"}),
        mixed=True,
    ),
    # The costs as their page and their API give them, and what is billed by no model.
    Shape("OpenAI exported costs", _marks("amount_value line_item"), no_counts=_AMOUNTS),
    Shape("OpenAI costs", _marks("amount line_item start_time"), no_counts=_AMOUNTS),
    Shape("Anthropic costs", _marks("amount cost_type token_type"), no_counts=_AMOUNTS),
    Shape("Anthropic Console costs", _marks("cost_usd cost_type token_type"), no_counts=_AMOUNTS),
    Shape(
        "OpenAI vector stores",
        _marks("usage_bytes start_time"),
        no_counts="it states stored bytes and no model",
    ),
    Shape(
        "OpenAI code interpreter sessions",
        _marks("num_sessions start_time"),
        no_counts="it states sessions and no model",
    ),
)
GENERIC = Shape("", frozenset())

# What a log calls a message that no model made.
NO_MODELS = ("<synthetic>",)
# What a log calls the standard tier.
STANDARD_TIERS = (
    "",
    "auto",
    "default",
    "standard",
    "on_demand",
    "on-demand",
    "none",
    "null",
    "false",
)


def known_shape(columns: Iterable[str]) -> Shape:
    """The first shape with all of its marks among the columns, else the generic one."""
    there = {plain(column) for column in columns}
    return next((shape for shape in SHAPES if shape.marks <= there), GENERIC)
