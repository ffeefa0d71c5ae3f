"""The envelope every reply travels in: text, buttons, and the trace of what was answered."""

import json
from collections.abc import Iterable
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from stipple.care.telling import begun

from .turn import Answer, Button, Question, Turn


def trace(kind: str, topic: str = "", question: Question | None = None, **facts: Any) -> dict[str, Any]:
    """One trace item; what is None is left out."""
    item = {"kind": kind, "topic": topic or None, **facts}
    if question:
        item |= {"intent": question.label, "confidence": round(question.confidence, 3)}
    return {key: value for key, value in item.items() if value is not None}


def button(title: str, label: str) -> Button:
    """A quick reply that asks for ``label`` (``kind/topic``) when tapped."""
    return {"title": title, "payload": f"/{label.partition('/')[0]}{json.dumps({'question': label})}"}


def offers(labels: Iterable[str], turn: Turn) -> tuple[Button, ...]:
    """A button for each of ``labels`` that has a name, in their order."""
    titled = [(label, turn.pack.title(label)) for label in labels]
    return tuple(button(begun(title), label) for label, title in titled if title)


def form_button(title: str, answer: str) -> Button:
    """A quick reply that answers the question of a form."""
    return {"title": title, "payload": f"/form_answer{json.dumps({'answer': answer})}"}


def simple(turn: Turn, question: Question, text: str, *buttons: Button) -> Answer:
    """An answer of one paragraph whose trace is the question's own label."""
    return Answer((text,), (trace(question.kind, question.topic, question),), buttons)


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    """What an event of the bot's carries; nothing for a plain one."""
    return (event.get("data") or {}).get("custom") or {}


def send(dispatcher: CollectingDispatcher, answers: list[Answer]) -> None:
    """Send one envelope for all answers; a paragraph or a button that several of them hold is shown once.

    Such a paragraph closes an answer ("Only the clinic can say ..."), so it stands after the last of them.
    """
    buttons = {b["title"]: b for answer in answers for b in answer.buttons}
    paragraphs = [p for answer in answers for p in answer.paragraphs]
    dispatcher.utter_message(
        json_message={
            "text": "\n\n".join(reversed(dict.fromkeys(reversed(paragraphs)))),
            "buttons": list(buttons.values()),
            "answers": [t for answer in answers for t in answer.traces],
        }
    )
