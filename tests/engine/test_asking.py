"""Messages that teach how many things are asked: joined from phrases, and the written ones divided."""

from engine.understanding.asking import as_one, asked_together, going_on, joined
from stipple.phrases import AskingMessage, Exchange, Phrase, held_back, taught

WAIT = "followup/wait"
PHRASES = [
    *(Phrase("aftercare/hat", text, "a.yml") for text in ("my cap tonight?", "is a beanie ok")),
    *(Phrase("aftercare/swimming", text, "a.yml") for text in ("the pool on sunday", "can i swim")),
    *(Phrase("aftercare/sun", text, "a.yml") for text in ("a day at the beach", "no shade there")),
    *(Phrase("about_smp/cost", text, "b.yml") for text in ("how much is it", "the price?")),
    Phrase("about_smp/pain", "does it hurt", "b.yml"),
    Phrase("contact/hours", "open on monday?", "b.yml"),
    Phrase("smalltalk/thanks", "cheers lovely", "c.yml"),
    Phrase("red_flag/pus", "yellow goo", "d.yml"),
    Phrase("followup/why", "how come", "e.yml"),
]


def said(message: AskingMessage) -> list[str]:
    """Labels of the phrases that stand in the message."""
    return [p.label for p in PHRASES if p.text.rstrip("?") in message.text]


def test_a_joined_message_asks_what_its_phrases_ask_and_small_talk_asks_nothing() -> None:
    messages = joined(PHRASES, 400, seed=1)
    assert {len(m.asked) for m in messages} == {1, 2, 3}
    for message in messages:
        assert set(said(message)) - {"smalltalk/thanks"} == set(message.asked), message
    assert any(said(m).count("aftercare/hat") == 2 and m.asked == ("aftercare/hat",) for m in messages)
    assert any("smalltalk/thanks" in said(m) and len(m.asked) == 1 for m in messages)


def test_joined_messages_are_the_same_for_the_same_seed() -> None:
    assert joined(PHRASES, 20, seed=1) == joined(PHRASES, 20, seed=1) != joined(PHRASES, 20, seed=2)


def test_every_third_written_message_is_held_back_and_the_others_are_taught() -> None:
    messages = [AskingMessage(("aftercare/hat",), str(number), "a.jsonl") for number in range(7)]
    assert [m.text for m in held_back(messages)] == ["0", "3", "6"]
    assert sorted(held_back(messages) + taught(messages)) == sorted(messages)


def test_a_file_more_moves_no_message_from_one_side_to_the_other() -> None:
    old, new = ([AskingMessage(("aftercare/hat",), f"{file} {n}", file) for n in range(4)] for file in ("b", "a"))
    assert [m for m in held_back([*new, *old]) if m in old] == held_back(old)


def exchange(text: str, *asked: str) -> Exchange:
    return Exchange("can i swim?", ("aftercare/swimming",), text, asked, "a.jsonl")


def test_two_messages_read_as_one_ask_what_both_ask_and_a_reason_is_no_subject() -> None:
    found = asked_together([exchange("and my cap", "aftercare/hat"), exchange("how come", "followup/why")])
    assert [(m.text, m.asked) for m in found] == [
        ("can i swim. and my cap", ("aftercare/swimming", "aftercare/hat")),
        ("can i swim. how come", ("aftercare/swimming",)),
    ]


def test_a_danger_sign_before_is_no_subject_of_both() -> None:
    (both,) = asked_together([Exchange("it bleeds", ("red_flag/heavy_bleeding",), "who drives me", (WAIT,), "a.jsonl")])
    assert both.asked == (WAIT,)


def test_of_a_long_message_before_the_end_is_read() -> None:
    read = as_one(" ".join(f"w{number}" for number in range(200)) + " can i swim?", "every day?")
    assert read.endswith("w199 can i swim. every day?")
    assert len(read.split()) < 50


def test_only_what_asks_the_same_again_leans_on_the_message_before() -> None:
    exchanges = [exchange("every day?", "aftercare/swimming"), exchange("and my cap", "aftercare/hat")]
    assert going_on(exchanges) == [Phrase("followup/more", "every day?", "a.jsonl")]
