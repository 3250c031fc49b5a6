"""Whether the rules have changed since links and winners were last decided.

See docs/decisions/0013.
"""

from functools import cache
from hashlib import blake2b
from pathlib import Path

from sources.models import AppliedRules

_ROOT = Path(__file__).parents[1]
# The files of the rules, by what they decide.
RULES = {
    "links": ("catalog/matching/*.py", "catalog/matching/*.json"),
    "winners": (
        *("catalog/dated_names.py", "catalog/known_*.py", "catalog/matching/*.py"),
        *("catalog/model_names.py", "catalog/suitability.py"),
        *("sources/derivation.py", "sources/*_stage*.py", "sources/model_facts.py"),
        *("sources/policy.py", "sources/precedence.py", "sources/successors.py"),
        *("sources/served.py", "sources/stated_now.py"),
        *("sources/*winners.py",),
    ),
    # What an answer is read and reconciled with.
    "answers": (
        *("catalog/**/*.py", "catalog/**/*.json", "pricing/**/*.py"),
        *("sources/*.py", "sources/upstreams/**/*.py"),
    ),
}


@cache
def fingerprint(name: str) -> str:
    digest = blake2b(digest_size=16)
    for path in sorted(path for pattern in RULES[name] for path in _ROOT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def have_changed(name: str) -> bool:
    """Whether rules differ from those applied last, and note that they are applied now.

    A catalog that notes none is new.
    """
    applied, is_new = AppliedRules.objects.get_or_create(
        name=name, defaults={"fingerprint": fingerprint(name)}
    )
    if is_new or applied.fingerprint == fingerprint(name):
        return False
    AppliedRules.objects.filter(name=name).update(fingerprint=fingerprint(name))
    return True
