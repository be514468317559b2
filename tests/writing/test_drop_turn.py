"""The last two turns can be taken away again while nothing is in them."""

from tests.cast import Cast
from tests.writing import work


def test_empty_turns_are_taken_away(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Scattering.", "", " ")
    work.post(cast.author, f"/write/{taken}/drop-turn", response=["Scattering.", "", " "], revision=1)
    assert work.stored(cast.author, taken)["messages"] == work.turns("Scattering.")


def test_turns_with_text_in_them_stay(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Scattering.", "And at sunset?", "")
    form = {"response": ["Scattering.", "And at sunset?", "More"], "revision": 1}
    answer = work.post(cast.author, f"/write/{taken}/drop-turn", **form)
    assert answer.status_code == 409
    assert "There is text in the last two turns." in answer.text
    assert work.stored(cast.author, taken)["messages"] == work.turns("Scattering.", "And at sunset?", "More")


def test_the_only_turn_stays(cast: Cast, taken: int) -> None:
    assert work.post(cast.author, f"/write/{taken}/drop-turn", response="", revision=0).status_code == 409
