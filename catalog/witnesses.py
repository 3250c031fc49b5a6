"""Sources with data from another source: where agreement is counted, both are one witness. Pure.

pi-ai's catalog is generated from models.dev, OpenRouter's API and Vercel's API, which models.dev
reads too; model-prices' prices are models.dev's history with corrections.
"""

# By slug; and models.dev's own name, where sources go by their names.
COPIES = {"model-prices": "models-dev", "models.dev": "models-dev", "pi-ai": "models-dev"}


def witness(source: str) -> str:
    """The slug of the source that a source's data is from, by its slug or name."""
    return COPIES.get(source, source)
