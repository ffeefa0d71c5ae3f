"""What an audit row is about, in plain words and with the way to it; patients by initials and reference."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession
from sqlalchemy.orm import joinedload

from stipple.console.addresses import read_number
from stipple.console.clarity import name_of
from stipple.console.inbox import who
from stipple.console.links import start_before
from stipple.console.words import NEEDS, masked
from stipple.content.pack import Pack
from stipple.records.models import Alert, Conversation, Message, Patient
from stipple.records.staff_models import Staff

PLACES = {
    "patients": ("Patients", "/staff/patients"),
    "sessions": ("Sessions", ""),
    "conversations": ("Conversations", "/staff/conversations"),
    "learning": ("Learning", "/staff/learning"),
    "reviews": ("Reviews", "/staff/reviews"),
    "resolved": ("What was resolved", "/staff/resolved"),
    "tags": ("Tags", "/staff/reviews"),
    "audit": ("This audit", "/staff/audit"),
}
# Their names begin with one of these when a message, by its number, is what they are about.
OF_MESSAGES = ("message", *NEEDS)
ERASED = "since erased"


@dataclass(frozen=True)
class Subject:
    """What something was done to; ``address`` is empty where nothing can be opened."""

    words: str
    address: str = ""


@dataclass
class Subjects:
    """Everything that a number of audit rows is about, read at once."""

    pack: Pack
    staff: dict[int, str] = field(default_factory=dict)
    patients: dict[str, Patient] = field(default_factory=dict)
    talks: dict[str, Conversation] = field(default_factory=dict)
    messages: dict[int, tuple[str, int]] = field(default_factory=dict)
    alerts: dict[int, int] = field(default_factory=dict)

    def of(self, subject: str, by: int | None = None) -> Subject:
        """What the row is about; ``by`` is the account of whoever did it."""
        kind, _, name = subject.partition("/")
        if by is not None and subject == f"staff/{by}":
            return Subject("Own account", f"/staff/accounts/{by}")
        if not name:
            return Subject(*PLACES.get(kind, (kind.capitalize(), "")))
        if kind == "patient":
            return self._patient(name)
        if kind == "conversation":
            return self._talk("Conversation", name)
        if kind == "alert":
            return self._message("Danger sign", self.alerts.get(read_number(name), 0))
        if kind in OF_MESSAGES:
            return self._message(NEEDS.get(kind, "Message"), read_number(name))
        return self._other(kind, name)

    def _patient(self, name: str) -> Subject:
        patient = self.patients.get(name)
        if patient is None:
            return Subject(f"Patient, {ERASED}")
        return Subject(f"Patient {patient.reference}, {masked(patient.name)}", f"/staff/patients/{name}")

    def _talk(self, what: str, name: str, place: str = "") -> Subject:
        talk = self.talks.get(name)
        if talk is None:
            return Subject(f"{what}, {ERASED}")
        owner = f"{talk.patient.reference}, {who(talk).initials}" if talk.patient else "a visitor without a record"
        return Subject(f"{what}: {owner}", f"/staff/conversations/{name}{place}")

    def _message(self, what: str, number: int) -> Subject:
        talk, sequence = self.messages.get(number, ("", 0))
        return self._talk(what, talk, f"?start={start_before(sequence)}#message-{number}")

    def _other(self, kind: str, name: str) -> Subject:
        if kind == "staff":
            known = self.staff.get(read_number(name))
            return Subject(known, f"/staff/accounts/{name}") if known else Subject("An account that does not exist")
        if kind in ("wording", "clarity"):
            address = f"/staff/wordings/edit/{name}" if kind == "wording" else f"/staff/clarity/{name}"
            return Subject(str(name_of(name, self.pack)), address)
        if kind == "care_plan":
            return Subject(f"Care plan: {self.pack.title(f'aftercare/{name}') or name}", f"/staff/care-plan/{name}")
        if kind == "report":
            month = name.partition("/")[0]
            return Subject(f"Report of {month}", f"/staff/reports?month={month}")
        if kind == "inbox":
            return Subject(f"Inbox: {NEEDS.get(name, name)}", "/staff")
        pages = {"lesson": ("Lesson", "/staff/learning/lessons"), "proposal": ("Proposal", "/staff/wordings/proposals")}
        words, address = pages.get(kind, (kind.capitalize(), ""))
        return Subject(f"{words} {name}", address and f"{address}/{name}")


def read_subjects(db: DbSession, found: Iterable[str], pack: Pack) -> Subjects:
    """Read what these rows are about, with one question for each table."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for subject in found:
        kind, _, name = subject.partition("/")
        wanted["message" if kind in OF_MESSAGES else kind].add(name)
    subjects = Subjects(pack, {row.id: row.name for row in db.execute(select(Staff.id, Staff.name))})
    if wanted["patient"]:
        known = db.scalars(select(Patient).where(Patient.id.in_(wanted["patient"])))
        subjects.patients = {patient.id: patient for patient in known}
    if alerts := {read_number(name) for name in wanted["alert"]}:
        rows = db.execute(select(Alert.id, Alert.message_id).where(Alert.id.in_(alerts)))
        subjects.alerts = {row.id: row.message_id for row in rows}
    if numbers := {read_number(name) for name in wanted["message"]} | set(subjects.alerts.values()):
        columns = (Message.id, Message.conversation_id, Message.sequence)
        rows = db.execute(select(*columns).where(Message.id.in_(numbers)))
        subjects.messages = {row.id: (row.conversation_id, row.sequence) for row in rows}
    if talks := wanted["conversation"] | {talk for talk, _ in subjects.messages.values()}:
        query = select(Conversation).where(Conversation.id.in_(talks)).options(joinedload(Conversation.patient))
        subjects.talks = {talk.id: talk for talk in db.scalars(query)}
    return subjects
