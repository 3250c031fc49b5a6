"""llmledger's data: what its kinds, flags and prices mean. Tables only."""

from decimal import Decimal
from typing import Final

# The data has thousands; a file below this is another file, or a broken one.
FEWEST_KEYS: Final = 1000

COMMIT = "https://github.com/BerriAI/litellm/commit/"

# The meters of which the past is read: LiteLLM's other prices depend on the whole row.
TOKENS = ("input", "output", "cache_read", "cache_write", "cache_write_1h")

# The prices of the data's last day, in US dollars per million tokens, by their name in its rows.
LAST = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
}

# Blocks of prices under terms: their changes are recorded, and not read.
BLOCKS = {"off_peak_pricing", "tiered_pricing"}

UNIT = "unit"
REVERTED = "reverted"
LIKELY = "likely"
CORRECTED = {LIKELY, UNIT, REVERTED}

# A price so many times the one before and the one after it, or so small a part, is a slip.
OUTLIER = Decimal(8)

# Why a price never held, by flag and until when it was listed.
SLIPS = {
    UNIT: "Listed in another unit by mistake until {day}.",
    LIKELY: "Listed by mistake until {day}.",
    REVERTED: "Listed and undone on {day}.",
}

# llmledger's names of makers that are not the creators' slugs; "other" is none.
MAKERS = {"nous": "nousresearch", "other": "", "zhipu": "zhipuai"}
