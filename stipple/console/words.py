"""Plain words for what the tables hold: levels, times, names, and why the assistant said what it said."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stipple.content.pack import Pack

SCREENED = "screening"
LEVEL_NAMES = {
    "crisis": "Crisis",
    "emergency": "Emergency",
    "doctor": "Doctor today",
    "clinic": "Clinic today",
    "normal": "No danger sign",
}
CHANNELS = {"web": "Website chat"}
KINDS = {
    "aftercare": "Aftercare",
    "healing_sign": "Sign of healing",
    "red_flag": "Danger sign",
    "eligibility": "Does it suit me",
    "goals": "Goals",
    "about_smp": "About the treatment",
    "preparation": "Before a session",
    "visit": "A visit to the clinic",
    "progress": "Progress",
    "contact": "Reaching the clinic",
    "account": "Account and privacy",
    "unclear": "Did not understand the answer",
    "feedback": "Opinion on an answer",
    "smalltalk": "Small talk",
    "out_of_scope": "Not a subject of the clinic's",
    "not_understood": "Not understood",
    "followup": "Asked why",
}
ASKED_BACK = {"session_date": "Asked for the date of the last session", "did_you_mean": "Not understood: asked back"}
VERDICTS = {
    "avoid": "Not yet",
    "care": "With care",
    "ok": "Fine",
    "do": "Please do",
    "ask": "Ask first",
    "usually_fine": "Usually fine",
    "clinic_decides": "The clinic decides",
    "doctor_first": "See a doctor first",
    "wait_see_doctor": "Wait, and see a doctor",
    "not_now": "Not now",
}
URGENCIES = {"normal": "Normal", "clinic": "Call the clinic today", "doctor": "See a doctor today"}
# How staff resolve what stands in the inbox, and what each answer means.
CODES = {
    "unclear_wording": "Unclear wording",
    "incomplete": "Incomplete",
    "contradicts": "Contradicts another instruction",
    "bot_misunderstood": "The assistant misunderstood",
    "clinical_concern": "Clinical concern",
    "fine": "Fine",
}
CODE_HINTS = {
    "unclear_wording": "The text itself is hard to understand.",
    "incomplete": "Something the patient needs is missing from it.",
    "contradicts": "Another text of the clinic says something else.",
    "bot_misunderstood": "The patient meant something else than what was answered.",
    "clinical_concern": "A person had to look after the patient’s health.",
    "fine": "Nothing needs to change.",
}
# Behind a danger sign it is mostly the first of these.
DANGER_CODES = {code: CODES[code] for code in ("clinical_concern", "fine", "bot_misunderstood")} | CODES
NEEDS = {
    "danger": "Danger signs",
    "waiting": "Waiting for a person",
    "unclear": "Unclear instructions",
    "missed": "Not understood",
    "not_helpful": "Did not help",
}
ROLE_NAMES = {"reviewer": "Reviewer", "practitioner": "Practitioner", "admin": "Admin"}
ROLE_MEANINGS = {
    "reviewer": "read conversations, without names and phone numbers",
    "practitioner": "read conversations and look after patients",
    "admin": "do everything in this console",
}
SURE, FAIRLY_SURE = 0.85, 0.6


def told(level: str, pack: Pack) -> str:
    """What the assistant told a patient with a danger sign of ``level`` to do."""
    number = pack.profile.local_numbers.emergency.number
    return {
        "crisis": f"may harm themselves; told to call {number} or a crisis line",
        "emergency": f"told to call {number} now",
        "doctor": "told to see a doctor today",
        "clinic": "told to call the clinic today",
    }[level]


def sign_titles(signs: list[str], pack: Pack) -> list[str]:
    """Danger signs and healing signs in the clinic's own words."""
    labels = (pack.title(f"red_flag/{s}") or pack.title(f"healing_sign/{s}") or spaced(s) for s in signs)
    return list(dict.fromkeys(labels))


def spaced(identifier: str) -> str:
    """An identifier that nobody has given words."""
    return identifier.replace("_", " ")


def masked(name: str) -> str:
    """The initials of a patient's name."""
    return " ".join(f"{part[0].upper()}." for part in name.split()) or "No name"


def tel(phone: str) -> str:
    """A phone number as a link dials it."""
    number = "".join(c for c in phone if c.isdigit())
    return f"tel:+{number}" if phone.strip().startswith("+") else f"tel:{number}"


def ago(then: datetime, now: datetime) -> str:
    """How long ago, as a person says it."""
    minutes = int((now - then) / timedelta(minutes=1))
    if minutes < 1:
        return "just now"
    for unit, size in (("day", 24 * 60), ("hour", 60), ("minute", 1)):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def moment(then: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A time as the clinic's clock shows it, with as much of the date as is needed."""
    local, today = then.astimezone(zone), now.astimezone(zone).date()
    days = (today - local.date()).days
    if days in (0, 1):
        return f"{'today' if days == 0 else 'yesterday'} {local:%H:%M}"
    date = f"{local:%a} {local.day} {local:%B}"
    return f"{date}, {local:%H:%M}" if local.year == today.year else f"{date} {local.year}, {local:%H:%M}"


def wait_words(wait: timedelta) -> str:
    """How long to wait, rounded up."""
    seconds = int(wait.total_seconds()) + 1
    if seconds <= 60:
        return f"{seconds} seconds"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes"


@dataclass(frozen=True)
class Reason:
    """Why a reply, or one part of it, was given: pairs of a heading and what stands there."""

    understood: str
    facts: tuple[tuple[str, str], ...]
    instruction: str = ""


def reason(item: dict[str, Any], pack: Pack) -> Reason:
    """One item of a reply's trace in plain words."""
    facts = [
        ("How sure", _sure(item)),
        ("Healing day", str(item["asked_day"]) if item.get("asked_day") is not None else ""),
        ("Answer", _verdict(item)),
        ("Based on", _basis(item)),
        ("Holds on", _window(item)),
        ("Wording", _wording(item)),
    ]
    shown = tuple((name, value) for name, value in facts if value)
    return Reason(_understood(item, pack), shown, item.get("rule_id") or "")


def _wording(item: dict[str, Any]) -> str:
    if item.get("override"):
        return "The practitioner's own words"
    return f"version {item['wording_version']}" if item.get("wording_version") else ""


def _window(item: dict[str, Any]) -> str:
    days = window(str(item.get("rule_id") or "").partition("/")[2].partition("/")[2])
    return days and days[0].upper() + days[1:]


def window(span: str) -> str:
    """The healing days that an instruction holds for, from the last part of its name; empty where it has none."""
    first, dash, last = span.partition("-")
    # A rule that holds on every day needs no day.
    if not first.isdigit() or span == "0-":
        return ""
    return f"day {first}" if not dash or first == last else f"day {first} to {last}" if last else f"day {first} on"


def _understood(item: dict[str, Any], pack: Pack) -> str:
    kind, topic = item.get("kind", ""), item.get("topic") or ""
    if kind == "ask_back":
        return ASKED_BACK.get(topic, f"Asked a question of its own: {spaced(topic)}")
    name = KINDS.get(kind, spaced(kind))
    title = pack.title(f"{kind}/{topic}") if topic else None
    # Small talk and opinions have topics that say no more than their kind to a person.
    detail = title or (spaced(topic) if topic and kind in ("feedback", "smalltalk") else "")
    return f"{name}: {detail}" if detail else name


def _sure(item: dict[str, Any]) -> str:
    if item.get("intent") == SCREENED:
        return "Found by the check for danger signs"
    chance = item.get("confidence")
    if chance is None:
        return ""
    words = "Very sure" if chance >= SURE else "Fairly sure" if chance >= FAIRLY_SURE else "Not sure"
    return f"{words} ({round(chance * 100)} %)"


def _verdict(item: dict[str, Any]) -> str:
    if item.get("kind") == "red_flag":
        return LEVEL_NAMES.get(item.get("urgency", ""), "")
    urgency = item.get("urgency", "")
    return VERDICTS.get(item.get("verdict", ""), "") or URGENCIES.get(urgency, LEVEL_NAMES.get(urgency, ""))


def _basis(item: dict[str, Any]) -> str:
    if item.get("override"):
        return "The practitioner's own rule for this patient"
    known = item.get("from_record")
    if known is None:
        return ""
    return "The patient's own record" if known else "General advice, without a record"
