"""Safety texts with the numbers of the clinic's country filled in."""

from stipple.content.pack import Pack

# What can be filled in.
BLANKS = ("clinic_phone", "crisis_lines", "doctor_number", "emergency_number")


def safety_text(text: str, pack: Pack) -> str:
    """``text`` with its emergency, doctor, crisis and clinic numbers."""
    numbers = pack.profile.local_numbers
    lines = (pack.replies["crisis_line"].format(name=h.name, number=h.number) for h in numbers.crisis)
    return text.format(
        emergency_number=numbers.emergency.number,
        doctor_number=numbers.doctor.number,
        crisis_lines=", ".join(lines),
        clinic_phone=pack.profile.phone,
    )


def safety_sentence(name: str, pack: Pack) -> str:
    """The fixed sentence ``name`` with its numbers."""
    return safety_text(pack.replies[name], pack)


def risk_text(pack: Pack, risk: str) -> str:
    """Why a sign that is the clinic's matter in others is a doctor's in this patient."""
    return safety_sentence(f"risk_{risk}", pack)
