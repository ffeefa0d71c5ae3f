"""Reading a message in its context: follow-ups, bare days, and the patient's situation."""

import re
from dataclasses import replace
from datetime import date, timedelta

from stipple.care.advice import said_of_advice
from stipple.care.dates import DayMention
from stipple.care.healing import upcoming
from stipple.care.levels import LIFE_AT_RISK, needs_doctor
from stipple.care.session_day import (
    coming_session,
    corrected_day,
    has_had_none,
    only_considers,
    past_day,
    session_day,
    speaks_of_first,
)
from stipple.care.stopping import stopping_conditions
from stipple.records.alerts import SEEN, SETTLES

from .turn import HOW_SOON, PREPARING, Question, Turn

# Words around a day that ask nothing of their own: "and what about tomorrow then?"
FILLER = frozenset(
    [
        "a", "about", "ahh", "again", "ah", "also", "alright", "an", "and", "any", "are", "at", "be", "but",
        "by", "can", "come", "could", "do", "er", "erm", "fine", "from", "go", "good", "hmm", "how", "i", "if",
        "in", "instead", "is", "it", "just", "like", "maybe", "me", "mine", "my", "next", "no", "now", "of",
        "oh", "ok", "okay", "on", "or", "please", "right", "same", "say", "so", "sorry", "still", "than",
        "that", "the", "then", "there", "this", "till", "to", "too", "um", "until", "wait", "was", "well",
        "what", "whats", "when", "will", "with", "would", "yeah", "yes",
    ]
)  # fmt: skip
# A patient whose scalp is healing asks about care far more often than about whether the treatment suits them.
UNLIKELY_WHILE_HEALING = {"eligibility": 0.1, "goals": 0.7, "about_smp": 0.7}
# Preparing for a session is meant only where the message speaks of a session to come, or of a time before something
# while the next session is near or not known.
COMING_SESSION = re.compile(
    r"\b(?:appointment|appt|session|visit|treatment|booking)\b.{0,12}\b(?:is|at|on|in|tomorrow|today|next)\b"
    r"|\b(?:next|first|tomorrow'?s?|upcoming) (?:appointment|appt|session|visit|treatment)\b"
    r"|\b(?:before|b4|prior to|ahead of) (?:my |the |our |a |each )?(?:\w+ )?"
    r"(?:appointment|appt|session|visit|treatment|smp)\b",
    re.IGNORECASE,
)
BEFORE = re.compile(
    r"\b(?:before|b4|beforehand|prior|ahead of|prep\w*|ready|com(?:e|ing) in|on the day|turn up|arriv\w*)\b"
    r"|\b(?:morning|night|day) of\b",
    re.IGNORECASE,
)
NEAR, DAY_BEFORE = timedelta(days=7), timedelta(hours=36)
# A visitor who asks whether they can have it asks what stands against it, not how to care for what they have not had.
CAN_HAVE_IT = re.compile(
    r"\b(?:have|having|get|getting|gettin|do|doing) (?:the |this |my |some )?"
    r"(?:smp|scalp micro\w*|dots|it done|this done|treated)\b"
    r"|\bbe (?:treated|accepted|considered)\b"
    r"|\b(?:take|do|consider|accept|treat) (?:me|my head|people|someone|somebody)\b",
    re.IGNORECASE,
)
UNLIKELY_BEFORE_IT = {"aftercare": 0.15, "healing_sign": 0.3, "progress": 0.3}
PREPARATION_WITHOUT_BEFORE = 0.15
# "The next one" skips a question only where one is asked.
FORM_CONTROL_WITHOUT_FORM = 0.1
# The questions of one message mostly concern one thing: what comes before a session, the treatment, or who it suits.
# Beside one that surely does, another reads so this much more likely.
IN_COMPANY, SURE_COMPANY = 2.0, 0.7
COMPANY = {"preparation", "about_smp", "eligibility"}
# Only these may take over from the likeliest label: never a danger sign or a form's control on a weak guess.
MAY_TAKE_OVER = {
    "aftercare", "healing_sign", "eligibility", "goals", "about_smp", "visit", "preparation", "progress", "contact",
}  # fmt: skip
# A message whose likeliest reading is no clearer than this is answered for the next one too, when that comes near it.
CLEAR, NEARLY_AS_LIKELY = 0.5, 0.6
# "What can I do about it", said after a sign, asks for what eases that sign.
EASING = {"itch": "itch_relief", "soreness": "painkiller", "tired_headache": "painkiller"}
EASE = re.compile(
    r"\b(?:what|anything|something|how)\b.{0,20}\b(?:do|take|put|use|stop|ease|calm|help|get rid)\b"
    r".{0,12}\b(?:it|this|that)\b"
    r"|\b(?:how do i|what can i|anything i can|what helps|what should i do)\b[^.?!]{0,20}$",
    re.IGNORECASE,
)
# "What must I do before Saturday?" wants what holds before the session, not the plan of a healing day.
PLAN = "progress/today_plan"
SLIP, ALLOWED = "healing_sign/rule_broken", {"ok", "do"}
# Whatever leans on what was said about being seen by somebody asks about that.
WAIT = "followup/wait"
LEANS_ON_ADVICE = {"followup", "unclear"}
DRIVING = "aftercare/driving"
# "I rang 111, they gave me cream. Can I wear a hat?" asks something besides.
GOES_ON_TO_ASK = re.compile(
    r"(?:[.!?,;]\s*|\b(?:and|so|but)\s+)(?:can|could|may|should|shall|when|how|is it|am i|do i)\b", re.IGNORECASE
)
# What settles a danger means the next likely thing where none was told of: "my doctor has me on water tablets, ok?"
LEAST_WITHOUT_DANGER = 0.1
# What only the context tells is asked all the same, however little the words alone say.
FROM_CONTEXT = 1.0
# "And the gym?" after a question for Saturday asks for Saturday too, and so does the same thing asked again; "and when
# can I" asks for a day.
OTHER_TIME = re.compile(r"\b(?:when|how (?:long|soon)|today|now|still)\b", re.IGNORECASE)
CARRIES_ON = re.compile(
    r"\W*(?:(?:ok|oh|no|yeah|yes|sorry|right|cool|cheers|thanks)\W+)*"
    r"(?:and|or|what about|how about|i (?:was|am) asking|i(?:'m| m|m) asking|i mean(?:t)?)\b",
    re.IGNORECASE,
)
REPEATS_LAST = ("followup/date", "followup/still", "followup/more")
# Someone who only speaks of a husband must not read that nobody may hurt them: below this it is offered as a button.
ABUSE = "contact/abuse"
# Beside these a condition that stops sessions is told of in passing.
PLANS = {"progress", "contact"}


def in_context(turn: Turn) -> Turn:
    """The turn with its questions read in the light of the record and of what was said before."""
    # Of several questions each is read one way only: more answers than that nobody reads.
    most = 2 if len(turn.questions) == 1 else 1
    if any(q.label == ABUSE and q.confidence < CLEAR for q in turn.questions):
        turn = replace(turn, possible=(*turn.possible, ABUSE))
    asked: dict[str, Question] = {}
    for question in (r for q in turn.questions for r in _readings(q, turn)[:most]):
        reading = _on_the_advice(_settling(_on_preparing(question, turn), turn), turn)
        asked.setdefault(reading.label, reading)
    questions = _with_what_stops_sessions(_with_what_is_said_of_advice(tuple(asked.values()), turn), turn)
    told = _told_session(turn) if turn.record is None else None
    puts_right = bool(told and turn.session_date and told != turn.session_date)
    named = turn.days
    turn = _with_sessions(replace(turn, questions=questions), told)
    answers = puts_right or (turn.awaiting_session_date and (told or named or turn.untreated))
    if turn.last_questions and (_repeats(turn) or (answers and _no_new_topic(turn))):
        labels = (WAIT if label == HOW_SOON else label for label in turn.last_questions)
        guesses = tuple(g for q in turn.questions for g in q.guesses)
        repeated = tuple(Question(label, FROM_CONTEXT, turn.text, guesses) for label in labels)
        # The day that was told is the session's, not one that is asked about.
        return replace(turn, questions=repeated, days=() if told else turn.days)
    if not turn.days and _carries_on(turn):
        turn = replace(turn, days=_asked_before(turn))
    eased = [EASING[t["topic"]] for t in turn.told if t["kind"] == "healing_sign" and t.get("topic") in EASING]
    if eased and EASE.search(turn.text) and all(q.confidence < CLEAR for q in questions):
        return replace(turn, questions=(Question(f"aftercare/{eased[0]}", FROM_CONTEXT, turn.text),))
    return turn


def _on_preparing(question: Question, turn: Turn) -> Question:
    """``question``, or the whole list for the time before a session where a plan for that is asked for."""
    if question.label != PLAN:
        return question
    is_near = any(turn.session_ahead in day.dates for day in turn.days) or _session_within(NEAR, turn)
    speaks_of_it = COMING_SESSION.search(turn.text) or (BEFORE.search(turn.text) and is_near)
    return replace(question, label=PREPARING) if speaks_of_it else question


def _settling(question: Question, turn: Turn) -> Question:
    """``question``, or the next likely one where it would settle a danger and none was told of."""
    if turn.in_danger or question.topic not in SETTLES:
        return question
    other = next((g for g in question.others if _kind(g) in MAY_TAKE_OVER and g[1] >= LEAST_WITHOUT_DANGER), None)
    return _as(other, question) if other else question


def _on_the_advice(question: Question, turn: Turn) -> Question:
    """``question``, or whether it can wait, where it leans on what was said about being seen."""
    meant = turn.told_how_soon and question.kind in LEANS_ON_ADVICE and question.topic != SEEN
    if needs_doctor(turn.told_level):
        # Who was sent to be seen today needs no more questions to know how soon, and is not told that driving is fine.
        meant |= turn.told_how_soon and question.label in (HOW_SOON, DRIVING)
        meant |= turn.level in LIFE_AT_RISK and question.label == DRIVING
    return replace(question, label=WAIT) if meant else question


def _with_what_is_said_of_advice(questions: tuple[Question, ...], turn: Turn) -> tuple[Question, ...]:
    """``questions``, after what the words say of the advice to be seen; what is asked beside it must then be clear."""
    said = said_of_advice(turn.text) if turn.in_danger and not turn.dangers else None
    # Only what a doctor must see is said with each reply; without that, who asks why asks for the reason of a rule.
    unreminded = said == "reminder" and not needs_doctor(turn.level)
    if said is None or unreminded or (said != "wait" and turn.told_level == "normal"):
        return questions
    if said == "booked":
        said = "wait" if turn.told_level in LIFE_AT_RISK else "seen"
    beside = [q for q in questions if q.confidence >= CLEAR and q.kind in MAY_TAKE_OVER and q.label != HOW_SOON]
    if not beside and GOES_ON_TO_ASK.search(turn.text):
        likely = (Question(label, FROM_CONTEXT, turn.text) for label in turn.possible)
        beside = [q for q in likely if q.kind in MAY_TAKE_OVER][:1]
    return (Question(f"followup/{said}", FROM_CONTEXT, turn.text), *beside)


def _with_what_stops_sessions(questions: tuple[Question, ...], turn: Turn) -> tuple[Question, ...]:
    """``questions``, after what stops sessions, where nothing is asked but what comes next."""
    if turn.in_form or any(q.kind not in PLANS and q.label != PREPARING for q in questions):
        return questions
    stops = (f"eligibility/{condition}" for condition in stopping_conditions(turn.text))
    return (*(Question(label, FROM_CONTEXT, turn.text) for label in stops), *questions)


def _carries_on(turn: Turn) -> bool:
    """Whether the message asks for the day that was asked about before, though it names none."""
    again = all(q.label in turn.last_questions for q in turn.questions)
    is_care = all(q.kind == "aftercare" for q in turn.questions)
    return is_care and (again or bool(CARRIES_ON.match(turn.text))) and not OTHER_TIME.search(turn.text)


def _asked_before(turn: Turn) -> tuple[DayMention, ...]:
    """The day that the last answer was for, where it lies ahead."""
    today = turn.healing.day if turn.healing else turn.told_day
    asked = (t["asked_day"] for t in turn.told if t["kind"] == "aftercare" and "asked_day" in t)
    ahead = next((day for day in asked if today is not None and day > today), None)
    return () if ahead is None else (DayMention("healing_day", 0, 0, day=ahead),)


def _readings(question: Question, turn: Turn) -> list[Question]:
    """The likeliest reading given the patient's situation and whether the message speaks of a time before a session.

    Where it is not clear and the next one comes near it, that one too: a wrong answer alone would mislead.
    """
    weights = _weights(question, turn)
    likely = [g for g in question.others if _kind(g) in MAY_TAKE_OVER]
    guesses = sorted(
        ((question.label, question.confidence), *likely), key=lambda g: g[1] * weights.get(_kind(g), 1.0), reverse=True
    )
    guesses = [g for g in guesses if g[0] != ABUSE or g[1] >= CLEAR] or guesses
    readings = [_as(guesses[0], question)]
    if len(guesses) > 1 and guesses[0][1] < CLEAR and _kind(guesses[0]) in MAY_TAKE_OVER:
        first, second = (g[1] * weights.get(_kind(g), 1.0) for g in guesses[:2])
        if second >= NEARLY_AS_LIKELY * first:
            readings.append(_as(guesses[1], question))
    return readings


def _weights(question: Question, turn: Turn) -> dict[str, float]:
    """How much likelier or less likely each kind is for ``question`` than its words alone say."""
    untreated = turn.record is None and turn.session_date is None and CAN_HAVE_IT.search(turn.text)
    weights = dict(UNLIKELY_WHILE_HEALING) if turn.healing else dict(UNLIKELY_BEFORE_IT) if untreated else {}
    said_before = any(told["kind"] == "preparation" for told in turn.told)
    coming = COMING_SESSION.search(turn.text) or (BEFORE.search(turn.text) and _session_may_be_near(turn))
    if not (coming or said_before or _session_within(DAY_BEFORE, turn)):
        weights["preparation"] = PREPARATION_WITHOUT_BEFORE
    if not turn.in_form:
        weights["form_control"] = FORM_CONTROL_WITHOUT_FORM
    beside = {q.kind for q in turn.questions if q is not question and q.confidence >= SURE_COMPANY}
    for kind in beside & COMPANY:
        weights[kind] = weights.get(kind, 1.0) * IN_COMPANY
    return weights


def _session_may_be_near(turn: Turn) -> bool:
    return turn.record is None or _session_within(NEAR, turn)


def _session_within(span: timedelta, turn: Turn) -> bool:
    """Whether the record holds a session that begins within ``span`` from now."""
    coming = upcoming(turn.record, turn.now) if turn.record else []
    return bool(coming) and coming[0].starts_at - turn.now <= span


def _kind(guess: tuple[str, float]) -> str:
    return guess[0].partition("/")[0]


def _as(guess: tuple[str, float], question: Question) -> Question:
    """``question`` read as ``guess``; what else it may mean stays beside it."""
    others = tuple(g for g in question.guesses if g[0] != guess[0])
    return replace(question, label=guess[0], confidence=guess[1], others=others)


def _with_sessions(turn: Turn, told: date | None) -> Turn:
    """The turn with what a visitor tells of their sessions: ``told``, the last one, and the one to come."""
    coming = coming_session(turn.text, turn.today) if turn.record is None else None
    before, ahead = told or turn.session_date, coming or turn.next_session
    if ahead and ahead < turn.today:
        before, ahead = max(ahead, before or ahead), None
    none_yet = turn.untreated or _says_not_had_it(turn) or bool(coming and speaks_of_first(turn.text))
    return replace(
        turn,
        session_date=before,
        next_session=ahead,
        untreated=none_yet and before is None,
        # The day of the session itself is not one that is asked about.
        days=tuple(day for day in turn.days if coming not in day.dates),
    )


def _told_session(turn: Turn) -> date | None:
    """The day of a visitor's session, told in answer to the question, of their own accord, or put right."""
    read = past_day if turn.awaiting_session_date else session_day
    corrected = corrected_day(turn.text, turn.today) if turn.session_date else None
    return corrected or read(turn.text, turn.today)


def _says_not_had_it(turn: Turn) -> bool:
    if turn.record is not None:
        return False
    return only_considers(turn.text) or (turn.awaiting_session_date and has_had_none(turn.text))


def _repeats(turn: Turn) -> bool:
    return _only_days(turn) or all(_asks_again(q, turn) for q in turn.questions)


def _asks_again(question: Question, turn: Turn) -> bool:
    """Whether it asks the last question again: no rule is broken by what is allowed, nor by having had a session."""
    told_session = session_day(turn.text, turn.today) or corrected_day(turn.text, turn.today)
    no_slip = question.label == SLIP and (
        told_session is not None or all(t.get("verdict") in ALLOWED for t in turn.told)
    )
    return no_slip or question.label in REPEATS_LAST or _leans(question, turn)


def _leans(question: Question, turn: Turn) -> bool:
    """Whether an unclear question is as likely to go on with what was said last as to ask anything new."""
    goes_on = {*REPEATS_LAST, *turn.last_questions}
    anew = max((chance for label, chance in question.guesses if label not in goes_on), default=0.0)
    return question.confidence < CLEAR and sum(chance for label, chance in question.guesses if label in goes_on) >= anew


def _only_days(turn: Turn) -> bool:
    """Whether the message names a day and nothing else that could be asked."""
    rest = turn.text.lower()
    for mention in reversed(turn.days):
        rest = rest[: mention.start] + " " + rest[mention.end :]
    words = re.findall(r"[a-z]+", re.sub(r"['’]", "", rest))
    return bool(turn.days) and all(word in FILLER for word in words)


def _no_new_topic(turn: Turn) -> bool:
    return not any(q.kind in ("aftercare", "healing_sign", "red_flag") and q.confidence > 0.5 for q in turn.questions)
