"""Tables of the staff console: who works here, where they are signed in, and what they did."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from stipple.records.models import Base, random_id

# Each role may do what those before it may: read, look after patients, see what colleagues did.
ROLES = ("reviewer", "practitioner", "admin")


class Staff(Base):
    """A person who works at the clinic. ``email`` is kept in lower case.

    ``totp_sealed`` is the secret of their authenticator app as `stipple.sealing` sealed it. ``totp_secret`` holds it
    readably, as it was kept before; the next start seals and empties it. ``totp_step`` is the time step of the last
    code that was used, so that no code opens the door twice. With ``start_password_until`` the password was chosen by
    somebody else: it opens nothing after that moment, and nothing but the page for choosing one's own before it.
    """

    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("role in ('reviewer', 'practitioner', 'admin')", name="staff_role"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_sealed: Mapped[str | None] = mapped_column(String(255))
    totp_step: Mapped[int | None]
    start_password_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def has_two_step(self) -> bool:
        """Whether the sign-in asks for a code too."""
        return bool(self.totp_sealed or self.totp_secret)


class StaffSession(Base):
    """A browser in which a member of staff is signed in; only a hash of its cookie is kept.

    ``csrf`` stands in every form of that browser's pages and proves that a post comes from one of them.
    """

    __tablename__ = "staff_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    user_agent: Mapped[str] = mapped_column(String(80))
    staff: Mapped[Staff] = relationship()


class StaffAttempt(Base):
    """Tries to sign in to one account or from one address that have not succeeded; ``key`` names neither in clear."""

    __tablename__ = "staff_attempt"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime]
    blocked_until: Mapped[datetime]


class Handled(Base):
    """The reply up to which a person has looked after a waiting conversation."""

    __tablename__ = "handled"
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime]


class Upload(Base):
    """A file of patients or sessions between its preview and its import; thrown away soon after.

    ``columns`` says which column of the file stands for which of ours, ``preview`` is a digest of what was shown.
    """

    __tablename__ = "upload"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_id)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[str] = mapped_column(Text)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    preview: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class Audit(Base):
    """One thing that a member of staff did, or that somebody tried; it holds no word of a patient's."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_by_time", "at"),
        Index("audit_by_subject", "subject"),
        Index("audit_by_person", "staff_id", "at"),
        Index("audit_by_action", "action", "at"),
        Index("audit_by_person_and_action", "staff_id", "action", "at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    action: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(80))
    detail: Mapped[str] = mapped_column(Text)


@event.listens_for(Audit, "before_update")
@event.listens_for(Audit, "before_delete")
def _audit_is_immutable(mapper: Mapper[Audit], connection: object, target: Audit) -> None:
    raise ValueError(f"audit row {target.id} cannot change")
