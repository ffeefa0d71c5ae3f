"""Settings of every Stipple process, read from the environment (``STIPPLE_…``) or a ``.env`` file."""

from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from cryptography.fernet import Fernet
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting is missing or bad; the message names it in one line."""


class Settings(BaseSettings):
    """One instance describes one running stack.

    ``environment`` decides what is allowed: ``demo`` fills an invented clinic when the database is
    empty, ``production`` insists on the settings a public server needs, ``test`` opens the case
    interface that `stipple evaluate` uses.
    """

    model_config = SettingsConfigDict(env_prefix="STIPPLE_", env_file=ROOT / ".env", extra="forbid")

    environment: Literal["demo", "production", "test"] = "demo"
    database_url: str = f"sqlite:///{ROOT / 'var' / 'stipple.db'}"
    engine_database_url: str = f"sqlite:///{ROOT / 'var' / 'engine.db'}"
    spool_dir: Path = ROOT / "var" / "spool"
    content_dir: Path = ROOT / "data" / "clinic"
    model_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535)
    engine_port: int = Field(5005, ge=1, le=65535)
    action_port: int = Field(5055, ge=1, le=65535)
    public_url: str = ""
    reply_timeout_seconds: float = Field(4.0, gt=0, le=30)
    message_limit: int = Field(2000, ge=100, le=10000)
    mail_url: str = ""
    mail_from: str = ""
    alert_emails: str = ""
    alert_repeat_minutes: float = Field(10.0, gt=0, le=24 * 60)
    secret_key: str = Field("", repr=False)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url.startswith("postgresql://"):
            url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return url

    @field_validator("engine_database_url")
    @classmethod
    def _known_engine_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must start with sqlite:/// or postgresql://")
        return url

    @field_validator("mail_url")
    @classmethod
    def _known_relay(cls, url: str) -> str:
        if url and not url.startswith(("smtp://", "smtps://")):
            raise ValueError("must start with smtp:// or smtps://")
        return url

    @field_validator("secret_key")
    @classmethod
    def _known_keys(cls, keys: str) -> str:
        try:
            for key in _parts(keys):
                Fernet(key)
        except ValueError:
            raise ValueError("is no key; make one with: stipple staff new-key") from None
        return keys

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.environment == "production" and not self.public_url.startswith("https://"):
            raise ValueError("STIPPLE_PUBLIC_URL must be set to the clinic's https:// address in production")
        mail = {
            "STIPPLE_MAIL_URL": self.mail_url,
            "STIPPLE_MAIL_FROM": self.mail_from,
            "STIPPLE_ALERT_EMAILS": self.alert_emails,
        }
        missing = [name for name, value in mail.items() if not value.strip()]
        if missing and (self.environment == "production" or self.mail_url):
            raise ValueError(f"{', '.join(missing)} must be set, so that staff hear of danger signs")
        if self.environment == "production" and not self.secret_keys:
            raise ValueError("STIPPLE_SECRET_KEY must be set in production; make one with: stipple staff new-key")
        if len({self.port, self.engine_port, self.action_port}) < 3:
            raise ValueError("STIPPLE_PORT, STIPPLE_ENGINE_PORT and STIPPLE_ACTION_PORT must differ")
        return self

    @property
    def base_url(self) -> str:
        """Address under which patients reach the gateway, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def alert_addresses(self) -> list[str]:
        """Who is told of danger signs."""
        return _parts(self.alert_emails)

    @property
    def secret_keys(self) -> list[str]:
        """The keys that seal staff's secrets in the database: the first one seals, each of them opens."""
        return _parts(self.secret_key)

    @property
    def engine_url(self) -> str:
        """Address of Rasa on loopback."""
        return f"http://127.0.0.1:{self.engine_port}"

    @property
    def action_url(self) -> str:
        """Address of the action server on loopback."""
        return f"http://127.0.0.1:{self.action_port}"


def _parts(text: str) -> list[str]:
    """What stands between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


@lru_cache
def get_settings() -> Settings:
    """Read the settings once per process.

    Raises:
        SettingsError: naming each setting that is missing or wrong, and why.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"{_variable(e['loc'])}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise SettingsError("; ".join(problems)) from None


def _variable(location: tuple[int | str, ...]) -> str:
    """The environment variable at fault; an unknown line of the ``.env`` file stands there under its whole name."""
    name = "_".join(map(str, location))
    return f"STIPPLE_{name.upper()}" if name in Settings.model_fields else name.upper() or "settings"
