"""Passwords and one-time codes of staff accounts."""

import hmac
import secrets
import threading
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_LENGTH, MOST_LENGTH = 12, 200
LEAST_DIFFERENT = 4
STEP_SECONDS = 30
ISSUER = "Stipple"

_hasher = PasswordHasher()
# Each hash takes 64 MB; many sign-ins at once must not take the machine's memory.
_few_at_once = threading.BoundedSemaphore(2)


class PasswordError(Exception):
    """A password that is not accepted; the message says why, to the person who chose it."""


def check_password(password: str, email: str) -> None:
    """Check a newly chosen password.

    Raises:
        PasswordError: when it is too short or too long, easily guessed, or made from the e-mail address.
    """
    if len(password) < LEAST_LENGTH:
        raise PasswordError(f"the password has {len(password)} characters and needs at least {LEAST_LENGTH}")
    if len(password) > MOST_LENGTH:
        raise PasswordError(f"the password has {len(password)} characters and may have at most {MOST_LENGTH}")
    if len(set(password.lower())) < LEAST_DIFFERENT:
        raise PasswordError(f"the password needs at least {LEAST_DIFFERENT} different characters")
    if email.partition("@")[0].lower() in password.lower():
        raise PasswordError("the password must not contain the name in the e-mail address")


def hash_password(password: str) -> str:
    """What is stored of a password (Argon2id)."""
    with _few_at_once:
        return _hasher.hash(password)


# Verified for an unknown e-mail address, so that the time taken does not tell that there is no account.
NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def is_password(stored: str, password: str) -> bool:
    """Whether ``password`` is the one that was stored."""
    with _few_at_once:
        try:
            return _hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def code_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a one-time code belongs to; None when it is wrong. One step of clock difference is allowed."""
    digits = "".join(code.split())
    present = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    nearby = (present, present - 1, present + 1)
    # Each is compared, so that the time taken does not tell which one fits.
    fitting = [step for step in nearby if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())]
    return fitting[0] if fitting else None


def new_totp_secret() -> str:
    """A secret for an authenticator app."""
    return pyotp.random_base32()


def totp_uri(secret: str, email: str) -> str:
    """The address that an authenticator app reads, usually as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
