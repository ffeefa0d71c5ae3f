"""The file that keeps messages while the database is down: for good, once, within bounds, and for nobody else."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stipple.records.spool import AT_ONCE, FILE, Kept, Spool, SpoolError, from_conversation

ANN, BEN = from_conversation("ann"), from_conversation("ben")
SIGNS = {"kind": "red_flag", "topic": "pus", "urgency": "doctor"}


def kept(client_id: str = "client-1", text: str = "My secret worry") -> Kept:
    told = {"moment": "2026-06-10T09:00:00Z", "channel": "web", "client_id": client_id, "text": text}
    return Kept.model_validate(
        told | {"choice": None, "visitor": False, "reply": "Call us.", "trace": [SIGNS], "outcome": "fallback"}
    )


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def texts(spool: Spool) -> list[str]:
    return [Kept.model_validate_json(row.content).text for row in spool.waiting()]


def test_what_was_kept_comes_back_whole_and_in_order(spool: Spool) -> None:
    for number in range(3):
        spool.add(ANN if number % 2 else BEN, kept(f"client-{number}", f"Message {number}"))
    assert texts(Spool(spool.path.parent)) == ["Message 0", "Message 1", "Message 2"]
    assert Kept.model_validate_json(spool.waiting()[0].content) == kept("client-0", "Message 0")
    assert [row.sender for row in spool.waiting(0, [ANN])] == [ANN]
    assert spool.waiting(0, []) == []


def test_nobody_else_may_read_it(spool: Spool, open_umask: None) -> None:
    spool.add(ANN, kept())
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.path.parent.stat().st_mode) == 0o700


def test_a_message_is_there_once_for_each_sender(spool: Spool) -> None:
    for sender in (ANN, ANN, BEN):
        spool.add(sender, kept())
    assert [row.sender for row in spool.waiting()] == [ANN, BEN]


def test_the_file_is_there_only_while_something_waits(spool: Spool) -> None:
    assert spool.waiting() == []
    assert not spool.path.parent.exists()
    spool.add(ANN, kept())
    spool.remove(spool.waiting()[0].id)
    assert not spool.path.exists()


def test_what_went_cannot_be_read_in_the_file(spool: Spool) -> None:
    spool.add(ANN, kept())
    spool.add(BEN, kept(text="Another"))
    assert b"secret" in spool.path.read_bytes()
    spool.remove(spool.waiting()[0].id)
    assert texts(spool) == ["Another"]
    assert b"secret" not in spool.path.read_bytes()


def test_what_is_set_aside_waits_no_more_and_can_be_forgotten(spool: Spool) -> None:
    for sender in (ANN, BEN):
        spool.add(sender, kept())
    spool.set_aside(spool.waiting()[0].id)
    assert [row.sender for row in spool.waiting()] == [BEN]
    spool.forget([ANN])
    spool.forget([])
    assert [row.sender for row in spool.waiting()] == [BEN]
    spool.forget([BEN])
    assert not spool.path.exists()


def test_when_it_is_full_the_oldest_stay(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most_bytes=64 * 1024)

    def fill() -> None:
        for number in range(100):
            spool.add(ANN, kept(f"client-{number}", f"{number} " + "x" * 2000))

    with pytest.raises(SpoolError, match="its file is full"):
        fill()
    assert spool.path.stat().st_size <= 64 * 1024
    assert [text.split()[0] for text in texts(spool)] == [str(n) for n in range(len(texts(spool)))]
    assert len(texts(spool)) > 10
    for row in spool.waiting():
        spool.remove(row.id)
    spool.add(ANN, kept())
    assert texts(spool) == ["My secret worry"]


def test_many_are_read_in_parts(spool: Spool) -> None:
    for number in range(AT_ONCE + 1):
        spool.add(ANN, kept(f"client-{number}"))
    first = spool.waiting()
    assert (len(first), len(spool.waiting(first[-1].id))) == (AT_ONCE, 1)


@pytest.mark.parametrize("whole", [True, False])
def test_a_damaged_file_is_put_away_and_another_one_begun(
    spool: Spool, caplog: pytest.LogCaptureFixture, whole: bool
) -> None:
    for number in range(30):
        spool.add(ANN, kept(f"client-{number}", "My secret worry " * 50))
    content = spool.path.read_bytes()
    spool.path.write_bytes(b"x" * len(content) if whole else content[:4096] + b"x" * (len(content) - 4096))
    spool.add(BEN, kept(text="After it"))
    assert texts(spool) == ["After it"]
    assert [f.name for f in spool.path.parent.glob("*damaged*")] == [f"{FILE}.damaged-1"]
    assert "damaged" in caplog.text
    assert "secret" not in caplog.text


def test_a_folder_that_cannot_be_used_is_an_error_without_words(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("no folder")
    with pytest.raises(SpoolError, match="cannot be used") as error:
        Spool(tmp_path / "spool").add(ANN, kept())
    assert "secret" not in str(error.value)


ADDING = """
import sys
from pathlib import Path
from stipple.records.spool import Spool
from tests.records.test_spool import ANN, kept
for number in range(20):
    Spool(Path(sys.argv[1])).add(ANN, kept(f"{sys.argv[2]}-{number}"))
"""


def test_nothing_is_lost_when_processes_write_while_another_empties_it(spool: Spool) -> None:
    found: list[str] = []

    def empty() -> None:
        while len(found) < 60:
            for row in spool.waiting():
                found.append(Kept.model_validate_json(row.content).client_id)
                spool.remove(row.id)

    folder = str(spool.path.parent)
    writers = [subprocess.Popen([sys.executable, "-c", ADDING, folder, f"writer-{n}"]) for n in range(3)]
    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(empty)
        assert [writer.wait(60) for writer in writers] == [0, 0, 0]
        done.result(60)
    assert sorted(found) == sorted(f"writer-{n}-{m}" for n in range(3) for m in range(20))
    assert not spool.path.exists()
