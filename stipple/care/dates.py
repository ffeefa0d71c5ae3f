"""Days that a patient names: "tomorrow", "saturday", "in 3 days", "the 20th", "14 june", "day 5".

Our own small grammar, because the kept date libraries read "may", "sun" and "second" in everyday sentences as dates,
know neither "day 5" nor "3 weeks after my last session", and do not say that "next friday" has two readings.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

Meaning = Literal["date", "healing_day", "claimed_day"]


@dataclass(frozen=True)
class DayMention:
    """A day named at ``start:end`` of a text.

    ``date`` mentions carry one date, or several where the words have several readings or cover several days.
    ``healing_day`` asks about that day after a session; ``claimed_day`` says which day the patient thinks it is.
    """

    meaning: Meaning
    start: int
    end: int
    dates: tuple[date, ...] = ()
    day: int | None = None


_TO_NINETEEN = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS = {word: number for number, word in enumerate(_TO_NINETEEN)}
WORDS |= {word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)}
WORDS |= {f"{tens}{gap}{_TO_NINETEEN[n]}": WORDS[tens] + n for tens in _TENS for gap in " -" for n in range(1, 10)}
NUMBERS = WORDS | {"a": 1, "an": 1, "couple of": 2, "a couple of": 2, "couple": 2, "a few": 3, "few": 3}
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
UNIT_DAYS = {"day": 1, "night": 1, "week": 7, "wk": 7, "fortnight": 14, "month": 30, "year": 365}


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of ``words``: the longest word first, so that "twenty" does not hide "twenty one"."""
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_NUMBER = rf"(?<!\d[.,])(?P<n>\d{{1,3}}|{any_of(NUMBERS)})"
_UNIT = r"(?P<unit>day|night|week|wk|fortnight|month|year)s?\b'?"
_MANY = rf"{_NUMBER}\s*(?:(?:full|whole|more|or so)\s+)?"
COUNTED = rf"\b{_MANY}{_UNIT}"
# Without a number only one day can be meant: "the day after my session", but not "how many days after my session".
_AMOUNT = rf"\b(?:{_MANY}|(?<!every )(?<!each )(?<!what )(?<!which )(?!\w+s\b)){_UNIT}"
# What says from which day the days of healing are counted.
COUNTED_FROM = r"(?:go(?:ing)? by|count(?:ed|ing|s)?(?: it| them)? from)"
# "Can I drive yet? Done on Sunday": what stands first in its sentence is no "get it done on Sunday".
DONE_FIRST = r"(?:^|[.?!,;]\s*)(?:only |just )?(?:done|treated)"
_DAY_NUMBER = rf"day\s*(?P<day>\d{{1,3}}|{any_of(WORDS)})\b"
_DAY_NAME = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday|nsday|s)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday|erday)?|sunday)"
)
_WEEKDAY = rf"(?P<weekday>{_DAY_NAME})"
# "saturday 20 june" names one day: the weekday belongs to the date.
_ON = rf"(?:\b{_DAY_NAME},?\s+(?:the\s+)?)?"
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third "
    "twenty-fourth twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
)
_ORDINAL_WORDS = _ORDINALS.split()
_ORDINAL = r"(?P<dom>[1-9]|[12]\d|3[01])(?:st|nd|rd|th)"
VISIT = (
    r"(?:my\s+|the\s+|a\s+|each\s+|your\s+)?(?:(?:last|latest|final|first|second|third|previous|most recent)\s+)*"
    r"(?:smp\s+)?(?:session|treatment|appointment|appt|visit|procedure|op|it)\b"
)
_TOMORROW = r"(?:tomm?orr?ow|tomor+o?w|tmrw?|tmw|tomoz|2moro?w?|tomo|2mrw)"
# What follows "sat" where somebody sat, rather than on a Saturday.
_SITTING = re.compile(
    r"\s+(?:at(?!\s+\d)|back|behind|beside|bolt|by|down|for|here|in\w*|looking|nav|next|on|out\w*|owt|still|there"
    r"|through|too|under\w*|up\w*|waiting|watching|with)\b"
)


_STANDS_BEFORE = re.compile(rf"({'|'.join(WEEKDAYS)})")
# "It's Wednesday today", "today Wed": the weekday is only today's name.
_IS_TODAY = re.compile(r"\btoday(?:'?s| is)?\W*\|(?!\s+\w+ week)|\|\W*today\b")


def _number(text: str | None) -> int:
    if text is None:
        return 1
    return int(text) if text.isdigit() else NUMBERS[" ".join(text.split())]


def _days(match: re.Match[str]) -> int:
    return _number(match["n"]) * UNIT_DAYS[match["unit"]]


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_weekday(today: date, weekday: int) -> date:
    """The first such weekday after ``today``; a week ahead when it is that weekday today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _ahead(match: re.Match[str], today: date) -> tuple[date, ...]:
    count = _number(match["n"])
    months = {"month": 1, "year": 12}.get(match["unit"])
    if months:
        return (add_months(today, count * months),)
    return (today + timedelta(days=_days(match)),)


def _ahead_of_tomorrow(match: re.Match[str], today: date) -> tuple[date, ...]:
    return _ahead(match, today + timedelta(days=1))


def _between(match: re.Match[str], today: date) -> tuple[date, ...]:
    """Both ends of "in 1-2 weeks"."""
    earliest = today + timedelta(days=_number(match["least"]) * UNIT_DAYS[match["unit"]])
    return (earliest, *_ahead(match, today))


def ago(match: re.Match[str], today: date) -> tuple[date, ...]:
    """The day that lies as far back as a match of `COUNTED` says."""
    if match["unit"] == "month":
        return (add_months(today, -_number(match["n"])),)
    return (today - timedelta(days=_days(match)),)


def _weekday(match: re.Match[str], today: date) -> tuple[date, ...]:
    if match["weekday"] == "sat" and not match["which"] and _SITTING.match(match.string, match.end()):
        return ()
    number = WEEKDAYS.index(match["weekday"][:3])
    if number == today.weekday() and _IS_TODAY.search(
        match.string[: match.start()] + "|" + match.string[match.end() :]
    ):
        return (today,)
    coming = next_weekday(today, number)
    before = (match["which"] or "").strip()
    if before == "last":
        return (coming - timedelta(days=14 if today.weekday() == number else 7),)
    if match["later"]:
        return (coming + timedelta(days=7),)
    if before == "next":
        return (coming, coming + timedelta(days=7))
    return (coming,)


def _weekend(match: re.Match[str], today: date) -> tuple[date, ...]:
    saturday = today if today.weekday() == 5 else next_weekday(today, 5)
    if today.weekday() == 6:
        saturday = today - timedelta(days=1)
    shift = {"next": 7, "last": -7}.get((match["which"] or "").strip(), 0)
    return (saturday + timedelta(days=shift), saturday + timedelta(days=shift + 1))


def _day_of_month(match: re.Match[str], today: date) -> tuple[date, ...]:
    day = int(match["dom"])
    firsts = [add_months(today.replace(day=1), months) for months in range(-1, 12)]
    such = [first.replace(day=day) for first in firsts if day <= monthrange(first.year, first.month)[1]]
    ahead = next((on for on in such if on >= today), None)
    # "Last Saturday, the 6th" is the 6th that was a Saturday, unless the next one is a Saturday too.
    weekday = _STANDS_BEFORE.match(match[0])
    if weekday and ahead and ahead.weekday() != (number := WEEKDAYS.index(weekday[1])):
        ahead = next((on for on in such[:2] if on < today and on.weekday() == number), ahead)
    return (ahead,) if ahead else ()


def _calendar(today: date, day: int, month: int, year: int | None) -> tuple[date, ...]:
    years = range(today.year - 1, today.year + 2) if year is None else [year + 2000 if year < 100 else year]
    readings = [date(y, month, day) for y in years if 1 <= month <= 12 and 1 <= day <= monthrange(y, month)[1]]
    # Without a year the nearest one is meant: in January "28 december" lies behind, in December "3 january" ahead.
    nearest = min(readings, key=lambda d: abs((d - today).days) - (90 if d >= today else 0), default=None)
    return (nearest,) if nearest else ()


def _named_month(match: re.Match[str], today: date) -> tuple[date, ...]:
    groups = match.groupdict()
    day = int(groups.get("dom") or groups["day"])
    year = int(groups["year"]) if groups.get("year") else None
    return _calendar(today, day, MONTHS.index(match["month"][:3]) + 1, year)


def _spelt_out(match: re.Match[str], today: date) -> tuple[date, ...]:
    day = _ORDINAL_WORDS.index(match["word"].replace(" ", "-")) + 1
    return _calendar(today, day, MONTHS.index(match["month"][:3]) + 1, None)


def _numeric(match: re.Match[str], today: date) -> tuple[date, ...]:
    first, second = int(match["a"]), int(match["b"])
    year = int(match["year"]) if match["year"] else None
    readings = _calendar(today, first, second, year)
    # Where both numbers can be a month, the day comes first in the clinic's country; the other reading is kept too.
    if first != second:
        readings += _calendar(today, second, first, year)
    return readings


def _iso(match: re.Match[str], today: date) -> tuple[date, ...]:
    return _calendar(today, int(match["d"]), int(match["m"]), int(match["y"]))


def _shift(days: int) -> Callable[[re.Match[str], date], tuple[date, ...]]:
    return lambda match, today: (today + timedelta(days=days),)


def _next_month(match: re.Match[str], today: date) -> tuple[date, ...]:
    return (add_months(today, 1),)


# In order: the first pattern that matches at a place wins, and no later one may overlap it.
_DAY_PATTERNS: list[tuple[Meaning, str]] = [
    ("healing_day", r"\b(?:when|once|until|till)\s+(?:it'?s|it has|i'?m|i am)\s+(?:been\s+|on\s+|at\s+)?"
                    rf"(?:{COUNTED}|{_DAY_NUMBER})"),
    ("claimed_day", r"(?:\b(?:it'?s|it has|has|only|already)\s+)?(?:already\s+|only\s+|now\s+|just\s+)?\bbeen\s+"
                    rf"(?:about\s+|like\s+)?{COUNTED}"),
    ("claimed_day", r"\b(?:i'?m|i am)\s+(?:only\s+|about\s+|at\s+|just\s+|now\s+)?"
                    rf"{COUNTED}\s+(?:in|out|post|after|past|on|since|healed)\b"),
    ("claimed_day", rf"{COUNTED}\s+since\s+{VISIT}"),
    ("healing_day", rf"{_AMOUNT}\s+(?:after|from|post|following|past)\s+{VISIT}"),
    ("claimed_day", r"\b(?:now|currently|only|already)\s+(?:only\s+|about\s+|at\s+|just\s+|now\s+)?"
                    rf"{COUNTED}\s+(?:in|out|post|after|on|since|healed)\b"),
    ("claimed_day", r"\b(?:i'?m|i am|it'?s|it is|this is|currently|now|still|only|today'?s|today is)\s+"
                    rf"(?:only\s+|now\s+|still\s+|just\s+|at\s+|currently\s+)?(?:on\s+)?{_DAY_NUMBER}"),
    ("claimed_day", rf"\b(?:had|got|did|done|was|finished|completed)\b[^.?!,]{{0,40}}?\b{COUNTED}\s+ago\b"),
    # Weeks today mostly lie ahead, days today are what has been reached.
    ("claimed_day", r"(?P<n>\b\d{1,3})\s+(?P<unit>day)s\s+today\b(?!\s+(?:since|post|after))"),
    ("claimed_day", rf"{COUNTED}\s+today\s*!"),
    # "A week today. Can I swim?" tells where the writer stands.
    ("claimed_day", rf"^\W*{COUNTED}\s+today\s*\."),
    # "So that's 6 days, not 9" corrects a count.
    ("claimed_day", rf"{COUNTED}(?=,?\s+not\s+(?:{any_of(NUMBERS)}|\d{{1,3}})\b)"),
    ("healing_day", rf"\bdays?\s*(?:number\s*)?#?(?P<day>\d{{1,3}}|{any_of(WORDS)})\b"),
    ("healing_day", r"(?<!every )\b(?P<day>[1-9]\d?)(?:st|nd|rd|th)\s+day\b"),
    ("healing_day", rf"\b(?:after|post|at)\s+(?:about\s+|like\s+|just\s+)?{COUNTED}"
                    r"(?!\s+(?:time|from now|ago|at|out|shift)\b)"),
    ("healing_day", rf"{COUNTED}\s+(?:after|post|afterwards|post[- ]?op)\b"),
]  # fmt: skip

_DATE_PATTERNS: list[tuple[str, Callable[[re.Match[str], date], tuple[date, ...]]]] = [
    (r"\b(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b", _iso),
    (rf"{_ON}\b(?P<word>{'|'.join(_ORDINAL_WORDS[::-1]).replace('-', '[- ]')})\s+(?:of\s+)?{_MONTH}\b", _spelt_out),
    (rf"{_ON}\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b(?:,?\s+(?P<year>20\d\d))?", _named_month),
    (rf"{_ON}\b{_MONTH}\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:days?|weeks?|months?|am|pm))"
     r"(?:,?\s+(?P<year>20\d\d))?", _named_month),
    (rf"{_ON}(?<![\d/.])(?!24/7\b)(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})(?:/(?P<year>\d{{2}}|20\d\d))?(?![\d/])", _numeric),
    (rf"{_ON}(?<![\d/.])(?P<a>\d{{1,2}})[.-](?P<b>\d{{1,2}})[.-](?P<year>\d{{2}}|20\d\d)(?![\d/]|\.\d)", _numeric),
    (rf"\bday after {_TOMORROW}\b|\bovermorrow\b", _shift(2)),
    (rf"{_AMOUNT}\s+from\s+{_TOMORROW}\b", _ahead_of_tomorrow),
    (rf"{COUNTED}\s+{_TOMORROW}\b", _ahead_of_tomorrow),
    # "It is a week today" looks back; "a week today" looks ahead.
    (rf"(?<!been )(?<!it's )(?<!its )(?<!is ){COUNTED}\s+today\b(?!\s+(?:since|post|after))", _ahead),
    (rf"\b{_TOMORROW}\b", _shift(1)),
    (r"\bday before yesterday\b", _shift(-2)),
    (r"\b(?:yesterday|yday|last night)\b", _shift(-1)),
    (rf"\b(?:in|within(?: the next)?)\s+(?:(?:about|another|like)\s+)?{COUNTED}(?:'?s?\s+time)?\b", _ahead),
    (rf"\bin\s+(?:about\s+)?(?P<least>\d{{1,2}}|{any_of(WORDS)})\s*(?:-|–|to|or)\s*{COUNTED}(?:'?s?\s+time)?", _between),
    (rf"\bin\s+another\s+{_AMOUNT}", _ahead),
    (r"\bin\s+(?:about\s+|another\s+)?(?P<n>24|48|72)\s*(?:hours|hrs?|h)\b",
     lambda m, t: (t + timedelta(hours=int(m["n"])),)),
    (rf"{COUNTED}\s*(?:from\s+(?:now|today)|'?s?\s+time\b)", _ahead),
    (rf"\b{_ORDINAL}\s*(?:to|-|–|till|until)\s*(?:the\s+)?(?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th)\b", _day_of_month),
    (rf"\b(?:the|on|{_DAY_NAME},?(?:\s+the)?)\s+{_ORDINAL}\b(?!\s+(?:session|day|night|week|month|time|one|few|half"
     r"|visit|appointment|appt|treatment|procedure|round|sitting|pass)s?\b)"
     # "Second was last thurs, 3rd is on Saturday": the third session.
     rf"(?!\s+is\s+(?:on|this|next|in|tomorrow|the|{_DAY_NAME})\b)", _day_of_month),
    (rf"\ba week last\s+(?P<which>){_WEEKDAY}(?P<later>)",
     lambda m, t: (next_weekday(t, WEEKDAYS.index(m["weekday"][:3])) - timedelta(days=14),)),
    (rf"\ba week (?:on|this|from|next)\s+(?P<which>next\s+)?{_WEEKDAY}(?P<later>)",
     lambda m, t: (next_weekday(t, WEEKDAYS.index(m["weekday"][:3])) + timedelta(days=7),)),
    (r"\b(?P<which>this\s+coming\s+|this\s+|next\s+|last\s+|on\s+|coming\s+|by\s+|for\s+|come\s+|till\s+|until\s+)?"
     rf"{_WEEKDAY}\b(?P<later>\s+week\b)?", _weekday),
    (r"(?<!in )\b(?:on|this|next|last)\s+sun\b(?=\s*(?:$|[?!.,;:)]|(?:morning|afternoon|evening|night|at|or)\b))",
     lambda m, t: (next_weekday(t, 6),)),
    (r"\b(?P<which>this\s+|next\s+|the\s+|last\s+)?week\s?end\b(?!,?\s+(?:of\s+)?(?:the\s+)?\d)", _weekend),
    (r"\bnext week\b", _shift(7)),
    (r"\bthe week after next\b", _shift(14)),
    (r"\bnext month\b", _next_month),
    (r"\b(?:today|tonight|tonite|2nite|2day|this (?:morning|afternoon|evening|arvo)|right now|later on today)\b",
     _shift(0)),
]  # fmt: skip

# Words before a day that tell what is over: "i was in on sunday", "got it done saturday", "went swimming monday". What
# is only planned ("had it booked for monday") is not.
_NOT_YET = "and are as before booked but by can could do does due for going gonna hoped hoping if is meant moved next"
_NOT_YET += " planned planning should so supposed then till to told until wanted when will"
_OVER = re.compile(
    r"\b(?:(?:was|were|been) (?:(?:back|just|last|only) )*(?:in|there|done|seen|treated|at yours|with you)"
    r"|(?:session|treatment|appointment|appt|visit|sitting|one|it|mine)(?: \w+){0,2} (?:was|were)"
    rf"|{DONE_FIRST}|{COUNTED_FROM}|\bsince"
    rf"|(?:had|did|went|came|swam|got (?:it|mine|this|soaked))(?: (?!(?:{any_of(_NOT_YET.split())})\b)[\w'-]+){{0,5}})"
    r"(?: (?:about|again|around|back|done|just|like|on|only))*\s*$"
)
# Between two days: the one before, or the one after, is taken back.
_RATHER = re.compile(
    r"\W*\b(?:(?:no|nope|sorry|oops|wait|actually|rather|i mean(?:t)?|make (?:that|it)|or|oh|um|er|it'?s|on|the)\b\W*)*"
    r"(?:no|nope|sorry|oops|wait|actually|rather|i mean(?:t)?|make (?:that|it))\b\W*(?:(?:it'?s|on|the|for)\b\W*)*"
)
_NOT_THIS = re.compile(r"\W*\bnot\b\W*(?:(?:on|the|for)\b\W*)*")
_LAST_SUCH_DAY = re.compile(rf"(?:(?:this|last|on|the)\s+)?(?:{_DAY_NAME}|sun|week\s?end)")
_LAST_OF_MONTH = re.compile(rf"(?:(?:the|on|{_DAY_NAME}),?\s+)+{_ORDINAL}")

# Texts are lowered first: IGNORECASE would let a long s or a dotless i stand for a letter of a known word.
_COMPILED_DAYS = [(meaning, re.compile(pattern)) for meaning, pattern in _DAY_PATTERNS]
_COMPILED_DATES = [(re.compile(pattern), reading) for pattern, reading in _DATE_PATTERNS]


def find_days(text: str, today: date) -> list[DayMention]:
    """Every day that ``text`` names, in order, without those that it takes back; ``today`` is the clinic's date."""
    said = lowered(text)
    found: list[DayMention] = []
    for mention in _all_mentions(said, today):
        if not any(mention.start < other.end and other.start < mention.end for other in found):
            found.append(mention)
    meant = _without_taken_back(said, sorted(found, key=lambda m: m.start))
    return [_looking_back(mention, said, today) for mention in meant]


def _without_taken_back(text: str, mentions: list[DayMention]) -> list[DayMention]:
    """``mentions`` without what is put right: the first of "the 15th, no the 14th", the second of "Sunday not Monday"."""
    gaps = [text[one.end : other.start] for one, other in pairwise(mentions)]
    around = zip(mentions, ["", *gaps], [*gaps, ""], strict=False)
    return [m for m, before, after in around if not _NOT_THIS.fullmatch(before) and not _RATHER.fullmatch(after)]


def says_it_is_over(before: str) -> bool:
    """Whether lower-case words that stand before a day tell what is over: "i was in on" a Sunday that is past."""
    return bool(_OVER.search(before))


def last_such(words: str, dates: tuple[date, ...]) -> tuple[date, ...]:
    """The weekday or the day of the month before ``dates`` that ``words`` name; nothing for other words."""
    if _LAST_SUCH_DAY.fullmatch(words):
        return tuple(day - timedelta(days=7) for day in dates)
    return tuple(add_months(day, -1) for day in dates) if _LAST_OF_MONTH.fullmatch(words) else ()


def _looking_back(mention: DayMention, text: str, today: date) -> DayMention:
    """``mention`` as the last such day where the words before it tell what is over."""
    ahead = bool(mention.dates) and min(mention.dates) > today
    last = last_such(text[mention.start : mention.end], mention.dates)
    return replace(mention, dates=last) if ahead and last and says_it_is_over(text[: mention.start]) else mention


def lowered(text: str) -> str:
    """``text`` in lower case, every letter at its place."""
    # Letter by letter, because the lower case of a few letters is longer and would shift every place after it.
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text).replace("’", "'")


def _all_mentions(text: str, today: date) -> Iterator[DayMention]:
    for meaning, pattern in _COMPILED_DAYS:
        for match in pattern.finditer(text):
            named = match.groupdict().get("day")
            yield DayMention(meaning, *match.span(), day=_number(named) if named else _days(match))
    for pattern, reading in _COMPILED_DATES:
        for match in pattern.finditer(text):
            dates = reading(match, today)
            if dates:
                yield DayMention("date", *match.span(), dates=dates)
