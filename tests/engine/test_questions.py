"""What is believed is answered, what is half believed is offered, and nothing is both."""

from engine.understanding.evidence import Suggestion
from engine.understanding.model import Guess
from engine.understanding.parts import Part, Reading
from engine.understanding.questions import _after, _possible, _several
from engine.understanding.segments import Segment


def believed(label: str, belief: float, by_part: bool = True, start: int = 0) -> tuple[Suggestion, float]:
    part = Part(Segment("a part", start, start + 6), [Guess(label, 0.5), Guess("aftercare/food", 0.2)], 0.8, [])
    return Suggestion(label, part, by_part, []), belief


def test_what_is_asked_stands_in_the_order_of_the_message() -> None:
    found = [believed("hat", 0.9, start=20), believed("water", 0.41), believed("sun", 0.3)]
    assert [q.label for q in _several(found)] == ["water", "hat"]


def test_what_only_the_whole_suggests_must_be_believed_more() -> None:
    assert _several([believed("hat", 0.45, by_part=False)]) == []
    assert [q.label for q in _several([believed("hat", 0.45)])] == ["hat"]


def test_the_likeliest_of_the_rest_are_offered_unless_they_are_asked() -> None:
    guesses = [Guess(label, chance) for label, chance in (("a", 0.9), ("b", 0.2), ("c", 0.35), ("d", 0.3))]
    assert [g.label for g in _possible(guesses, _several([believed("a", 0.9)]))] == ["c", "d"]


def test_after_another_message_the_likeliest_is_asked_and_all_that_is_believed_beside_it() -> None:
    part = believed("a", 0.9)[0].part
    alone = _several([believed("a", 0.9), believed("b", 0.8, start=9)])
    both, other = ([Guess("a", 0.9), Guess("b", 0.6)], [Guess("c", 0.4), Guess("a", 0.3)])
    assert [[q.label for q in _after(guesses, Reading(part, [], []), alone)] for guesses in (both, other)] == [
        ["a", "b"],
        ["c"],
    ]
