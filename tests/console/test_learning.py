"""What staff have the assistant learn, through the real gateway."""

import io
import json
import zipfile

import pytest

from stipple.console.listing import PAGE_SIZE
from tests.console.conftest import MISS, WATER, StaffedClinic, post, words_of

PHRASE = "is it alright if my noggin gets drenched under a waterfall"
CASE = "could a big wave splash over my scalp"
MEANT = "aftercare/water"


def first(clinic: StaffedClinic, text: str = f"Dave here, {PHRASE}", name: str = "Dave Hobbs") -> int:
    """A message of a patient's that the assistant took for another subject; its number."""
    patient = clinic.patient(f"P-{len(clinic.audit())}", name)
    talk = clinic.talk((text, [WATER | {"intent": "aftercare/hat", "topic": "hat"}]), patient=patient)
    return clinic.messages(talk)[0].id


@pytest.fixture
def message(clinic: StaffedClinic) -> int:
    return first(clinic)


def page_of(message: int) -> str:
    return f"/staff/learning/message/{message}"


def saved(clinic: StaffedClinic, message: int, role: str = "reviewer", **fields: str) -> None:
    typed = {"label": MEANT, "phrase": PHRASE, "case": CASE, "checked": "on", "do": "save"} | fields
    answer = post(clinic.signed_in(role), page_of(message), **typed)
    assert answer.status_code == 303, words_of(answer)


def test_the_page_shows_what_was_understood_and_hides_who_wrote_it(clinic: StaffedClinic, message: int) -> None:
    page = clinic.signed_in("reviewer").get(page_of(message))
    shown = words_of(page)
    assert page.status_code == 200
    assert "Aftercare: " in shown
    assert "Very sure (97 %)" in shown
    assert "D. H." in shown
    assert "Hobbs" not in page.text
    assert "“Dave” is the patient’s own name. Edit it out." in shown
    assert 'value="aftercare/water"' in page.text
    assert clinic.actions()[-1] == "viewed"


def test_only_what_a_patient_wrote_can_be_taught(clinic: StaffedClinic, message: int) -> None:
    reviewer = clinic.signed_in("reviewer")
    assert reviewer.get(page_of(message + 1)).status_code == 404
    assert reviewer.get(page_of(999)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"label": ""}, "Please choose what the patient meant."),
        ({"label": "aftercare/nothing"}, "Please choose what the patient meant."),
        ({"phrase": "", "case": ""}, "Please write words to learn from"),
        ({"phrase": "Dave would like to get drenched"}, "“Dave” (the patient’s own name)"),
        ({"phrase": "call 07700 900123 about a drenched head"}, "“07700 900123” (a phone number)"),
        ({"phrase": "write to d@x.example about a drenched head"}, "(an e-mail address)"),
        ({"case": PHRASE.upper() + "!"}, "Please ask the same in other words"),
        ({"phrase": "can i get my head wet in the shower"}, "Known already"),
        ({"phrase": "can i get my head wet in the shower", "label": "contact/hours"}, "Conflict: the same words"),
        ({"phrase": "in the shower can i get my head wet, please"}, "Almost the same is taught here already"),
        ({"case": "can i get my head wet in the shower"}, "so a test with them would prove nothing"),
        ({"case": "smp stands for??"}, "These words stand in a test already."),
        ({"label": "followup/why"}, "This can only be taught"),
        ({"phrase": "x" * 301}, "Please write at most 300 letters; these are 301."),
    ],
)
def test_what_cannot_be_saved_is_told_and_stays(
    clinic: StaffedClinic, message: int, fields: dict[str, str], told: str
) -> None:
    typed = {"label": MEANT, "phrase": PHRASE, "case": CASE, "checked": "on", "do": "save"} | fields
    answer = post(clinic.signed_in("reviewer"), page_of(message), **typed)
    assert answer.status_code == 422
    assert told in words_of(answer)
    for name in ("phrase", "case"):
        assert typed[name] in answer.text
    assert "lesson_proposed" not in clinic.actions()


def test_the_tick_is_needed(clinic: StaffedClinic, message: int) -> None:
    typed = {"label": MEANT, "phrase": PHRASE, "case": CASE, "do": "save"}
    answer = post(clinic.signed_in("reviewer"), page_of(message), **typed)
    assert "Please read your words once more, then tick this." in words_of(answer)


def test_notes_are_read_before_words_are_saved(clinic: StaffedClinic, message: int) -> None:
    typed = {"label": MEANT, "phrase": "my mate Bartholomew got his noggin drenched", "checked": "on", "do": "save"}
    reviewer = clinic.signed_in("reviewer")
    answer = post(reviewer, page_of(message), **typed)
    assert answer.status_code == 422
    assert "“Bartholomew” is written like a name" in words_of(answer)
    seen = answer.text.partition('name="seen" value="')[2].partition('"')[0]
    assert post(reviewer, page_of(message), **typed, seen=seen).status_code == 303


def test_from_a_misunderstood_message_to_files(clinic: StaffedClinic, message: int) -> None:
    saved(clinic, message)
    saved(clinic, message)
    practitioner = clinic.signed_in("practitioner")
    listed = practitioner.get("/staff/learning")
    assert listed.text.count("/staff/learning/lessons/") == 2, "pressed twice is saved once"
    shown = words_of(listed)
    for part in ("Misunderstood 1", "Wait for a decision 2", "Taught 0", "Tested 0", PHRASE, CASE):
        assert part in shown
    for number in (1, 2):
        assert post(practitioner, f"/staff/learning/lessons/{number}/accept").status_code == 303
    shown = words_of(practitioner.get("/staff/learning?state=accepted"))
    for part in ("Wait for a decision 0", "Taught 1", "Tested 1"):
        assert part in shown
    archive = zipfile.ZipFile(io.BytesIO(practitioner.get("/staff/learning/export").content))
    assert archive.namelist() == ["nlu/aftercare.yml", "learned.jsonl"]
    assert f"      - {PHRASE}\n" in archive.read("nlu/aftercare.yml").decode()
    (case,) = (json.loads(line) for line in archive.read("learned.jsonl").decode().splitlines())
    assert case["text"] == CASE
    # The patient has had no session, so no day can be asked for.
    assert case["expect"] == [{"kind": "aftercare", "topic": ["water"]}]
    done = ["lesson_proposed", "lesson_accepted", "lesson_accepted", "lessons_exported"]
    assert [a for a in clinic.actions() if a.startswith("lesson")] == ["lesson_proposed", *done]
    assert not any(PHRASE in row.detail + row.subject for row in clinic.audit())


def test_who_may_decide(clinic: StaffedClinic, message: int) -> None:
    saved(clinic, message, "practitioner")
    own, reviewer, admin = (clinic.signed_in(role) for role in ("practitioner", "reviewer", "admin"))
    lesson = "/staff/learning/lessons/1"
    answer = post(own, f"{lesson}/accept")
    assert answer.status_code == 422
    assert "a colleague must accept it" in words_of(answer)
    assert post(reviewer, f"{lesson}/accept").status_code == 403
    assert reviewer.get("/staff/learning/export").status_code == 403
    assert "A practitioner decides about this." in words_of(reviewer.get(lesson))
    answer = post(admin, f"{lesson}/reject", reason="no")
    assert answer.status_code == 422
    assert ">no</textarea>" in answer.text
    assert post(admin, f"{lesson}/reject", reason="Nobody speaks so.").status_code == 303
    assert "Nobody speaks so." in words_of(own.get(lesson))
    answer = post(own, f"{lesson}/withdraw")
    assert "Admin Person has decided about this already." in words_of(answer)
    assert post(own, "/staff/learning/lessons/2/withdraw").status_code == 303
    assert post(own, "/staff/learning/lessons/99/withdraw").status_code == 404
    # Words that were turned down or taken back can be proposed anew.
    saved(clinic, message)


def test_a_case_that_was_taught_meanwhile_cannot_be_accepted(clinic: StaffedClinic, message: int) -> None:
    saved(clinic, message, case="")
    answer = post(
        clinic.signed_in("admin"),
        page_of(first(clinic)),
        label=MEANT, phrase="", case=PHRASE, checked="on", do="save",
    )  # fmt: skip
    assert "so a test with them would prove nothing" in words_of(answer)
    answer = post(
        clinic.signed_in("admin"),
        page_of(first(clinic)),
        label="contact/hours", phrase=PHRASE, case="", checked="on", do="save",
    )  # fmt: skip
    assert "Conflict: the same words are taught as Aftercare: " in words_of(answer)


def test_messages_resolved_as_misunderstood_wait_until_somebody_looks(clinic: StaffedClinic) -> None:
    talk = clinic.talk(("blorp my noggin", [MISS]))
    asked, reply = clinic.messages(talk)
    reviewer = clinic.signed_in("reviewer")
    post(reviewer, f"/staff/items/missed/{reply.id}/resolve", code="bot_misunderstood", note="")
    listed = reviewer.get("/staff/learning")
    assert f'href="{page_of(asked.id)}"' in listed.text
    assert "Misunderstood, and not looked at yet 1" in words_of(listed)
    assert f'href="{page_of(asked.id)}"' in reviewer.get("/staff/resolved").text
    assert f'href="{page_of(asked.id)}"' in reviewer.get(f"/staff/conversations/{talk}").text
    assert post(reviewer, page_of(asked.id), do="nothing").status_code == 303
    shown = words_of(reviewer.get("/staff/learning"))
    assert "not looked at yet" not in shown
    assert "Misunderstood 1" in shown


def test_the_list_has_pages(clinic: StaffedClinic) -> None:
    for number in range(PAGE_SIZE + 1):
        letters = "".join(chr(97 + int(d)) for d in f"{number:02}")
        saved(clinic, first(clinic, "hello", "Zed Quux"), case="", phrase=f"waterfall {letters} noggin drenched")
    reviewer = clinic.signed_in("reviewer")
    assert 'rel="next"' in reviewer.get("/staff/learning").text
    assert reviewer.get("/staff/learning?page=2&kind=phrase&state=waiting").text.count("lessons/") == 1
