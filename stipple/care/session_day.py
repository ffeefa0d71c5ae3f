"""When a session was or will be, as somebody tells it whom no record knows: asked, or of their own accord."""

import re
from datetime import date, timedelta

from stipple.care.dates import (
    COUNTED,
    COUNTED_FROM,
    DONE_FIRST,
    VISIT,
    DayMention,
    ago,
    any_of,
    find_days,
    last_such,
    lowered,
    says_it_is_over,
)

# In answer to "when was it?" a length of time lies back: with "ago", or where nothing else is said ("about 10 days").
_AROUND = (
    "about almost around at er erm finished gone had i it its just last like maybe my nearly oh on only over roughly"
    " session the think um was yeah yes"
)
_SAID_AROUND = _AROUND.split()
_AGO = re.compile(rf"{COUNTED}\s+(?:ago|back)\b")
_BACK = [_AGO, re.compile(rf"^\s*(?:(?:{any_of(_SAID_AROUND)})[\s,]+)*{COUNTED}\W*$")]
# Without a question the words must speak of the session: "had my transplant 3 years ago" does not.
_SESSION = r"(?:session|treatment|appointment|appt|sitting|smp)"
_OF_SESSION = (
    rf"\b(?:{_SESSION}(?: (?:number |no )?(?:\d|one|two|three))?|(?:first|second|third|last|latest) (?:go|one|round)"
    r"|had (?:the|my) (?:first|second|third|last|final)"
    rf"|(?:had|did|got) (?:it|mine|this)|{DONE_FIRST}"
    r"|(?:was|were|been|came|went) (?:back )?(?:in|there)|it was done"
    rf"|mine was|i was (?:done|treated)|{COUNTED_FROM})"
)
_FILLER = (
    r"(?:was|done|on|at|back|just|only|like|about|around|last|the|by you(?: guys)?|with you|here"
    r"|at yours|at your \w+|at the clinic)"
)
_BEFORE_DAY = re.compile(rf"{_OF_SESSION}(?:,? {_FILLER})*[,:\s]*$")
_AFTER_DAY = re.compile(rf"\W*(?:since |i |my |that )*{_OF_SESSION}")
# A session to come is told as a fact; "can you book me in for Saturday" only wishes for one.
_NUMBERED = r"(?:(?:first|second|third|fourth|final|1st|2nd|3rd|4th|next|last|other)(?: (?:one|go|round))?)"
_TO_COME = (
    rf"\b(?:(?:my|the|our|a|another) {_NUMBERED}(?: {_SESSION})?|{_NUMBERED} (?:go|{_SESSION})"
    rf"|next (?:one|{_SESSION})|(?<!\w )next|{_NUMBERED}(?= is\b)"
    rf"|(?:my|a|another) {_SESSION}|another one|(?<!get )(?<!me )booked(?: back)? in"
    r"|(?:coming|going) (?:back(?: in)?|in)|back in|in again"
    r"|(?:am i|are we|i'?m|we'?re|i am|we are) (?:(?:still|all|just) )*(?:on|booked|down)(?: for)?)"
)
_LINK = r"(?:is|isnt|'s|s|are|will be|booked|due|set|for|on|in|again|at yours|with you|here|this|the|coming|now)"
_BEFORE_COMING = re.compile(rf"{_TO_COME}(?:['\s]*\b{_LINK})*[,:\s]*$")
_AFTER_COMING = re.compile(
    rf"(?:'s|\W*(?:(?:is|for|at|i have|i'?ve got|i'?ve|i get|it'?s)\b ?)+)\s*(?:{_TO_COME}|{_NUMBERED}\b(?! day))"
)
_WISHES = re.compile(
    r"\b(?:can|could|want|like|wish|possible|free|available|book|move|change|swap|reschedule|instead"
    r"|earliest|soonest|early)\b[^.?!]*$"
)
_FIRST = re.compile(rf"\b(?:first|1st)(?: (?:one|go|round|{_SESSION}))?\b")
# "The day before yesterday I got it done"; across a comma another clause begins.
_DONE_THEN = re.compile(rf" (?:i |we )?(?:had|did|got) (?:it|mine|this|my {_SESSION})\b| was my (?:\w+ )?{_SESSION}\b")
_IT_WAS = re.compile(r"\b(?:it|that|this|mine) was(?: (?:on|the|actually|really|just))*[,\s]*$")
_NAMES_SESSION = re.compile(_OF_SESSION)
# What a count of days may be followed by: "it's been 5 days, can i ...", not "been 6 months since my transplant".
_AFTER_COUNT = re.compile(
    rf"\s*(?:$|[^\w\s]|(?:and|but|can|is|now|so|today)\b|since (?:{VISIT}|i (?:was|came|had)|you))"
)
# A month's name or "3/6": of several days in one answer this is the one that was looked up.
_CALENDAR = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\d[/.-]\d")
# Older than this it was no session that still heals.
_LONGEST_AGO = timedelta(days=366)

_NONE_YET = re.compile(
    r"\b(?:haven'?t|have not|not|never|no)\b(?: \w+){0,3}? "
    r"(?:had|have|been|got|done|booked|treated|started|sessions?)\b"
    r"|\b(?:no session|new (?:client|patient|customer)|before (?:my |the )?first|not (?:a )?(?:client|patient))\b"
    r"|\b(?:just|still|only) (?:deciding|looking|thinking|asking|curious)\b"
)
# Unasked: "thinking of getting it done", "if I had it done", "haven't booked anything yet".
_CONSIDERS = re.compile(
    r"\b(?:thinking (?:of|about) |considering )(?:(?:getting|having|doing|booking|going for) )?"
    r"(?:smp|a session|(?:it|this|mine) done|the (?:treatment|dots)|my (?:head|hair|scalp) done)\b"
    r"|\bif i (?:do |did |were to |was to )?(?:get|got|have|had) (?:it|this|smp|mine) done\b"
    r"|\bif i (?:go|went) (?:for it|for smp|ahead)\b|\bbefore (?:i (?:book|commit|decide|sign up)|my first)\b"
    r"|\b(?:haven'?t|have not|not) (?:had|booked|started) (?:it|one|mine|anything|a session|any sessions?)"
    r"(?: \w+)? yet\b"
)


def only_considers(text: str) -> bool:
    """Whether ``text`` says, unasked, that the writer has had no session so far."""
    return bool(_CONSIDERS.search(lowered(text)))


def has_had_none(text: str) -> bool:
    """Whether ``text`` says, in answer to when the session was, that there has been none."""
    return bool(_NONE_YET.search(lowered(text)))


def speaks_of_first(text: str) -> bool:
    """Whether ``text`` speaks of a first session."""
    return bool(_FIRST.search(lowered(text)))


def past_day(text: str, today: date) -> date | None:
    """The day that ``text`` names in answer to when something was; None when it names none that is over.

    Of several the one with a month, or else the latest. "It's been 5 days", "5 days ago" and "5 days" lie so far back.
    Where nothing else is said, a weekday or a day of the month is the last one, and "day 5" is today: in "can i shave
    on saturday" and "is it ok on day 5" they tell when something shall be.
    """
    said, mentions = lowered(text), find_days(text, today)
    alone = _says_no_more(said, mentions)
    counted = [m.day for m in mentions if m.day is not None and (alone or m.meaning == "claimed_day")]
    days = [today - timedelta(days=count) for count in counted]
    for mention in mentions:
        # Beside other words "today" is mostly the day of something else.
        meant = alone or _BEFORE_DAY.search(said[: mention.start])
        days += [day for day in mention.dates if day < today or meant]
        if alone:
            days += last_such(said[mention.start : mention.end], mention.dates)
    for match in (match for pattern in _BACK for match in pattern.finditer(said)):
        days += ago(match, today)
    named = [day for m in mentions if _CALENDAR.search(said[m.start : m.end]) for day in m.dates]
    return max((day for day in named or days if day <= today), default=None)


def corrected_day(text: str, today: date) -> date | None:
    """The past day that ``text`` puts in the place of one told before: "no sorry, it was Sunday"."""
    said = lowered(text)
    days: list[date] = []
    for mention in find_days(text, today):
        if _IT_WAS.search(said[: mention.start]):
            days += [*mention.dates, *last_such(said[mention.start : mention.end], mention.dates)]
    return max((day for day in days if today - _LONGEST_AGO <= day <= today), default=None)


def session_day(text: str, today: date) -> date | None:
    """The day on which ``text`` says that a session was, unasked; None when it says none.

    "Had my session on saturday, can i swim on sunday?" tells it and asks of another day. A session today must be over.
    """
    said = lowered(text)
    days: list[date] = []
    for mention in find_days(text, today):
        before, words, after = said[: mention.start], said[mention.start : mention.end], said[mention.end :]
        if mention.meaning == "claimed_day" and mention.day is not None and _is_of_session(words, after):
            days.append(today - timedelta(days=mention.day))
        elif mention.meaning == "date" and (_BEFORE_DAY.search(before) or _DONE_THEN.match(after)):
            over = says_it_is_over(before)
            days += [day for day in mention.dates if day < today or (day == today and over)]
    for match in _AGO.finditer(said):
        told = _BEFORE_DAY.search(said[: match.start()]) or _AFTER_DAY.match(said, match.end())
        days += ago(match, today) if told else ()
    return max((day for day in days if today - _LONGEST_AGO <= day <= today), default=None)


def coming_session(text: str, today: date) -> date | None:
    """The day ahead for which ``text`` tells a session: "my third is on Saturday"; None when it tells none."""
    said = lowered(text)
    days: list[date] = []
    for mention in find_days(text, today):
        before, after = said[: mention.start], said[mention.end :]
        told = _BEFORE_COMING.search(before) or _AFTER_COMING.match(after)
        if mention.meaning == "date" and told and not _WISHES.search(before):
            days += [day for day in mention.dates if day >= today][:1]
    return min(days, default=None)


def _is_of_session(words: str, after: str) -> bool:
    return bool(_NAMES_SESSION.search(words) if "ago" in words else _AFTER_COUNT.match(after))


def _says_no_more(text: str, mentions: list[DayMention]) -> bool:
    """Whether ``text`` holds nothing but the days it names and the words that are said around such an answer."""
    for mention in reversed(mentions):
        text = text[: mention.start] + " " + text[mention.end :]
    return set(re.findall(r"[a-z]+", text.replace("'", ""))) <= {*_SAID_AROUND}
