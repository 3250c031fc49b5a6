"""model-prices' snapshot: what its names, fields and words mean. Tables only."""

import re

SCHEMA = 1

METERS = ("input", "output", "cache_read", "cache_write")
RATE_FIELDS = {*METERS, "tiers", "source", "valid_from", "valid_from_basis", "model"}
# Devin's pickers of a model: no models.
PICKERS = {("cognition", name) for name in ("adaptive", "arena-fast", "arena-mixed", "arena-smart")}

# How the start of a price was found: a correction names its page, an observed price was read there.
READ_ITSELF = {"documented", "first observed"}

# Of the prices' modes only this one is stated; the others are compiled as multiples of it.
STANDARD = "standard"
# A multiple of the input price, of every model of a provider: no price that is stated.
NOT_A_RATE = {"cache_write_1h_multiple": "multiple: longer cache writes"}

# One price a direction, whatever goes through it: of these ids it is not that of text.
OF_NO_TEXT = re.compile(
    r"audio|speech|tts|voice|transcri|asr|live|realtime|image|banana|omni|imagen|video|veo|lyria"
)

# Also prose, names of plans and stand-ins, and spellings of ids.
ROOT_FIELDS = {
    *("schema", "prices", "status", "schedules", "models_dev", "updated_at"),
    *("aliases", "bases", "estimates", "plans"),
}
STATUSES = {"deprecated": "deprecated"}
# An id that models.dev lists no longer.
GONE = "removed"
