"""A clinic's content in the fewest lines that fit the schema, for tests that break or import something."""

from pathlib import Path

PROFILE = """\
name: Small Clinic
country: GB
time_zone: Europe/London
phone: 020 7946 0000
email: hello@small.example
address: 1 Small Street
directions: Next to the post office.
privacy: We keep your messages.
hours:
  monday: {opens: "09:00", closes: "18:00"}
  saturday: {opens: 10:00, closes: 16:00}
holidays:
  2026-12-25: Christmas Day
numbers:
  GB:
    emergency: {name: Emergency services, number: 999, source: NHS, checked: 2026-06-01}
    doctor: {name: NHS 111, number: 111, source: NHS, checked: 2026-06-01}
    crisis:
      - {name: Samaritans, number: 116 123, source: Samaritans, checked: 2026-06-01}
    abuse:
      - {name: Refuge, number: 0808 2000 247, source: Refuge, checked: 2026-06-01}
"""
CARE_PLAN = """\
topics:
  - id: water
    title: getting your scalp wet
    counted_from: session
    windows:
      - from_day: 0
        to_day: 3
        verdict: avoid
        confidence: A
        text: Keep your head dry.
        why: The dots are small wounds.
        simpler: No water yet.
        sources: [Ten clinics]
      - from_day: 4
        to_day: null
        verdict: ok
        confidence: A
        text: You can wet your head.
        why: The skin has closed.
        simpler: Water is fine.
        sources: [Ten clinics]
  - id: gym
    title: sport
    counted_from: session
    windows:
      - from_day: 0
        to_day: null
        verdict: care
        confidence: B
        text: Go easy for now.
        why: Sweat can sting.
        simpler: Take it slow.
        sources: [Ten clinics]
"""
SIGNS = """\
signs:
  - id: itching
    title: itching
    windows:
      - from_day: 1
        to_day: 14
        urgency: normal
        text: A bit of itching is normal.
        simpler: An itch is fine.
        sources: [Ten clinics]
"""
RED_FLAGS = """\
red_flags:
  - id: pus
    title: pus
    level: doctor
    text: See a doctor today. Call {doctor_number}, or {emergency_number} if you feel very ill.
    simpler: Call {doctor_number} today. You can also reach {crisis_lines} or {clinic_phone}.
    sources: [NHS]
"""
ELIGIBILITY = """\
conditions:
  - id: diabetes
    title: diabetes
    stance: doctor_first
    text: See your doctor first.
    simpler: Ask your doctor.
    next_step: Ask your doctor for a note.
    sources: [Ten clinics]
"""
GOALS = """\
goals:
  - id: hairline
    title: a new hairline
    sessions_typical: 2 to 4
    text: A soft line looks best.
    simpler: Keep it soft.
    expectation: It will look like a short crop.
    questions: ["Which line suits my face?"]
    sources: [Ten clinics]
"""
ABOUT = """\
topics:
  - id: what_is
    title: what it is
    text: It is a tattoo of small dots.
    simpler: Small dots of ink.
    sources: [Ten clinics]
"""
VISIT = """\
topics:
  - id: companion
    title: bringing somebody
    text: Call us before you bring somebody.
    simpler: Call us first.
    sources: [Ten clinics]
"""
PREPARATION = """\
topics:
  - id: alcohol
    title: alcohol
    verdict: avoid
    before: two days
    text: Do not drink for two days.
    simpler: No drinks first.
    sources: [Ten clinics]
"""
REPLIES = """\
texts:
  today: You are on day {day}.
  on_date: On {date} you will be on day {day}.
  on_date_past: On {date} you were on day {day}.
  override: Your practitioner set this rule for you.
  fallback: I could not look that up. Call {phone}.
  fallback_kept: Your message is kept. Call {phone}.
  watch_doctor: Talk to {doctor_number} today.
  fallback_unsaved: I could not save your message. Call {phone}.
  helpline: "{name}: {number}"
  fallback_empty: Please type a message.
  fallback_long: Please keep it to {limit} letters.
  not_understood: I did not get that.
titles:
  contact/hours: our opening hours
"""
FILES = {
    "profile.yml": PROFILE,
    "care_plan.yml": CARE_PLAN,
    "healing_signs.yml": SIGNS,
    "red_flags.yml": RED_FLAGS,
    "eligibility.yml": ELIGIBILITY,
    "goals.yml": GOALS,
    "about_smp.yml": ABOUT,
    "preparation.yml": PREPARATION,
    "visit.yml": VISIT,
    "replies.yml": REPLIES,
}


def write_small_content(folder: Path) -> Path:
    """Write the files to ``folder``, which is made."""
    folder.mkdir()
    for name, source in FILES.items():
        (folder / name).write_text(source, encoding="utf-8")
    return folder
