"""What somebody says of the advice to be seen, in words that the tests' cases do not hold."""

import pytest

from stipple.care.advice import said_of_advice


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("spoke to the pharmacist, she says hay fever", "seen"),
        ("A&E gave me tablets for it", "seen"),
        ("they've put her on a drip", "seen"),
        ("they have taken him in", "seen"),
        ("she's in hospital now", "seen"),
        ("ambulance is on its way", "seen"),
        ("nurse appointment at 4 today. can I keep my hat on", "booked"),
        ("booked my gp for friday", "booked"),
        ("I did ring, nobody was worried", "seen"),
        ("bloods came back normal", "seen"),
        ("haven't rung 111 yet", None),
        ("they say i should go to hospital", None),
        ("if the doctor says so I will", None),
        ("I'll see my gp tomorrow", None),
        ("should i have called an ambulance", None),
        ("rang 111, no one picks up", "wait"),
        ("my gp says thursday earliest", "wait"),
        ("i called an ambulance and they hung up on me", "wait"),
        ("can the redness wait until monday?", "wait"),
        ("do i really have to call", "wait"),
        ("i'm not going to bother the hospital with it", "wait"),
        ("no need for 111, it has gone", "wait"),
        ("I'll see how it goes", "wait"),
        ("why do you keep telling me to ring", "reminder"),
        ("please stop sending that number", "reminder"),
        ("why on earth would I ring them", "reminder"),
        ("you keep going on about it", "reminder"),
        ("why is it still red", None),
        ("why does it keep bleeding again", None),
        ("can i stop giving him the tablets", None),
        ("should i stop with the cream", None),
        ("they gave me a balm after my session, can I use it", None),
        ("my mates, they think I look like a tomato", None),
        ("I work in hospital laundry", None),
        ("i rang you lot this morning", None),
        ("can I swim on saturday", None),
        ("my wife is a nurse", None),
    ],
)
def test_what_is_said_of_the_advice(text: str, said: str | None) -> None:
    assert said_of_advice(text) == said
