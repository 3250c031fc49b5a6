import pytest

from catalog.lineage import Lineage, Relative, lineage


def models(*named):
    return [
        Relative(number, f"a/{name}", name, family, released)
        for number, (name, released, family) in enumerate((*one, "")[:3] for one in named)
    ]


def names(found):
    return tuple(one.name if one else None for one in (found.before, found.after))


OPUS = models(
    ("Claude Opus 4.7", "2026-04-14"),
    ("Claude Opus 4.8", "2026-05-28"),
    ("Claude Opus 5", "2026-07"),
    ("Claude Opus 4.8 Fast", "2026-05-28"),
    ("Claude Sonnet 4.6", "2026-02-17"),
)


def test_the_neighbours_are_the_versions_before_and_after_of_the_same_name():
    assert names(lineage(OPUS[1], OPUS)) == ("Claude Opus 4.7", "Claude Opus 5")
    assert names(lineage(OPUS[0], OPUS)) == (None, "Claude Opus 4.8")
    assert lineage(OPUS[3], OPUS) == Lineage()


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ([("GPT-5.5", "2026-04"), ("GPT-5.4", "2026-03"), ("GPT-4o", "2024-05")], "GPT-5.4"),
        (
            [("Qwen3 32B", "2025-04"), ("Qwen2.5 32B", "2024-09"), ("Qwen2.5 7B", "2024-09")],
            "Qwen2.5 32B",
        ),
        ([("Qwen3.5 27B", "2026-02"), ("Qwen3 27B", "2025-04")], "Qwen3 27B"),
        # Two models of one version, or of the model's own.
        ([("Kimi K3", "2026-07"), ("Kimi K2", "2025-07"), ("Kimi K2", "2025-09")], None),
        ([("M 3", "2026-07"), ("M 3", "2026-08"), ("M 2", "2025-09")], None),
        # Dates in another order than versions, unknown or not precise enough.
        ([("M 3", "2025-07"), ("M 2", "2025-09")], None),
        ([("M 3", ""), ("M 2", "2025-09")], None),
        ([("M 3", "2025-07"), ("M 2", "")], None),
        ([("M 3", "2025"), ("M 2", "2025-02")], None),
        # No version, two versions, or another family.
        ([("Sonar", "2025-07"), ("Sonar 2", "2025-02")], None),
        ([("M 3 v2", "2025-07"), ("M 3 v1", "2025-02")], None),
        ([("M 3", "2025-07", "m-pro"), ("M 2", "2025-02", "m-lite")], None),
        ([("M 3", "2025-07", "m"), ("M 2", "2025-02")], "M 2"),
    ],
)
def test_what_is_not_certain_has_no_neighbour(named, expected):
    known = models(*named)
    found = lineage(known[0], known)
    assert names(found)[0] == expected
