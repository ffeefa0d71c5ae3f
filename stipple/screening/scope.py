"""What takes the alarm out of a danger word: denied, long past, only imagined, asked about, or somebody else's.

After ConText (Harkema 2009), for how patients write: a trigger reaches forward to the end of its clause. The words stand
in ``scope.yml``.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import yaml
from spacy.tokens import Doc

from stipple.screening.cues import Found

SCOPE_FILE = Path(__file__).parent / "scope.yml"
Scope = Literal["now", "denied", "past", "imagined", "other", "idiom"]

# Whoever writes of ending a life, even in a question, is taken at their word; so is whoever sees somebody choke.
_CRISIS = ("self_harm_now", "suicidal_thoughts")
_ANYBODYS = (*_CRISIS, "anaphylaxis")


def _read() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(SCOPE_FILE.read_text(encoding="utf-8"))
    return {name: frozenset(x.split()) if isinstance(x, str) else x for name, x in told.items()}


def _any_of(name: str) -> re.Pattern[str]:
    """Matches any phrase of the list as whole words."""
    return re.compile(rf"\b(?:{'|'.join(_LISTS[name])})\b")


_LISTS = _read()
_SENTENCE_END = frozenset(".!?;\n")
_CLAUSE_END = frozenset(".!?;") | _LISTS["clause_ends"]
_LIST_JOINT = frozenset([",", "and", "or", "nor", "/", "&", "n"])
_NEW_STATEMENT, _SUBJECTS, _REPORTING = _LISTS["new_statements"], _LISTS["subjects"], _LISTS["reporting"]
_NEGATIONS, _ENDED, _NOT_ENDED = _LISTS["negations"], _LISTS["ended"], _LISTS["not_ended"]
_DENIAL_REACH, _ENDED_REACH = 8, 7
_ENDED_PHRASES, _NEVER_CAME = _any_of("ended_phrases"), _any_of("never_came")
# "Gone" alone ends a sign; "gone black" does not.
_GONE = re.compile(
    r"\bgone(?: (?:now|away|already|completely|totally|thankfully|thank\w*|today|again)\b| ?$|[ ]?[,.!?;])"
)
_IMAGINED, _ASKED, _PAST = _any_of("imagined"), _any_of("asked"), _any_of("past")
# Said after the sign, at the end of a question about it: "is X common", "is X a thing to watch for".
_ASKED_AFTER = re.compile(
    r"^(?:and |so |just |but )?(?:is|are|can|does|do|how|what|whats|which|why|when|would|could)\b.*"
    r"\b(?:common|a thing|a risk|likely|possible|mean|means|look like|watch for|look out for|rare|for knowledge|curious)\b"
)
_OWN = re.compile(r"\b(?:this|these|my|mine|mines|our)\b")
_NO_PERSON, _OTHERS, _IDIOMS = map(_any_of, ("no_person", "others", "idioms"))
_TREATED = re.compile(
    rf"\b(?:{'|'.join(_LISTS['treated_people'])})\b(?:(?!\bmy (?:scalp|head|smp|session|dots)|\barm tattoo).){{0,80}}?"
    rf"\b(?:{'|'.join(_LISTS['treated_marks'])})\b"
)
_BYSTANDER = re.compile(rf"\b(?:{'|'.join(_LISTS['bystanders'])})s? (?:{'|'.join(_LISTS['looking_on'])})\b")


def clause(doc: Doc, cue: Found) -> tuple[int, int]:
    """The words of the sentence around a cue, from the last sentence end or "but" before it to the next after it."""
    start = next((i + 1 for i in range(cue.start - 1, -1, -1) if doc[i].text in _CLAUSE_END), 0)
    end = next((i for i in range(cue.end, len(doc)) if doc[i].text in _CLAUSE_END), len(doc))
    return start, end


def scope_of(doc: Doc, cue: Found) -> Scope:
    """How a cue is meant; ``now`` when nothing takes the alarm out of it."""
    start, end = clause(doc, cue)
    first = next((i + 1 for i in range(cue.start - 1, -1, -1) if doc[i].text in _SENTENCE_END), 0)
    last = next((i for i in range(cue.end, len(doc)) if doc[i].text in _SENTENCE_END), len(doc))
    statement = doc[_statement_start(doc, cue, start) : cue.end].text
    if _within(_IDIOMS.finditer(doc.text), doc, cue):
        return "idiom"
    if _denied(doc, cue, start) or _ended(doc, cue, end):
        return "denied"
    if cue.flag not in _CRISIS and _is_imagined(statement, doc[start:end].text):
        return "imagined"
    if _PAST.search(doc[first:last].text):
        return "past"
    if _is_others(doc.text, doc[first : cue.end].text, cue.flag in _ANYBODYS):
        return "other"
    return "now"


def _is_imagined(statement: str, whole_clause: str) -> bool:
    asked = list(_ASKED.finditer(statement))
    # "What is this pus on my pillow" asks about what is there.
    if asked and not _OWN.search(statement[asked[-1].end() :]):
        return True
    return bool(_IMAGINED.search(statement) or _ASKED_AFTER.search(whole_clause))


def _statement_start(doc: Doc, cue: Found, clause_start: int) -> int:
    """Where the statement that holds the cue begins: after a joint that a new subject follows."""
    for place in range(cue.start - 1, clause_start - 1, -1):
        if doc[place].text in _LIST_JOINT and doc[place + 1].text in _NEW_STATEMENT:
            return place + 1
    return clause_start


def _within(matches: Iterable[re.Match[str]], doc: Doc, cue: Found) -> bool:
    first, last = doc[cue.start].idx, doc[cue.end - 1].idx + len(doc[cue.end - 1])
    return any(m.start() < last and first < m.end() for m in matches)


def _denied(doc: Doc, cue: Found, clause_start: int) -> bool:
    """Whether a "no" before the cue reaches it, over a list but not into a new statement."""
    for place in range(cue.start - 1, max(clause_start, cue.start - _DENIAL_REACH) - 1, -1):
        word = doc[place].text
        if word in _NEGATIONS:
            return True
        if word in _SUBJECTS and place > 0 and doc[place - 1].text not in _REPORTING:
            return False
        if word in _LIST_JOINT and doc[place + 1].text in _NEW_STATEMENT:
            return False
    return False


def _ended(doc: Doc, cue: Found, clause_end: int) -> bool:
    """Whether the clause goes on to say that the sign is over or easing."""
    last = min(clause_end, cue.end + _ENDED_REACH)
    after = doc[cue.end : last]
    joint = next(
        (t.i for t in after if t.text in _LIST_JOINT and t.i + 1 < len(doc) and doc[t.i + 1].text in _NEW_STATEMENT),
        last,
    )
    words = [t.text for t in doc[cue.end : joint]]
    told = " ".join(words)
    if cue.flag not in _CRISIS and _NEVER_CAME.search(told):
        return True
    if any(w in _NOT_ENDED for w in words):
        return False
    return any(w in _ENDED for w in words) or bool(_ENDED_PHRASES.search(told)) or bool(_GONE.search(told))


def _is_others(text: str, before: str, anybodys: bool) -> bool:
    """Whether the sign is an animal's, a story's, or, unless it concerns ``anybodys``, an untreated person's."""
    if _NO_PERSON.search(before):
        return True
    told = _BYSTANDER.sub(" ", before)
    return not anybodys and bool(_OTHERS.search(told)) and not _TREATED.search(text)
