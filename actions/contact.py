"""How to reach the clinic: a person, numbers, hours, the way there."""

from datetime import timedelta

from stipple.care.opening import hours_on, is_open, next_opening
from stipple.content.safety import safety_sentence

from .envelope import simple
from .turn import Answer, Question, Turn

# Somebody hurts or frightens the writer: others than the clinic can help.
ABUSE = "abuse"
# Nearer than this a session leaves no time to see whether a sign goes by itself.
SIGN_SETTLES = timedelta(days=3)


def answer(question: Question, turn: Turn) -> Answer:
    """The clinic's contact details for the topic; hours say whether it is open now."""
    if question.topic == ABUSE:
        return simple(turn, question, safety_sentence(ABUSE, turn.pack))
    profile = turn.pack.profile
    details = {
        "phone": profile.phone,
        "email": profile.email,
        "address": profile.address,
        "directions": profile.directions,
        "hours": week(turn),
    }
    text = turn.say(question.topic, **details)
    if question.topic in ("hours", "person"):
        text = f"{text} {open_now(turn)}"
    return simple(turn, question, text)


def session_near(turn: Turn) -> tuple[str, ...]:
    """To call before the next session, where it comes before a sign that somebody must look at can have settled."""
    session = turn.session_ahead
    if session is None or session - turn.today > SIGN_SETTLES:
        return ()
    return (turn.say("session_near", date=turn.show_date(session), phone=turn.pack.profile.phone),)


def week(turn: Turn) -> str:
    """The weekly hours as one line."""
    days = turn.pack.profile.hours.items()
    return ", ".join(f"{day.capitalize()} {h.opens:%H:%M} to {h.closes:%H:%M}" for day, h in days)


def open_now(turn: Turn) -> str:
    """Whether the clinic is open, and until or from when."""
    profile = turn.pack.profile
    hours = hours_on(profile, turn.now)
    if hours and is_open(profile, turn.now):
        return turn.say("open_now", closes=f"{hours.closes:%H:%M}")
    opens = next_opening(profile, turn.now)
    return turn.say("closed_now", opens=f"{turn.show_date(opens.date())}, {opens:%H:%M}") if opens else ""
