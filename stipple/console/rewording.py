"""A new wording's way to patients: draft, proposal, a second person's decision, and back to an earlier version.

Each step writes its audit row first, which on SQLite takes the lock for writing; on PostgreSQL the instruction's row is
locked. So what a person decided on is still so when it is saved.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as DbSession

from stipple.console.accounts import still_may
from stipple.console.audit import note
from stipple.console.fitness import problems_of, rule_of, tidy, unsayable
from stipple.content.pack import Pack
from stipple.records.models import Instruction, Wording
from stipple.records.staff_models import Staff
from stipple.records.wording_models import APPROVED, REJECTED, WITHDRAWN, WordingDraft, WordingProposal
from stipple.records.wordings import CONSOLE, Words, new_version, words_of

LEAST_REASON, MOST_REASON = 5, 1000
REPLACED = "Replaced by a newer proposal of the same person."
MAY_APPROVE = "practitioner"


class UnknownError(Exception):
    """There is no such instruction, version or proposal."""


class RefusedError(Exception):
    """It cannot be done; the message says why, ``problems`` by the field it is about."""

    def __init__(self, message: str, problems: Mapping[str, str] | None = None) -> None:
        self.problems = problems or {}
        super().__init__(message)


class OutOfDateError(RefusedError):
    """Another version was published since the person looked."""


def current_of(db: DbSession, instruction_id: str) -> Wording | None:
    """The wording that patients read now."""
    mine = select(Wording).where(Wording.instruction_id == instruction_id)
    return db.scalar(mine.order_by(Wording.version.desc()).limit(1))


def save_draft(db: DbSession, instruction_id: str, staff: Staff, words: Words, based_on: int, now: datetime) -> None:
    """Keep what the person typed. Only the first time is noted: it is theirs alone, and nobody else reads it.

    Raises:
        UnknownError: when there is no such instruction.
    """
    draft = db.get(WordingDraft, (instruction_id, staff.id))
    if draft is None:
        note(db, now, "wording_drafted", subject_of(instruction_id), staff.id)
        draft = db.get(WordingDraft, (instruction_id, staff.id), populate_existing=True)
    if db.get(Instruction, instruction_id) is None:
        raise UnknownError
    if draft is None:
        draft = WordingDraft(instruction_id=instruction_id, staff_id=staff.id)
        db.add(draft)
    draft.text, draft.why, draft.simpler = words.text, words.why, words.simpler
    draft.based_on, draft.saved_at = based_on, now
    db.flush()


def discard_draft(db: DbSession, instruction_id: str, staff: Staff, now: datetime) -> None:
    """Throw away what the person typed."""
    note(db, now, "wording_discarded", subject_of(instruction_id), staff.id)
    draft = db.get(WordingDraft, (instruction_id, staff.id))
    if draft:
        db.delete(draft)


def propose(
    db: DbSession, instruction_id: str, staff: Staff, words: Words, based_on: int, pack: Pack, now: datetime
) -> WordingProposal:
    """Put ``words`` up for approval in place of version ``based_on``; the same again is the same proposal.

    Raises:
        UnknownError: when there is no such instruction.
        OutOfDateError: when another version was published meanwhile.
        RefusedError: when the words are not fit for patients, or the instruction is no longer used.
    """
    note(db, now, "wording_proposed", subject_of(instruction_id), staff.id, f"in place of version {based_on}")
    instruction, current = _locked(db, instruction_id)
    _still(current, based_on)
    _fit(words, instruction, pack)
    if words == words_of(current):
        raise RefusedError("This is what patients read already. Change something first.")
    mine = (WordingProposal.instruction_id == instruction_id, WordingProposal.proposed_by == staff.id)
    for earlier in db.scalars(select(WordingProposal).where(*mine, WordingProposal.decision.is_(None))):
        if words_of(earlier) == words and earlier.based_on == based_on:
            return earlier
        _decide(earlier, WITHDRAWN, staff, now, REPLACED)
    said = {"text": words.text, "why": words.why, "simpler": words.simpler}
    proposal = WordingProposal(instruction_id=instruction_id, based_on=based_on, proposed_by=staff.id, **said)
    proposal.proposed_at = now
    db.add(proposal)
    draft = db.get(WordingDraft, (instruction_id, staff.id))
    if draft:
        db.delete(draft)
    db.flush()
    return proposal


def approve(db: DbSession, number: int, staff: Staff, pack: Pack, now: datetime) -> Wording:
    """Publish the proposal as the next version.

    Raises:
        UnknownError: when there is no such proposal.
        OutOfDateError: when another version was published since it was made.
        RefusedError: when it is decided, is the person's own, or cannot be published any more.
    """
    note(db, now, "wording_approved", f"proposal/{number}", staff.id)
    proposal, instruction, current = _open(db, number)
    _may_approve(db, staff)
    if proposal.proposed_by == staff.id:
        raise RefusedError("You proposed this yourself, so a colleague must approve it.")
    _still(current, proposal.based_on)
    words = words_of(proposal)
    _fit(words, instruction, pack)
    wording = new_version(instruction.id, words, current.version, staff.name, now, CONSOLE)
    db.add(wording)
    _decide(proposal, APPROVED, staff, now)
    proposal.version = wording.version
    db.flush()
    return wording


def reject(db: DbSession, number: int, staff: Staff, reason: str, now: datetime) -> WordingProposal:
    """Send the proposal back, with the reason.

    Raises:
        UnknownError: when there is no such proposal.
        RefusedError: when it is decided, is the person's own, or the reason cannot be saved.
    """
    note(db, now, "wording_rejected", f"proposal/{number}", staff.id)
    proposal, _, _ = _open(db, number)
    _may_approve(db, staff)
    if proposal.proposed_by == staff.id:
        raise RefusedError("This is your own proposal. You can withdraw it.")
    _decide(proposal, REJECTED, staff, now, checked_reason(reason))
    return proposal


def withdraw(db: DbSession, number: int, staff: Staff, now: datetime) -> WordingProposal:
    """Take back an own proposal; its text becomes the draft again, unless there is a newer one.

    Raises:
        UnknownError: when there is no such proposal.
        RefusedError: when it is decided or somebody else's.
    """
    note(db, now, "wording_withdrawn", f"proposal/{number}", staff.id)
    proposal, _, _ = _open(db, number)
    if proposal.proposed_by != staff.id:
        raise RefusedError("Only the person who proposed this can withdraw it.")
    _decide(proposal, WITHDRAWN, staff, now)
    if db.get(WordingDraft, (proposal.instruction_id, staff.id)) is None:
        save_draft(db, proposal.instruction_id, staff, words_of(proposal), proposal.based_on, now)
    return proposal


def roll_back(
    db: DbSession, instruction_id: str, version: int, staff: Staff, reason: str, seen: int, pack: Pack, now: datetime
) -> Wording:
    """Publish what an earlier version said once more, as a new version; ``seen`` is the newest one the person saw.

    Nobody else need approve it: the words were approved once. How easy they read is not asked again, so that going back
    is always quicker than a new wording; what must never be said is.

    Raises:
        UnknownError: when there is no such version.
        OutOfDateError: when another version was published meanwhile.
        RefusedError: when patients read these words already, they must not be said, or the reason cannot be saved.
    """
    note(db, now, "wording_rolled_back", subject_of(instruction_id), staff.id, f"to version {version}")
    instruction, current = _locked(db, instruction_id)
    _may_approve(db, staff)
    _still(current, seen)
    _used(instruction)
    mine = (Wording.instruction_id == instruction_id, Wording.version == version)
    earlier = db.scalar(select(Wording).where(*mine))
    if earlier is None:
        raise UnknownError
    words = words_of(earlier)
    if words == words_of(current):
        raise RefusedError("Patients read these words already.")
    wrong = unsayable(words, rule_of(instruction, pack))
    if wrong:
        raise RefusedError(" ".join(wrong.values()))
    wording = new_version(instruction_id, words, current.version, staff.name, now, CONSOLE)
    wording.restores, wording.reason = version, checked_reason(reason)
    db.add(wording)
    db.flush()
    return wording


def checked_reason(reason: str) -> str:
    """The reason as it is kept.

    Raises:
        RefusedError: when it is too short or too long.
    """
    kept = tidy(reason)
    if len(kept) < LEAST_REASON:
        problem = "Please say why in a few words, for instance: patients take it to mean that they may swim."
        raise RefusedError(problem, {"reason": problem})
    if len(kept) > MOST_REASON:
        problem = f"Please write at most {MOST_REASON} letters; these are {len(kept)}."
        raise RefusedError(problem, {"reason": problem})
    return kept


def subject_of(instruction_id: str) -> str:
    """How the audit names an instruction's wording."""
    return f"wording/{instruction_id}"[:80]


def waiting(db: DbSession) -> int:
    """How many proposals nobody has decided about."""
    found = select(func.count(WordingProposal.id)).where(WordingProposal.decision.is_(None))
    return db.scalar(found) or 0


def _locked(db: DbSession, instruction_id: str) -> tuple[Instruction, Wording]:
    """The instruction, held until the end of the transaction, and what patients read now."""
    query = select(Instruction).where(Instruction.id == instruction_id).with_for_update(key_share=True)
    instruction = db.scalar(query.execution_options(populate_existing=True))
    current = current_of(db, instruction_id)
    if instruction is None or current is None:
        raise UnknownError
    return instruction, current


def _open(db: DbSession, number: int) -> tuple[WordingProposal, Instruction, Wording]:
    about = db.scalar(select(WordingProposal.instruction_id).where(WordingProposal.id == number))
    if about is None:
        raise UnknownError
    instruction, current = _locked(db, about)
    # Read after the lock: a colleague may have decided while this waited for it.
    proposal = db.get_one(WordingProposal, number, populate_existing=True)
    if proposal.decision is not None:
        by = proposal.decider.name if proposal.decider else "Somebody"
        raise RefusedError(f"{by} has decided about this already: it was {proposal.decision}. Nothing was changed.")
    return proposal, instruction, current


def _may_approve(db: DbSession, staff: Staff) -> None:
    if not still_may(db, staff, MAY_APPROVE):
        raise RefusedError("Your account may not approve wordings any more.")


def _still(current: Wording, seen: int) -> None:
    if current.version != seen:
        raise OutOfDateError(
            f"Version {current.version} was published since. See below what is different now, then decide again."
        )


def _used(instruction: Instruction) -> None:
    if instruction.retired_at is not None:
        raise RefusedError("This instruction is no longer used, so its words cannot change.")


def _fit(words: Words, instruction: Instruction, pack: Pack) -> None:
    _used(instruction)
    problems = problems_of(words, rule_of(instruction, pack))
    if problems:
        raise RefusedError("Patients cannot be told this yet. See below.", problems)


def _decide(proposal: WordingProposal, decision: str, staff: Staff, now: datetime, reason: str = "") -> None:
    proposal.decision, proposal.decided_by, proposal.decided_at = decision, staff.id, now
    proposal.reason = reason
