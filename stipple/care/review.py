"""Reading conversations back: which verdicts there are, which conversation is worth reading, and which twice."""

import hashlib
from dataclasses import dataclass

VERDICTS = {
    "well": "Answered well",
    "unclear": "Unclear wording",
    "wrong": "Wrong answer",
    "safety": "Safety concern",
}
# Every so many of the reviewed conversations are judged by a second person.
SECOND_SHARE = 0.2
# An answer given with less certainty than this is worth a look.
UNSURE = 0.6


def needs_second(conversation_id: str) -> bool:
    """Whether a second person judges the conversation as well.

    It follows from the conversation alone, so that nobody can choose, and asking twice changes nothing.
    """
    digest = hashlib.sha256(f"second review {conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < SECOND_SHARE * 2**64


@dataclass(frozen=True)
class Worth:
    """What makes a conversation worth reading: danger signs, signals outright, hints of them, and unsure answers."""

    dangers: int = 0
    explicit: int = 0
    implicit: int = 0
    unsure: int = 0

    @property
    def points(self) -> int:
        """The more, the sooner it should be read."""
        return 4 * self.dangers + 3 * self.explicit + 2 * self.implicit + self.unsure

    @property
    def words(self) -> str:
        """Why to read it, for a person."""
        found = (
            (self.dangers, "danger sign", "danger signs"),
            (self.explicit + self.implicit, "sign of confusion", "signs of confusion"),
            (self.unsure, "unsure answer", "unsure answers"),
        )
        return ", ".join(f"{n} {one if n == 1 else more}" for n, one, more in found if n) or "nothing stands out"
