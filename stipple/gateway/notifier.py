"""Telling staff of danger signs by mail, again and again until somebody takes them.

The mail holds no name and no word of the patient's: a mailbox is no place for a medical record.
"""

import asyncio
import logging
import smtplib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from stipple.records.alerts import claim_due_alerts
from stipple.records.database import Database
from stipple.records.models import Alert
from stipple.settings import Settings

# How often the alerts are looked through; a new one is told at once.
LOOK_SECONDS = 20.0
MAIL_TIMEOUT_SECONDS = 15
SMTP_PORT, SMTPS_PORT = 25, 465
SUBJECTS = {
    "crisis": "CRISIS: a patient may harm themselves",
    "emergency": "EMERGENCY: a patient was told to call the emergency number",
    "doctor": "Danger sign: a patient was told to see a doctor today",
    "clinic": "A patient was told to call the clinic today",
}

log = logging.getLogger(__name__)


class Notifier:
    """Watches the alerts of one clinic; one for each gateway process."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task[bool]] = set()

    def wake(self) -> None:
        """Look through the alerts now: one was raised."""
        self._woken.set()

    async def run(self) -> None:
        """Tell staff of every alert that is due, for as long as the gateway runs."""
        while True:
            try:
                await asyncio.to_thread(self.tell_due, datetime.now(UTC))
            except Exception as error:
                # The watch must outlive a database that is down for a while.
                log.error("danger signs could not be looked through: %s", type(error).__name__)
            self._woken.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_SECONDS)

    def tell_due(self, now: datetime) -> int:
        """Mail what is due at ``now``; how many alerts were told. One that cannot be sent stays due."""
        with self._database.begin() as db:
            due = claim_due_alerts(db, now, timedelta(minutes=self._settings.alert_repeat_minutes))
        if due and not self._mail([_line(alert) for alert in due], due[0].level):
            with self._database.begin() as db:
                for alert in due:
                    db.merge(alert).told_at = None
            return 0
        return len(due)

    def tell_unlogged(self, level: str, kept: bool) -> None:
        """Mail a danger sign that no table holds, because the database is down.

        ``kept`` tells whether the message will be there to read once the database is back, and its alert with it.
        """
        what = "can be read when the database is back" if kept else "is lost"
        line = f"{level}, just now. The database is down: somebody was told what to do, and the message {what}."
        self._sending.add(task := asyncio.create_task(asyncio.to_thread(self._mail, [line], level)))
        task.add_done_callback(self._sending.discard)

    def _mail(self, lines: list[str], level: str) -> bool:
        log.warning("danger signs that wait for a person: %d, the first of level %s", len(lines), level)
        if not self._settings.mail_url:
            return True
        message = EmailMessage()
        message["Subject"] = SUBJECTS[level]
        message["From"], message["To"] = self._settings.mail_from, ", ".join(self._settings.alert_addresses)
        where = f"See who it is, and take it, at {self._settings.base_url}/staff or with: stipple alerts list"
        message.set_content("\n".join([*lines, "", where, "This mail comes again until somebody takes it."]))
        try:
            send_mail(self._settings.mail_url, message)
        except (OSError, smtplib.SMTPException) as error:
            log.error("the mail relay did not take an alert: %s", type(error).__name__)
            return False
        return True


def _line(alert: Alert) -> str:
    day = "healing day not known" if alert.healing_day is None else f"healing day {alert.healing_day}"
    return f"{alert.level}, since {alert.raised_at:%Y-%m-%d %H:%M} UTC, {day} (alert {alert.id})"


def send_mail(url: str, message: EmailMessage) -> None:
    """Hand ``message`` to the relay at ``smtp://`` (with TLS when the relay offers it) or ``smtps://``.

    Raises:
        OSError: when the relay cannot be reached.
        SMTPException: when it refuses.
    """
    relay = urlsplit(url)
    host = relay.hostname or ""
    if relay.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, relay.port or SMTPS_PORT, timeout=MAIL_TIMEOUT_SECONDS)
    else:
        connection = smtplib.SMTP(host, relay.port or SMTP_PORT, timeout=MAIL_TIMEOUT_SECONDS)
    with connection:
        connection.ehlo()
        if relay.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls()
            connection.ehlo()
        if relay.username:
            connection.login(unquote(relay.username), unquote(relay.password or ""))
        connection.send_message(message)
