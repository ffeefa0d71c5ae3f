"""Days that a patient names. Today is Wednesday 10 June 2026, where nothing else is said."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stipple.care.dates import add_months, find_days, next_weekday

from .builders import TODAY

# Sentence, and what it names: a date (or its readings), "day 5" asked about, or "claim 5" said of today.
SENTENCES = [
    # Words for a near day
    ("can i wash my hair today", "2026-06-10"),
    ("a beer tonight?", "2026-06-10"),
    # A count of days today is what has been reached
    ("28 days today woohoo, can i get in the sea", "claim 28"),
    ("2 weeks today! can i swim", "claim 14"),
    ("gym this afternoon", "2026-06-10"),
    ("what can i do right now", "2026-06-10"),
    ("can i swim tomorrow", "2026-06-11"),
    ("ok to run tmrw morning", "2026-06-11"),
    ("shave 2moro?", "2026-06-11"),
    ("Back at work TOMORROW", "2026-06-11"),
    ("the day after tomorrow i fly", "2026-06-12"),
    ("day after tmrw could i use wax", "2026-06-12"),
    ("i swam yesterday", "2026-06-09"),
    ("it bled last night", "2026-06-09"),
    ("the day before yesterday it was fine", "2026-06-08"),
    # Weekdays
    ("match on saturday", "2026-06-13"),
    ("match sat", "2026-06-13"),
    ("beanie on sat, allowed?", "2026-06-13"),
    ("bleaching my hair sat w my housemate", "2026-06-13"),
    ("party on thurs", "2026-06-11"),
    ("is wednesday ok", "2026-06-17"),
    ("this sunday", "2026-06-14"),
    ("on sun or mon", "2026-06-14", "2026-06-15"),
    ("next friday", "2026-06-12|2026-06-19"),
    ("last monday", "2026-06-08"),
    ("it was last wednesday", "2026-06-03"),
    ("tuesday week", "2026-06-23"),
    ("a week on tuesday", "2026-06-23"),
    ("monday’s spin class", "2026-06-15"),
    ("gym on monday and a swim on friday", "2026-06-15", "2026-06-12"),
    ("this weekend", "2026-06-13|2026-06-14"),
    ("next weekend", "2026-06-20|2026-06-21"),
    ("burnt last weekend", "2026-06-06|2026-06-07"),
    # What is over lies behind
    ("i was in on sunday, can i wet my head", "2026-06-07"),
    ("my session was on the 3rd", "2026-06-03"),
    ("had a beer and football on saturday", "2026-06-13"),
    ("ok to cycle yet? done on monday", "2026-06-08"),
    ("want my roots done on monday", "2026-06-15"),
    ("treated on monday. wig ok?", "2026-06-08"),
    ("can i be treated on monday", "2026-06-15"),
    ("i had it booked for saturday", "2026-06-13"),
    ("my session was moved to saturday", "2026-06-13"),
    ("went swimming monday", "2026-06-08"),
    ("i had a cut, party on saturday", "2026-06-13"),
    ("it's been a weekend", "2026-06-13|2026-06-14"),
    # Days ahead
    ("in 3 days", "2026-06-13"),
    ("in three days' time", "2026-06-13"),
    ("in a fortnight", "2026-06-24"),
    ("in a couple of weeks", "2026-06-24"),
    ("in twenty one days", "2026-07-01"),
    ("in another week", "2026-06-17"),
    ("sun cream in 48 hours", "2026-06-12"),
    ("a week from today", "2026-06-17"),
    ("a week from tomorrow", "2026-06-18"),
    ("party a week today", "2026-06-17"),
    ("two weeks today", "2026-06-24"),
    ("a week tomorrow", "2026-06-18"),
    ("it's a week today", "2026-06-10"),
    ("flying in 1-2 weeks", "2026-06-17|2026-06-24"),
    ("in two to three days", "2026-06-12|2026-06-13"),
    ("the week after next", "2026-06-24"),
    ("2 weeks time", "2026-06-24"),
    ("next week", "2026-06-17"),
    ("next month", "2026-07-10"),
    ("in two years", "2028-06-10"),
    # Dates of the calendar
    ("my birthday is on the 20th", "2026-06-20"),
    ("the 10th", "2026-06-10"),
    ("the 9th", "2026-07-09"),
    ("the 31st", "2026-07-31"),
    ("christening is 14 june", "2026-06-14"),
    ("June 14th", "2026-06-14"),
    ("the 3rd of july", "2026-07-03"),
    ("it was 4th of may", "2026-05-04"),
    ("28 december", "2026-12-28"),
    ("3 january", "2027-01-03"),
    ("31 dec 2026", "2026-12-31"),
    ("2026-07-01", "2026-07-01"),
    ("14/06 - shaver?", "2026-06-14"),
    ("6/14", "2026-06-14"),
    ("3/7/26", "2026-07-03|2026-03-07"),
    ("it was on 03.06.2026.", "2026-06-03|2026-03-06"),
    ("saturday 20 june", "2026-06-20"),
    ("friday the 19th", "2026-06-19"),
    ("sunday, june 21", "2026-06-21"),
    # A healing day asked about
    ("is a rinse ok on day 5", "day 5"),
    ("can i swim on day 28", "day 28"),
    ("day ten, shampoo?", "day 10"),
    ("gym on day twenty one", "day 21"),
    ("on the 5th day", "day 5"),
    ("3 weeks after my last session", "day 21"),
    ("the day after my session", "day 1"),
    ("twenty-one days after my session", "day 21"),
    ("can i swim 10 days after?", "day 10"),
    ("after 2 weeks", "day 14"),
    ("when its been 4 weeks since the last one can i use retinol", "day 28"),
    ("is a wedding only 4 days after my session a problem", "day 4"),
    ("day three or day four", "day 3", "day 4"),
    # A day claimed
    ("two weeks today. ok to cycle?", "claim 14"),
    ("i'm on day 5", "claim 5"),
    ("it's day 6 now", "claim 6"),
    ("im 3 days in", "claim 3"),
    ("I’m two weeks out", "claim 14"),
    ("it's been 5 days since my session", "claim 5"),
    ("2 weeks since my session", "claim 14"),
    ("i'm 3 days after my session", "claim 3"),
    ("i had my session 4 days ago", "claim 4"),
    ("it's been a week, pool tomorrow?", "claim 7", "2026-06-11"),
    ("today's day 7", "claim 7"),
    ("its wednesday today, so it was sunday", "2026-06-10", "2026-06-10", "2026-06-07"),
    ("i shaved today wed", "2026-06-10", "2026-06-10"),
    ("lads weekend 19th to 21st", "2026-06-19"),
    ("what about the 15th, no the 14th sorry", "2026-06-14"),
    ("swim on sunday, sorry i meant saturday", "2026-06-13"),
    ("sunday not monday", "2026-06-14"),
    ("saturday or sunday?", "2026-06-13", "2026-06-14"),
    ("saturday, and no sun on sunday?", "2026-06-13", "2026-06-14"),
    ("a week last friday", "2026-05-29"),
    ("so thats 6 days not 9", "claim 6"),
    ("i was going by the 4th", "2026-06-04"),
    ("count it from saturday", "2026-06-06"),
]
TRAPS = [
    "can i put sun cream on",
    "advice on sun protection",
    "can i sit out in this sun",
    "may i swim",
    "i may swim",
    "can i march past the band",
    "is it ok before my second session",
    "one second please",
    "the 2nd session",
    "the 1st week",
    "the 3rd time",
    "no gym for 10 days",
    "i have a wedding",
    "my cat sat on my head",
    "i sat in the steam room",
    "we sat outside",
    "post code for the sat nav",
    "is a hairpiece ok 24/7",
    "night time tips",
    "how many days after my session can i swim",
    "every day after my session",
    "wash it every 2nd day",
    "lobster head after a day at the beach",
    "what eases the itch in week two",
    "how far along am i in days",
    "1.5 weeks after my session",
    "the 0th",
    "32 june",
    "31 june",
    "30/02/2026",
    "2026-02-30",
    "0/0",
    "99/99",
    "ſunday or frıday",
    "sıx weeks after",
    "",
]


def told(text: str, today: date = TODAY) -> list[str]:
    """What ``text`` names, in the notation of the table."""
    short = {"healing_day": "day", "claimed_day": "claim"}
    return [
        "|".join(map(str, m.dates)) if m.meaning == "date" else f"{short[m.meaning]} {m.day}"
        for m in find_days(text, today)
    ]


@pytest.mark.parametrize(("text", "named"), [(text, list(named)) for text, *named in SENTENCES])
def test_the_days_of_a_sentence(text, named):
    assert told(text) == named


@pytest.mark.parametrize("text", TRAPS)
def test_a_sentence_that_names_no_day(text):
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "today", "named"),
    [
        # Month ends
        ("tomorrow", date(2026, 4, 30), "2026-05-01"),
        ("in a month", date(2026, 1, 31), "2026-02-28"),
        ("in 3 months", date(2026, 11, 30), "2027-02-28"),
        ("next month", date(2026, 5, 31), "2026-06-30"),
        ("the 31st", date(2026, 1, 31), "2026-01-31"),
        ("the 31st", date(2026, 4, 1), "2026-05-31"),
        ("the 30th", date(2026, 1, 31), "2026-03-30"),
        # The weekday tells which month is meant, where one of the two fits
        ("last saturday, the 6th", date(2026, 6, 10), "2026-06-06"),
        ("saturday the 20th", date(2026, 6, 10), "2026-06-20"),
        ("friday the 6th", date(2026, 6, 10), "2026-07-06"),
        # What lasts since a day began when it was
        ("i have worn a cap since monday", date(2026, 6, 10), "2026-06-08"),
        # Leap years
        ("tomorrow", date(2028, 2, 28), "2028-02-29"),
        ("tomorrow", date(2027, 2, 28), "2027-03-01"),
        ("in a month", date(2028, 1, 31), "2028-02-29"),
        ("in a year", date(2028, 2, 29), "2029-02-28"),
        ("the 29th", date(2027, 2, 1), "2027-03-29"),
        ("the 29th", date(2028, 2, 1), "2028-02-29"),
        ("29 february", date(2027, 12, 1), "2028-02-29"),
        ("29 february", date(2028, 1, 10), "2028-02-29"),
        ("29/2/2028", date(2026, 6, 10), "2028-02-29"),
        # Year changes
        ("tomorrow", date(2026, 12, 31), "2027-01-01"),
        ("yesterday", date(2027, 1, 1), "2026-12-31"),
        ("in 3 days", date(2026, 12, 30), "2027-01-02"),
        ("next month", date(2026, 12, 31), "2027-01-31"),
        ("the 2nd", date(2026, 12, 28), "2027-01-02"),
        ("3 january", date(2026, 12, 28), "2027-01-03"),
        ("28 december", date(2027, 1, 3), "2026-12-28"),
        ("on friday", date(2026, 12, 31), "2027-01-01"),
        # The weekend and the weekday that it is
        ("this weekend", date(2026, 6, 13), "2026-06-13|2026-06-14"),
        ("this weekend", date(2026, 6, 14), "2026-06-13|2026-06-14"),
        ("next weekend", date(2026, 6, 14), "2026-06-20|2026-06-21"),
        ("on saturday", date(2026, 6, 13), "2026-06-20"),
        ("last saturday", date(2026, 6, 13), "2026-06-06"),
    ],
)
def test_month_ends_leap_years_and_year_changes(text, today, named):
    assert told(text, today) == [named]


@pytest.mark.parametrize("text", ["29 february", "29/2", "29/2/2027"])
def test_a_leap_day_that_no_near_year_has_is_no_date(text):
    assert told(text) == []


def test_a_mention_says_where_it_stands():
    text = "Can I swim ON Saturday, or 3 weeks after my session?"
    assert [text[m.start : m.end] for m in find_days(text, TODAY)] == ["ON Saturday", "3 weeks after my session"]


def test_letters_that_grow_in_lower_case_do_not_shift_the_place():
    text = "İİ or tomorrow"
    (mention,) = find_days(text, TODAY)
    assert text[mention.start : mention.end] == "tomorrow"


dates = st.dates(date(2000, 1, 1), date(2100, 12, 31))
WORDS = """
    in on the a an day days week weeks month year years ago after since session my been i'm im it's when next last this
    sat saturday sun sunday mon friday weekend may march june 29 february feb 0 1 2nd 3rd 31st 0th 99 999 12/6 31/12/26
    1.2.2027 2026-13-01 today tomorrow tmrw yesterday from now time hours 24 24/7 twenty one couple of few , . ? ’
    İ ſun ı ٣
"""
sentences = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)


@given(st.one_of(st.text(max_size=60), sentences), dates)
def test_any_text_gives_sorted_mentions_that_do_not_overlap(text, today):
    found = find_days(text, today)
    assert all(0 <= m.start < m.end <= len(text) for m in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    for mention in found:
        assert bool(mention.dates) == (mention.meaning == "date")
        assert (mention.day is None) == (mention.meaning == "date")
        assert mention.day is None or mention.day >= 0


@given(dates, st.integers(0, 999))
def test_days_ahead_are_counted_on_the_calendar(today, days):
    assert told(f"in {days} days", today) == [str(today + timedelta(days=days))]


@given(dates, st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_written_out_date_is_read_as_it_is(today, day):
    month = f"{day:%B}"
    for text in (day.isoformat(), f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}"):
        assert told(text, today) == [str(day)]


@given(dates, st.integers(0, 6))
def test_a_weekday_is_the_first_one_ahead(today, weekday):
    name = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[weekday]
    coming = next_weekday(today, weekday)
    assert coming.weekday() == weekday
    assert 1 <= (coming - today).days <= 7
    assert told(f"on {name}", today) == [str(coming)]
    assert told(f"last {name}", today) == [
        str(max(d for n in range(1, 8) if (d := today - timedelta(n)).weekday() == weekday))
    ]


@given(dates, st.integers(1, 31))
def test_a_day_of_the_month_is_the_first_one_from_today(today, number):
    suffix = "th" if 10 <= number <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    ahead = (today + timedelta(days=n) for n in range(92))
    assert told(f"the {number}{suffix}", today) == [str(next(d for d in ahead if d.day == number))]


@given(dates, st.integers(0, 600))
def test_added_months_keep_the_day_or_end_with_the_month(day, months):
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


ONES = """
    zero one two three four five six seven eight nine
    ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"


@pytest.mark.parametrize("gap", [" ", "-"])
def test_a_day_number_in_words_is_the_same_as_in_digits(gap):
    ones = ONES.split()
    words = [*ones, *(f"{tens}{gap}{one}".removesuffix(f"{gap}zero") for tens in TENS.split() for one in ones[:10])]
    assert [told(f"shampoo on day {word}") for word in words] == [[f"day {number}"] for number in range(100)]
    assert [told(f"pool {word} days after") for word in words] == [[f"day {number}"] for number in range(100)]
