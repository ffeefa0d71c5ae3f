"""Reading a table as spreadsheets save it, and writing one that they open without harm."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

SEPARATORS = ",;\t"
# A spreadsheet takes a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# More rows than this would hold up patients' messages while they are tried.
MOST_ROWS = 2000
MOST_CELL = 5000


class TableError(Exception):
    """The file cannot be read as a table; the message says why to a person."""


@dataclass(frozen=True)
class Table:
    """A file's header and rows; each row has the line it stands on."""

    headers: list[str]
    rows: list[tuple[int, list[str]]]


def decoded(content: bytes) -> tuple[str, bool]:
    """The text of a file, and whether it had to be read as Windows-1252, as older Excel saves it.

    Raises:
        TableError: when it is no text.
    """
    if not content.strip():
        raise TableError("The file is empty. Please choose another one.")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TableError("This is an Excel workbook. In Excel choose Save As, then CSV UTF-8, and take that file.")
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text, old = content.decode(encoding), False
    except UnicodeDecodeError:
        try:
            text, old = content.decode("cp1252"), True
        except UnicodeDecodeError:
            raise TableError("The file is no text. In your spreadsheet choose Save As, then CSV UTF-8.") from None
    if "\0" in text:
        raise TableError("The file is no text. In your spreadsheet choose Save As, then CSV UTF-8.")
    return text, old


def read_table(text: str) -> Table:
    """The table in ``text``, whichever of the usual separators it has.

    Raises:
        TableError: when it is no table, or has too many rows.
    """
    lines = text.splitlines(keepends=True)
    skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0
    body = "".join(lines[skipped:])
    first = body.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    rows = []
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    try:
        headers = [cell.strip() for cell in next(reader, [])]
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((reader.line_num + skipped, [_plain(cell) for cell in row]))
            if len(rows) > MOST_ROWS:
                raise TableError(
                    f"The file has more than {MOST_ROWS} rows. Please split it, or import it on the command line."
                )
    except csv.Error:
        raise TableError(
            f"Line {reader.line_num + skipped} cannot be read: a quotation mark may be missing there."
        ) from None
    if not rows:
        raise TableError("The file has no rows below its first line.")
    return Table(headers, rows)


def _plain(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as a file that a spreadsheet opens rightly, and in which no cell is a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([f"'{c}" if c.startswith(FORMULA) else c for c in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def normal(header: str) -> str:
    """A column's name without what people write differently: case, spaces, hyphens."""
    return "_".join(header.casefold().replace("-", " ").replace("_", " ").split())


def matched(headers: list[str], wanted: Iterable[str]) -> dict[str, str]:
    """Which of the file's columns stands for which of ours, as far as their names say."""
    known = {normal(h): h for h in reversed(headers) if h}
    return {column: known[column] for column in wanted if column in known}
