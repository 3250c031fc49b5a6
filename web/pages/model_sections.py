"""What stands below the tables of a model's page.

It does not depend on how these are sorted or folded.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from web.pages.model_story import Story, read_story
from web.text import markdown
from web.text.about import about
from web.text.alternatives import alternatives
from web.text.best_for import best_for
from web.text.choosing import choosing
from web.text.facts import Facts, Sentence, words
from web.text.faq import faq

# An editor's text takes the place of the sentences of its section.
SECTIONS: tuple[tuple[str, str, Callable[[Facts], list[Sentence]]], ...] = (
    ("choosing", "Choosing a provider", choosing),
    ("best_for", "Best for", best_for),
    ("alternatives", "Consider alternatives", alternatives),
    ("about", "About", about),
)
# What ends a script's text, as an entity of JSON.
_IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class Text:
    """A section: an editor's HTML, or sentences from the facts."""

    key: str
    title: str
    html: SafeString
    sentences: list[Sentence]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer, by an editor or from the facts, and both in words alone."""

    asked: str
    asked_plain: str
    html: SafeString
    sentence: Sentence
    plain: str


def below(model_id: int, use: str, now: datetime) -> SafeString:
    """The sections of a model that there is; `use` is the slug of the provider whose code is asked
    for."""
    story = read_story(model_id, now, use)
    written = markdown.written_faq(story.texts["faq"])
    answers = _answers(story, written)
    context = {
        "facts": story.facts,
        "texts": _texts(story),
        "answers": answers,
        "before_answers": written.html,
        "questions_for_programs": _for_programs(answers),
        "histories": story.histories,
        "corrected": any(history.corrected for history in story.histories),
        "recorded_since": story.recorded_since,
        "use": story.use,
    }
    return mark_safe(get_template("models/below.html").render(context))  # noqa: S308 - escaped by the template


def _texts(story: Story) -> list[Text]:
    """The sections that have something to say."""
    found = []
    for key, title, say in SECTIONS:
        written = story.texts[key].strip()
        html = markdown.render(written) if written else SafeString("")
        found.append(Text(key.replace("_", "-"), title, html, [] if written else say(story.facts)))
    return [text for text in found if text.html or text.sentences]


def _answers(story: Story, written: markdown.Written) -> list[Answer]:
    """What an editor answers; where there is no text of an editor's, what follows from the facts."""
    if written.html or written.questions:
        return [
            Answer(each.asked, each.asked_plain, each.answer, (), each.answer_plain)
            for each in written.questions
        ]
    return [
        Answer(
            question.asked, question.asked, SafeString(""), question.answer, words(question.answer)
        )
        for question in faq(story.facts)
    ]


def _for_programs(answers: list[Answer]) -> SafeString:
    """The questions as schema.org's FAQPage: a block of data, of which browsers run nothing."""
    if not answers:
        return SafeString("")
    page: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": answer.asked_plain,
                "acceptedAnswer": {"@type": "Answer", "text": answer.plain},
            }
            for answer in answers
        ],
    }
    said = json.dumps(page, ensure_ascii=False).translate(_IN_SCRIPT)
    return mark_safe(f'<script type="application/ld+json">{said}</script>')  # noqa: S308 - ends no script
