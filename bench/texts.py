"""Texts that are slow to read by design, beside prose of the same length: CPU time of each."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.report import ReportLine, at_most
from usage.tokenizers import LARGEST, count_tokens
from web.text.markdown import LONGEST, written

ROOT = Path(__file__).resolve().parents[1]
PROSE = (ROOT / "README.md").read_text()

# The steepest of the texts that tests/web/text/test_markdown.py counts the steps of.
BRACKETS = ("[", "![", "[a](", "-\n+\n", "### a\nb\n", "> " * 19 + "x\n\n")
REPEATED = ("a", " ", "\n", "\0", "ab", "的", "a\u0301", "<|x|>", "1", "😀")
MARKDOWN_LIMIT = 30
TOKENS_LIMIT = 12


def measure(home: Path) -> Iterator[ReportLine]:
    prose = _seconds(written, _filled(PROSE, LONGEST))
    slowest = max(_seconds(written, _filled(text, LONGEST)) for text in BRACKETS)
    yield at_most(
        f"markdown: the slowest {LONGEST:,} characters",
        slowest * 1000,
        prose * 1000,
        MARKDOWN_LIMIT,
        name="prose",
    )
    count_tokens("load the vocabularies")
    prose = _seconds(count_tokens, _filled(PROSE, LARGEST))
    slowest = max(_seconds(count_tokens, text) for text in _megabytes())
    yield at_most(
        "tokens: the slowest megabyte",
        slowest * 1000,
        prose * 1000,
        TOKENS_LIMIT,
        name="prose",
    )


def _filled(text: str, size: int) -> str:
    return (text * (size // len(text.encode()) + 1)).encode()[:size].decode(errors="ignore")


def _megabytes() -> Iterator[str]:
    for text in REPEATED:
        yield _filled(text, LARGEST)
    chance = random.Random(2)
    yield "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=LARGEST))
    yield "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(LARGEST // 3))


def _seconds(read: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    read(text)
    return time.process_time() - began
