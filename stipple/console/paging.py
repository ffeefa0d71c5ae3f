"""Lists that are shown a page at a time; pages count from 1."""

from dataclasses import dataclass

MOST_PAGES = 10_000


@dataclass(frozen=True)
class Listing[Row]:
    """One page of a list."""

    rows: list[Row]
    total: int
    page: int
    pages: int


def read_page(number: str) -> int:
    """The page of a list that an address asks for."""
    return min(max(int(number), 1), MOST_PAGES) if number.isascii() and number.isdigit() and len(number) < 9 else 1


def pages_of(total: int, size: int) -> int:
    """How many pages of ``size`` rows ``total`` rows fill; an empty list has one too."""
    return max(1, -(-total // size))
