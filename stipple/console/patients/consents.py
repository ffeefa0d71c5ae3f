"""What a patient agreed to: given and withdrawn, with every step kept."""

from dataclasses import dataclass
from datetime import datetime

from stipple.console.patients.changing import ChangedError
from stipple.records.models import Consent, Patient
from stipple.records.staff_models import Staff

KINDS = {
    "assistant": "Messages with the assistant",
    "reading": "Staff may read conversations to improve instructions",
}
LONGEST = 200


@dataclass(frozen=True)
class Agreement:
    """Where one consent stands; ``last`` is None when it was never asked for. ``earlier`` comes newest first."""

    kind: str
    name: str
    last: Consent | None
    earlier: list[Consent]

    @property
    def given(self) -> bool:
        """Whether the patient agrees now."""
        return self.last is not None and self.last.given

    @property
    def seen(self) -> str:
        """Changes with each step."""
        return str(self.last.id) if self.last else "0"


def agreements(patient: Patient) -> list[Agreement]:
    """Every consent that a clinic asks for."""
    found = []
    for kind, name in KINDS.items():
        steps = [c for c in reversed(patient.consents) if c.kind == kind]
        found.append(Agreement(kind, name, steps[0] if steps else None, steps[1:]))
    return found


def note_consent(patient: Patient, kind: str, given: bool, how: str, seen: str, staff: Staff, now: datetime) -> None:
    """Note that the patient gave or withdrew a consent, and ``how``; ``seen`` is the step that the page showed last.

    Raises:
        ChangedError: when a colleague noted another step meanwhile, or it stands so already.
    """
    stands = next(a for a in agreements(patient) if a.kind == kind)
    if stands.seen != seen or (stands.last is not None and stands.given == given):
        raise ChangedError
    patient.consents.append(Consent(kind=kind, given=given, how=how.strip()[:LONGEST], at=now, noted_by=staff.name))
