"""Aftercare by healing day: what is allowed on the day the patient asks about."""

import re
from datetime import date, timedelta

from stipple.care.dates import DayMention
from stipple.care.plan import Ruling, next_change, rule, rule_on_day, window_for
from stipple.care.progress import progress
from stipple.care.record import PatientRecord
from stipple.care.telling import begun, tell
from stipple.content.schema import CareTopic

from .days import WHEN, by_day, claim_note, days_of, span, unrecorded_session
from .envelope import button, trace
from .turn import Answer, Question, Turn

# What an unreadable answer to "When was your last session?" looks like; "may" and "sun" are other words too.
TRIES_A_DATE = re.compile(
    r"^\W*\d|\b\d{1,2}(?:st|nd|rd|th)\b|\d[/.-]\d|\b(?:days?|weeks?|months?|years?) (?:ago|back)\b"
    r"|\b(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|\b(?:jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)\b"
    r"|\b(?:january|february|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:bank holiday|easter|christmas|new year)\b"
    r"|\b(?:do ?n'?t|can ?'?t|cannot) (?:know|remember)\b|\b(?:no idea|not sure|dunno|forg[eo]t)\b",
    re.IGNORECASE,
)
# More readings of a day than this ("this weekend" has two) would bury the answer.
MOST_DAYS = 2


def answer(question: Question, turn: Turn) -> Answer:
    """The clinic's word on the topic, for the day asked about."""
    topic = turn.pack.care_plan[question.topic]
    if turn.record is None:
        return _for_visitor(question, topic, turn)
    rulings = _rulings(question, topic, turn.record, turn)
    if not rulings:
        return _before_first_session(question, topic, turn)
    paragraphs = (p for ruling in rulings for p in _tell(ruling, topic, question, turn))
    notes = (note for note in (claim_note(question, turn), _if_later(topic, turn)) if note)
    return Answer(
        (*notes, *paragraphs),
        tuple(_trace(question, ruling, turn) for ruling in rulings),
        (
            button(turn.say("button_why"), "followup/why"),
            button(turn.say("button_unclear"), "unclear"),
        ),
    )


def _rulings(question: Question, topic: CareTopic, record: PatientRecord, turn: Turn) -> list[Ruling]:
    asked = [ruling for mention in days_of(question, turn) for ruling in _on_mentioned(mention, topic, record, turn)]
    found = asked[:MOST_DAYS] or [rule(topic, record, turn.today, turn.now)]
    return _distinct([r for r in found if r])


def _on_mentioned(mention: DayMention, topic: CareTopic, record: PatientRecord, turn: Turn) -> list[Ruling | None]:
    """The rulings for each reading of a day that is asked about; none for one that is past or only claimed."""
    if mention.meaning == "healing_day" and mention.day is not None:
        return [rule_on_day(topic, record, mention.day, turn.now)]
    if mention.meaning == "claimed_day":
        return []
    return [rule(topic, record, d, turn.now) for d in mention.dates if d >= turn.today][:MOST_DAYS]


def _distinct(rulings: list[Ruling]) -> list[Ruling]:
    """One ruling where all readings of a day agree, else all of them."""
    same = len({(r.rule_id, r.verdict) for r in rulings}) == 1
    return rulings[:1] if same else rulings


def _tell(ruling: Ruling, topic: CareTopic, question: Question, turn: Turn) -> list[str]:
    answer = tell(ruling, turn.today, turn.words(ruling.rule_id).text, turn.say)
    more = (_session_then(ruling, turn), _course_to_go(ruling, topic, turn), _change(ruling, topic, question, turn))
    return [answer, *(line for line in more if line)]


def _session_then(ruling: Ruling, turn: Turn) -> str | None:
    """That a day ahead is that of a session, after which other rules hold than those of the day."""
    return turn.say("session_then") if turn.today < ruling.on == turn.session_ahead else None


def _course_to_go(ruling: Ruling, topic: CareTopic, turn: Turn) -> str | None:
    """Why a day that lies past the last window is still held back: sessions are to come."""
    waits = topic.counted_from == "course" and ruling.healing.day >= topic.windows[-1].from_day
    standing = progress(turn.record, turn.now) if turn.record and waits and not ruling.healing.course_complete else None
    return turn.say("course_to_go", left=standing.left, phone=turn.pack.profile.phone) if standing else None


def _change(ruling: Ruling, topic: CareTopic, question: Question, turn: Turn) -> str | None:
    """When the verdict eases, told for a rule of today that holds something back, or to a "when can I"."""
    asked_when = bool(WHEN.search(question.text))
    if ruling.on != turn.today or turn.record is None or (ruling.verdict in ("ok", "do") and not asked_when):
        return None
    later = next_change(topic, turn.record, turn.now)
    if later:
        line = turn.say("change_from", date=turn.show_date(later.on), day=later.healing.day)
        return f"{line} {turn.say('then', text=turn.words(later.rule_id).text)}" if asked_when else line
    if topic.counted_from == "course" and not ruling.healing.course_complete:
        return turn.say("change_after_course", days=topic.windows[-1].from_day)
    return turn.say("change_never") if asked_when else None


def _if_later(topic: CareTopic, turn: Turn) -> str | None:
    """What holds if the session that a patient tells of took place and the record does not hold it yet."""
    told, standing = unrecorded_session(turn), turn.healing
    if told is None or standing is None or not standing.session_date < told <= turn.today:
        return None
    window = window_for(topic, (turn.today - told).days, course_complete=False)
    text = turn.words(f"aftercare/{topic.id}/{window.span}").text
    return turn.say("session_if", date=turn.show_date(told), text=text)


def _trace(question: Question, ruling: Ruling, turn: Turn) -> dict[str, object]:
    return trace(
        "aftercare",
        question.topic,
        question,
        verdict=ruling.verdict,
        asked_day=ruling.healing.day,
        rule_id=ruling.rule_id,
        wording_version=None if ruling.override else turn.words(ruling.rule_id).version,
        override=bool(ruling.override) or None,
        from_record=True,
    )


def _before_first_session(question: Question, topic: CareTopic, turn: Turn) -> Answer:
    session = turn.session_ahead
    lead = turn.say("before_first", date=turn.show_date(session)) if session else turn.say("before_any")
    return _plan_to_come(lead, question, topic, turn, from_record=True)


def _plan_to_come(lead: str, question: Question, topic: CareTopic, turn: Turn, **facts: object) -> Answer:
    """Every window of the topic, told before the first session."""
    item = trace("aftercare", topic.id, question, **facts, **_general(topic))
    return Answer((lead, _table(topic, turn)), (item,))


def _for_visitor(question: Question, topic: CareTopic, turn: Turn) -> Answer:
    day, on = _told_day(question, turn)
    if turn.untreated and day is None:
        return _plan_to_come(turn.say("before_yours"), question, topic, turn)
    if day is None and len(topic.windows) > 1:
        return Answer(
            _asking_the_date(topic, turn), (trace("ask_back", "session_date"), trace("aftercare", topic.id, question))
        )
    window = window_for(topic, day or 0, course_complete=False)
    instruction = f"aftercare/{topic.id}/{window.span}"
    words = turn.words(instruction)
    lead = [_lead(day, on, turn)] if day is not None else []
    lines = [*_counted_anew(on, turn), *lead, words.text, *_course_note(topic, day, turn), *_session_before(on, turn)]
    facts = {"verdict": window.verdict, "asked_day": day, "rule_id": instruction, "wording_version": words.version}
    return Answer((" ".join(lines),), (trace("aftercare", topic.id, question, from_record=False, **facts),))


def _asking_the_date(topic: CareTopic, turn: Turn) -> tuple[str, ...]:
    """The rule by day, and the question for the session's date; who asks on without telling it gets it in full."""
    if not turn.awaiting_session_date:
        return (_table(topic, turn), turn.say("ask_session_date"))
    if TRIES_A_DATE.search(turn.text):
        return (turn.say("ask_session_date_again"),)
    return (by_day("aftercare", topic, turn), turn.say("ask_session_date"))


def _counted_anew(on: date | None, turn: Turn) -> list[str]:
    """That the days begin again with the session to come, where ``on`` lies after it."""
    session = turn.next_session
    if on is None or session is None or not turn.today < session < on:
        return []
    return [turn.say("counted_anew", date=turn.show_date(session))]


def _session_before(on: date | None, turn: Turn) -> list[str]:
    """A warning for a day ahead, where nobody has told of the session to come."""
    return [turn.say("session_before")] if on and on > turn.today and turn.next_session is None else []


def _lead(day: int, on: date | None, turn: Turn) -> str:
    """The day that is answered for, with its date ``on`` where the visitor has told when the session was."""
    if on is None or on < turn.today:
        return turn.say("if_day", day=day)
    return turn.say("today", day=day) if on == turn.today else turn.say("on_date", date=turn.show_date(on), day=day)


def _course_note(topic: CareTopic, day: int | None, turn: Turn) -> list[str]:
    """What a visitor must know of a rule that counts from the course: nobody here knows how many sessions they have."""
    last = topic.windows[-1]
    if topic.counted_from != "course":
        return []
    if day is None or day < last.from_day:
        return [turn.say("course_note")]
    return [turn.say("course_if_last", text=turn.words(f"aftercare/{topic.id}/{last.span}").text)]


def _told_day(question: Question, turn: Turn) -> tuple[int | None, date | None]:
    """The healing day a visitor asks about and its date, each where it is known.

    It is named outright, or counted from the sessions that they told of: the one to come starts the days again.
    """
    mentions = days_of(question, turn)
    counted = next((m.day for m in mentions if m.meaning == "healing_day" and m.day is not None), None)
    if counted is not None:
        return counted, turn.session_date + timedelta(days=counted) if turn.session_date else None
    named = (d for m in mentions if m.meaning == "date" for d in m.dates)
    on = next((d for d in named if d >= turn.today), turn.today)
    session = turn.told_session_before(on)
    if session:
        return max(0, (on - session).days), on
    return next((m.day for m in mentions if m.day is not None), None), None


def _general(topic: CareTopic) -> dict[str, object]:
    """Facts of the trace for a topic whose word is the same on every day."""
    return {"verdict": topic.windows[0].verdict} if len(topic.windows) == 1 else {}


def _table(topic: CareTopic, turn: Turn) -> str:
    """Every window of the topic, one line each."""
    if len(topic.windows) == 1:
        return turn.words(f"aftercare/{topic.id}/{topic.windows[0].span}").text
    rows = [turn.say("plan_row", days=span(w, turn), verdict=turn.say(f"verdict_{w.verdict}")) for w in topic.windows]
    title = turn.say("plan_table", title=begun(topic.title))
    note = [turn.say("course_note")] if topic.counted_from == "course" else []
    return "\n".join([title, *(f"• {begun(row)}" for row in rows), *note])
