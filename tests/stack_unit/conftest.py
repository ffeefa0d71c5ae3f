"""Settings as a process finds them."""

from tests.fixtures import no_settings

__all__ = ["no_settings"]
