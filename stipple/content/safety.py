"""Safety texts with the numbers of the clinic's country filled in."""

from stipple.content.pack import Pack
from stipple.content.schema import Helpline

# What can be filled in.
BLANKS = ("abuse_lines", "clinic_phone", "crisis_lines", "doctor_number", "emergency_number")


def safety_text(text: str, pack: Pack) -> str:
    """``text`` with its emergency, doctor, crisis, abuse and clinic numbers."""
    numbers = pack.profile.local_numbers
    return text.format(
        emergency_number=numbers.emergency.number,
        doctor_number=numbers.doctor.number,
        crisis_lines=_lines(numbers.crisis, pack),
        abuse_lines=_lines(numbers.abuse, pack),
        clinic_phone=pack.profile.phone,
    )


def _lines(helplines: list[Helpline], pack: Pack) -> str:
    return ", ".join(pack.replies["helpline"].format(name=h.name, number=h.number) for h in helplines)


def safety_sentence(name: str, pack: Pack) -> str:
    """The fixed sentence ``name`` with its numbers."""
    return safety_text(pack.replies[name], pack)


def risk_text(pack: Pack, risk: str) -> str:
    """Why a sign that is the clinic's matter in others is a doctor's in this patient."""
    return safety_sentence(f"risk_{risk}", pack)
