"""Rules on endpoints: they cover what others list, several add up, and none makes an endpoint."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Provider, ProviderClaims
from catalog.overrides import override, standing
from pricing.models import Rate
from pricing.rates import StatedRate
from sources.base import EndpointRule, Listing, Parsed, ProviderListing
from sources.reconcile import reconcile
from sources.rules import covering_rules, joined_rules
from sources.winners import settle_overridden

pytestmark = pytest.mark.django_db

AUTUMN, NOVEMBER = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)
PAGE = ("https://openai.example/policy", "2026-08-30")
OTHER_PAGE = ("https://openai.example/models", "2026-09")
IDS = ("o4-mini", "o4-mini-deep-research", "gpt-5")


def rule(pattern: str = "", *ids: str, but: str = "", at: Any = PAGE, **facts: Any) -> EndpointRule:
    evidence = dict.fromkeys(facts, at)
    return EndpointRule("openai", ids, pattern, but, facts, evidence=evidence)


def listed(*ids: str, as_of: datetime = NOVEMBER) -> Parsed:
    return Parsed("models-dev", as_of, tuple(Listing("openai", id_) for id_ in ids))


def curated(*rules: EndpointRule, policy: Any = None, as_of: datetime = NOVEMBER) -> Parsed:
    facts = policy or {}
    providers = (ProviderListing("openai", facts, dict.fromkeys(facts, PAGE)),) if facts else ()
    return Parsed("curated", as_of, (), providers, rules=rules, only_known=True)


def run(*answers: Parsed) -> Counter[str]:
    return reconcile(answers, now=timezone.now())


def endpoint(upstream_id: str = "o4-mini") -> Endpoint:
    return Endpoint.objects.get(upstream_id=upstream_id)


def policy_of(row: Endpoint) -> tuple[Any, ...]:
    return row.training, row.retention, row.retention_days, row.zdr


def test_a_rule_covers_its_ids_and_what_its_pattern_finds() -> None:
    wide, narrow = rule("^O4", but="deep", zdr="no"), rule("", "GPT-5", zdr="no")
    assert covering_rules([wide, narrow], IDS) == {"o4-mini": [wide], "gpt-5": [narrow]}


def test_of_several_rules_each_fact_comes_from_the_narrowest() -> None:
    named = rule("", "o4-mini", training="no", at=OTHER_PAGE)
    wide = rule("", training="yes", zdr="no", policy_exceptions=["a"])
    below = rule("", zdr="on_request", policy_exceptions=["b", "a"])
    joined = joined_rules([wide, below, named])
    assert joined.facts == {"training": "no", "zdr": "on_request", "policy_exceptions": ["a", "b"]}
    assert (joined.evidence["training"], joined.evidence["zdr"]) == (OTHER_PAGE, PAGE)


def test_a_rule_that_names_an_id_counts_before_a_pattern_below_it() -> None:
    named, pattern = rule("", "o4-mini", zdr="no"), rule("o4", zdr="contract")
    assert covering_rules([named, pattern], ["o4-mini"]) == {"o4-mini": [pattern, named]}


def test_of_rates_a_later_rule_replaces_those_of_the_same_meter_and_terms() -> None:
    ten, five = StatedRate("web_search", Decimal(10)), StatedRate("web_search", Decimal(5))
    fetch = StatedRate("web_fetch", Decimal(0), "free")
    rules = [EndpointRule("openai", rates=(ten, fetch)), EndpointRule("openai", rates=(five,))]
    assert set(joined_rules(rules).rates) == {five, fetch}


def test_rules_make_no_endpoint_and_no_provider() -> None:
    run(curated(rule("", "o4-mini", zdr="no"), policy={"training": "no"}))
    assert not Endpoint.objects.exists()
    assert not Provider.objects.exists()


def test_an_endpoint_takes_what_is_stated_of_it_and_the_rest_from_its_provider() -> None:
    policy = {"training": "opt_in", "retention": "days", "retention_days": 30, "zdr": "on_request"}
    policy |= {"policy_note": "Thirty days.", "policy_exceptions": ["Files: kept."]}
    more = {"policy_note": "None.", "policy_exceptions": ["Live: not."]}
    own = rule("deep", zdr="no", at=OTHER_PAGE, **more)
    run(listed(*IDS), curated(own, policy=policy))
    plain, special = endpoint(), endpoint("o4-mini-deep-research")
    assert (plain.training, plain.retention, plain.retention_days) == ("opt_in", "days", 30)
    assert (plain.zdr, plain.policy_note) == ("on_request", "Thirty days.")
    assert plain.provenance["zdr"] == ["curated", PAGE[1], PAGE[0]]
    assert (plain.policy_url, plain.policy_checked_on) == PAGE
    assert (special.zdr, special.training) == ("no", "opt_in")
    assert (special.policy_note, special.policy_checked_on) == ("None.", "2026-09")
    assert special.policy_exceptions == "Live: not.\nFiles: kept."
    assert special.provenance["zdr"] == ["curated", OTHER_PAGE[1], OTHER_PAGE[0]]
    # The default is in the provider's row, and not in a claim for each endpoint.
    assert EndpointClaims.objects.filter(source__slug="curated").count() == 1


def test_an_exception_of_an_endpoint_leaves_the_evidence_of_its_provider_in_place() -> None:
    policy = {"training": "no", "policy_note": "Never.", "policy_exceptions": ["Files: kept."]}
    own = rule("deep", policy_exceptions=["Live: kept."], at=OTHER_PAGE)
    run(listed(*IDS), curated(own, policy=policy))
    special = endpoint("o4-mini-deep-research")
    assert (special.policy_url, special.policy_checked_on) == PAGE
    assert special.policy_note == "Never."
    assert special.policy_exceptions == "Live: kept.\nFiles: kept."


def test_an_unknown_that_is_stated_keeps_the_value_of_the_provider_out() -> None:
    policy = {"retention": "days", "retention_days": 30}
    run(listed(*IDS), curated(rule("deep", retention="unknown"), policy=policy))
    special = endpoint("o4-mini-deep-research")
    assert (special.retention, special.retention_days) == ("unknown", None)


def test_the_same_facts_again_write_nothing_and_facts_that_left_the_files_go() -> None:
    policy = {"training": "no"}
    both = (listed(*IDS), curated(rule("deep", zdr="no"), policy=policy))
    run(*both)
    assert run(*both) == Counter()
    run(curated(as_of=NOVEMBER + timedelta(days=1)))
    assert not ProviderClaims.objects.filter(source__slug="curated").exists()
    assert not EndpointClaims.objects.filter(source__slug="curated").exists()
    assert set(Endpoint.objects.values_list("training", "zdr")) == {("unknown", "unknown")}


def test_a_rule_keeps_no_endpoint_that_its_sources_list_no_more() -> None:
    run(listed(*IDS), curated(rule("o4", zdr="no")))
    run(listed("gpt-5", as_of=NOVEMBER + timedelta(days=1)))
    assert endpoint().missing_since
    assert endpoint().zdr == "no"


def test_a_fact_that_was_checked_later_counts_between_equal_sources() -> None:
    hand = Parsed("genai-prices", AUTUMN, (Listing("openai", "o4-mini", {"lifecycle": "preview"}),))
    run(hand, curated(rule("o4", lifecycle="deprecated", at=PAGE)))
    assert endpoint().lifecycle == "preview"
    run(curated(rule("o4", lifecycle="deprecated", at=("https://x.example", "2026-09-02"))))
    assert endpoint().lifecycle == "deprecated"


def test_a_rate_of_a_rule_is_of_the_date_of_its_evidence() -> None:
    price = StatedRate("web_search", Decimal(10))
    dated = {"rate.web_search": PAGE}
    search = EndpointRule("openai", ("o4-mini",), rates=(price,), evidence=dated)
    run(listed("o4-mini"), curated(search))
    assert Rate.objects.get().observed_at == datetime(2026, 8, 30, tzinfo=UTC)


def test_what_an_editor_removes_of_a_provider_leaves_its_endpoints_and_stays_removed() -> None:
    policy = {"training": "no", "retention": "days", "retention_days": 30}
    run(listed(*IDS), curated(policy=policy))
    editor, now = User.objects.create_user("ada"), timezone.now()
    provider = Provider.objects.get()
    removed = {"training": "unknown", "retention": "unknown", "retention_days": None}
    override(provider, removed, by=editor, why="No such page.", at=now)
    settle_overridden(standing(provider))
    run(curated(policy={**policy, "zdr": "no"}, as_of=NOVEMBER + timedelta(days=1)))
    assert policy_of(endpoint()) == ("unknown", "unknown", None, "no")
