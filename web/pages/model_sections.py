"""The sections under a model's provider table: code, texts, price history, FAQ."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from catalog.lifecycle import Lifecycle
from catalog.lineage import Lineage, Relative, lineage
from web.charts.price_history import day
from web.pages.model import ModelPage
from web.pages.model_changes import model_changes
from web.pages.model_code import model_code
from web.pages.price_history import histories
from web.reads.creator_models import NO_MODELS, CreatorModels, creator_models
from web.reads.headlines import headlines
from web.reads.model_facts import ModelFacts
from web.reads.price_history import dated_rates, oldest_data
from web.reads.provider_access import provider_access
from web.reads.rated_models import rated_models
from web.reads.site import site
from web.text import markdown
from web.text.about import about
from web.text.alternatives import alternatives
from web.text.best_for import best_for
from web.text.choosing import choosing
from web.text.facts import NOBODY, Facts, Sentence, words
from web.text.faq import faq
from web.text.model_facts import FamilyVersions, facts_of
from web.text.peers import peers

# An editor's text takes the place of the sentences of its section.
SECTIONS: tuple[tuple[str, str, Callable[[Facts], list[Sentence]]], ...] = (
    ("choosing", "Choosing a provider", choosing),
    ("best_for", "Best for", best_for),
    ("alternatives", "Consider alternatives", alternatives),
    ("about", "About", about),
)
# Characters that could end a script element, as escapes of JSON.
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class TextSection:
    """A section with an editor's HTML or with sentences made from facts."""

    key: str
    title: str
    html: SafeString
    sentences: list[Sentence]


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question and its answer, from an editor or from facts, each also as plain text."""

    title: str
    title_plain: str
    html: SafeString
    sentence: Sentence
    plain: str


def model_sections(page: ModelPage, use: str, now: datetime) -> SafeString:
    """Sections of a model's page; `use` is the slug of the provider to show code for."""
    model, endpoints = page.model, page.endpoints
    rates = dated_rates([endpoint.id for endpoint in endpoints])
    oldest = oldest_data(rates)
    moved = histories(endpoints, rates, now)
    retired = model.stage == Lifecycle.RETIRED
    in_use = [endpoint for endpoint in endpoints if endpoint.in_use]
    facts = _facts(page, now)
    written = markdown.written_faq(model.faq)
    answers = _answers(facts, written)
    context = {
        "facts": facts,
        "texts": _texts(model, facts),
        "answers": answers,
        "before_answers": written.html,
        "questions_for_programs": _for_programs(answers),
        "changes": model_changes(model.slug, now.date()),
        "histories": moved,
        "drawn": [history for history in moved if history.drawing],
        "corrected": any(history.corrected for history in moved),
        "evidenced": any(rate.evidence for history in moved for rate in history.rates),
        "recorded_since": day(oldest) if oldest else "",
        "use": None if retired else model_code(model, in_use, provider_access(), use),
    }
    html = get_template("models/below.html").render(context)
    return mark_safe(html)  # noqa: S308 - escaped by the template


def _facts(page: ModelPage, now: datetime) -> Facts:
    model = page.model
    # Models of an unknown creator have nothing in common.
    known = model.creator_slug != NOBODY
    related = creator_models(model.creator_id) if known else NO_MODELS
    return facts_of(
        model,
        page.endpoints,
        page.headline,
        page.prices,
        related,
        site(),
        _family(page, related),
        today=now.date().isoformat(),
    )


def _family(page: ModelPage, related: CreatorModels) -> FamilyVersions:
    model = page.model
    if model.creator_slug == NOBODY or model.floating:
        return FamilyVersions(Lineage(), None, None)
    itself = Relative(model.id, model.slug, model.name, model.family, model.released)
    line = lineage(itself, related.released)
    before = headlines([line.before.id]).get(line.before.id) if line.before else None
    ranked = peers(model.id, rated_models()) if page.headline else None
    return FamilyVersions(line, before, ranked)


def _texts(model: ModelFacts, facts: Facts) -> list[TextSection]:
    sections = []
    for key, title, sentences in SECTIONS:
        written = getattr(model, key).strip()
        html = markdown.render(written) if written else SafeString("")
        made = [] if written else sentences(facts)
        sections.append(TextSection(key.replace("_", "-"), title, html, made))
    return [section for section in sections if section.html or section.sentences]


def _answers(facts: Facts, written: markdown.Written) -> list[AnsweredQuestion]:
    if written.html or written.questions:
        return [
            AnsweredQuestion(
                question.title,
                question.title_plain,
                question.answer,
                (),
                question.answer_plain,
            )
            for question in written.questions
        ]
    return [
        AnsweredQuestion(
            question.title, question.title, SafeString(""), question.answer, words(question.answer)
        )
        for question in faq(facts)
    ]


def _for_programs(answers: list[AnsweredQuestion]) -> SafeString:
    if not answers:
        return SafeString("")
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": answer.title_plain,
                "acceptedAnswer": {"@type": "Answer", "text": answer.plain},
            }
            for answer in answers
        ],
    }
    text = json.dumps(page, ensure_ascii=False).translate(_IN_SCRIPT)
    block = f'<script type="application/ld+json">{text}</script>'
    return mark_safe(block)  # noqa: S308 - the text ends no script
