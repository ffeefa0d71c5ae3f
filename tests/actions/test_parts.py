"""Parts the answers are put together from: sentences, envelope, questions of the message."""

import ast
import json
import string
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from rasa_sdk.executor import CollectingDispatcher

import actions
from actions.envelope import button, form_button, send, trace
from actions.progress import STAGES
from actions.questions_of_forms import FORM_SLOTS, OPTIONS, ask
from actions.turn import Answer, Question, _questions
from stipple.content.pack import Pack
from stipple.content.schema import Stance, Verdict

from .conftest import MakeTurn

SLOTS = [slot for slots in FORM_SLOTS.values() for slot in slots]
SOURCES = sorted(Path(actions.__path__[0]).glob("*.py"))


def sentences_named(source: Path) -> list[tuple[str, set[str]]]:
    """Each fixed sentence that the module asks for by its plain name, with the blanks it fills."""
    calls = [node for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    return [
        (call.args[0].value, {k.arg or "" for k in call.keywords})
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "say"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_sentence_exists_and_its_blanks_are_filled(pack: Pack, source: Path) -> None:
    for name, filled in sentences_named(source):
        assert name in pack.replies, name
        blanks = {blank for _, blank, _, _ in string.Formatter().parse(pack.replies[name]) if blank is not None}
        assert blanks <= filled, name


def test_the_sentences_were_found() -> None:
    assert len([name for source in SOURCES for name in sentences_named(source)]) > 60


def test_every_sentence_with_a_composed_name_exists(pack: Pack) -> None:
    composed = {
        *(f"verdict_{v}" for v in get_args(Verdict)),
        *(f"plan_{v}" for v in get_args(Verdict)),
        *(f"stance_{s}" for s in get_args(Stance)),
        *(f"ask_{slot}" for slot in SLOTS),
        *(f"answer_{slot}" for slot in SLOTS),
        *(name for _, name in STAGES),
        *(name for options in OPTIONS.values() for _, name in options),
    }
    assert composed - pack.replies.keys() == set()


@pytest.mark.parametrize("slot", SLOTS)
def test_every_question_of_a_form_can_be_asked(turn: MakeTurn, slot: str) -> None:
    asked, back = ask(slot, turn()), ask(slot, turn(), returning=True)
    assert asked.paragraphs[0] in back.paragraphs[0] != asked.paragraphs[0]
    assert asked.traces == ({"kind": "ask_back", "topic": slot},)
    assert all(b["payload"].startswith("/form_answer{") for b in asked.buttons)
    assert len({b["title"] for b in asked.buttons}) == len(asked.buttons)


def test_a_trace_leaves_out_what_is_unknown() -> None:
    question = Question("aftercare/water", 0.98765, "water")
    assert trace("aftercare", "water", question, asked_day=0, override=None, from_record=False) == {
        "kind": "aftercare",
        "topic": "water",
        "asked_day": 0,
        "from_record": False,
        "intent": "aftercare/water",
        "confidence": 0.988,
    }
    assert trace("unclear") == {"kind": "unclear"}


@pytest.mark.parametrize(
    ("made", "intent", "entities"),
    [
        (button("Why?", "followup/why"), "/followup", {"question": "followup/why"}),
        (button("What?", "unclear"), "/unclear", {"question": "unclear"}),
        (form_button("Yes", "yes"), "/form_answer", {"answer": "yes"}),
    ],
)
def test_a_button_carries_its_question(made: dict[str, str], intent: str, entities: dict[str, str]) -> None:
    name, _, rest = made["payload"].partition("{")
    assert (name, json.loads("{" + rest)) == (intent, entities)


def test_one_envelope_holds_all_answers() -> None:
    dispatcher = CollectingDispatcher()
    why, person = button("Why?", "followup/why"), button("Talk to a person", "contact/person")
    send(
        dispatcher, [Answer(("One.", "Two."), (trace("a"),), (why, person)), Answer(("Three.",), (trace("b"),), (why,))]
    )
    (message,) = dispatcher.messages
    assert message["custom"] == {
        "text": "One.\n\nTwo.\n\nThree.",
        "buttons": [why, person],
        "answers": [{"kind": "a"}, {"kind": "b"}],
    }


def test_the_questions_of_a_message_are_read() -> None:
    text = "water and sun"
    found = _questions(
        text,
        [
            {"entity": "question", "value": "aftercare/water", "confidence_entity": 0.9, "start": 0, "end": 5},
            {"entity": "question", "value": "aftercare/sun", "role": "asked", "start": 10, "end": 13},
            {"entity": "question", "value": "goals/density", "role": "alternative", "confidence_entity": 0.2,
             "start": 10, "end": 13},
            {"entity": "mention", "value": "eligibility/diabetes", "start": 0, "end": 5},
        ],
    )  # fmt: skip
    assert found == [
        Question("aftercare/water", 0.9, "water"),
        Question("aftercare/sun", 1.0, "sun", (("goals/density", 0.2),)),
    ]
    assert [(q.kind, q.topic) for q in found] == [("aftercare", "water"), ("aftercare", "sun")]
    assert Question("unclear", 1.0, "").topic == ""


@pytest.mark.parametrize(
    ("day", "shown"), [(date(2026, 6, 1), "Monday 1 June"), (date(2027, 1, 31), "Sunday 31 January 2027")]
)
def test_a_date_is_shown_with_the_year_only_when_it_is_another(turn: MakeTurn, day: date, shown: str) -> None:
    assert turn().show_date(day) == shown


@pytest.mark.parametrize(
    ("text", "session_date", "day"),
    [("day 5", None, 5), ("tomorrow", date(2026, 6, 1), 9), ("", date(2026, 6, 20), 0), ("tomorrow", None, None)],
)
def test_a_visitors_day_is_the_one_they_told(
    turn: MakeTurn, text: str, session_date: date | None, day: int | None
) -> None:
    assert turn(text, session_date=session_date).told_day == day
