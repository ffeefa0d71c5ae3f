"""Everything held of one patient as a file: for programs, and to read."""

import io
import json
import zipfile
from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as DbSession

from stipple.console.audit import note
from stipple.console.patients.changing import find
from stipple.console.patients.erasing import owner_of
from stipple.console.render import environment
from stipple.content.pack import Pack
from stipple.records.holdings import read_rows
from stipple.records.models import Patient

AUTHORS = {"patient": "Patient", "assistant": "Assistant", "staff": "Staff"}
ABOUT = "Everything that is held of this patient. Times are in UTC. “staff” stands for whoever works at the clinic."


def export(db: DbSession, patient_id: str, pack: Pack, now: datetime, staff_id: int | None) -> bytes:
    """A zip with ``patient.json``, which holds everything, and ``conversations.html``, to read; the export is noted.

    Raises:
        GoneError: when there is no such patient.
    """
    patient = find(db, patient_id)
    note(db, now, "exported", f"patient/{patient_id}", staff_id, "" if staff_id else "command line")
    rows = read_rows(db, owner_of(patient))
    about = {"clinic": pack.profile.name, "exported_at": now.isoformat(), "about": ABOUT}
    told = json.dumps(about | rows, ensure_ascii=False, indent=1)
    return _zipped({"patient.json": told, "conversations.html": _readable(patient, rows, pack, now)}, now, pack)


def _readable(patient: Patient, rows: dict[str, list[dict[str, Any]]], pack: Pack, now: datetime) -> str:
    said: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in sorted(rows["message"], key=lambda row: row["sequence"]):
        message = {"author": AUTHORS[row["author"]], "text": row["text"], "at": _local(row["sent_at"], pack)}
        said[row["conversation_id"]].append(message)
    begun = sorted(rows["conversation"], key=lambda row: row["created_at"])
    talks = [(_local(row["created_at"], pack), said[row["id"]]) for row in begun]
    values = {"patient": patient, "talks": talks, "profile": pack.profile, "at": _local(now.isoformat(), pack)}
    return environment.get_template("patients/export.html").render(values)


def _local(moment: str, pack: Pack) -> str:
    local = datetime.fromisoformat(moment).astimezone(pack.profile.zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def _zipped(files: dict[str, str], now: datetime, pack: Pack) -> bytes:
    made = io.BytesIO()
    at = now.astimezone(pack.profile.zone)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.encode())
    return made.getvalue()


def file_name(patient: Patient) -> str:
    """What the file is called, in plain letters that every system takes."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in patient.reference)
    return f"patient-{kept}.zip"
