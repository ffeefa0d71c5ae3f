"""Keeping short secrets unreadable in the database and in its backups: sealed with a key that lies elsewhere."""

from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from stipple.settings import ROOT, Settings

# Where the key lies when none is set, which production does not allow.
KEY_FILE = ROOT / "var" / "secret.key"


class SealError(Exception):
    """Something that none of the keys opens, or that is too old."""


def new_key() -> str:
    """A fresh key, as ``STIPPLE_SECRET_KEY`` wants it."""
    return Fernet.generate_key().decode()


class Sealer:
    """Seals with the first key of the settings, and opens with each of them, so that a key can be replaced."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _keys(self) -> MultiFernet:
        # Not read before something is sealed: without two-step sign-in no key is needed.
        keys = self._settings.secret_keys or [_key_of(KEY_FILE)]
        return MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str) -> str:
        """The secret as it may be stored."""
        return self._keys.encrypt(secret.encode()).decode()

    def open(self, sealed: str, within: timedelta | None = None) -> str:
        """What was sealed, if it was sealed ``within`` this time.

        Raises:
            SealError: when no key fits, the text was changed, or it is older than that.
        """
        try:
            return self._keys.decrypt(sealed.encode(), int(within.total_seconds()) if within else None).decode()
        except (InvalidToken, UnicodeError):
            raise SealError from None


def _key_of(file: Path) -> str:
    """The key in the file, which is made, for its owner alone, where there is none."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=file.parent) as made:
            made.write(new_key())
            made.flush()
            # Linked when it is whole: of two processes at the same moment one makes the file, and both read that one.
            with suppress(FileExistsError):
                file.hardlink_to(made.name)
    return file.read_text(encoding="utf-8").strip()
