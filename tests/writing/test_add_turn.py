"""A writer goes on with the conversation: another user turn and another answer."""

from tests.cast import Cast
from tests.writing import work


def test_two_empty_turns_follow_and_what_was_written_is_saved(cast: Cast, taken: int) -> None:
    answer = work.post(cast.author, f"/write/{taken}/add-turn", response="Scattering.", revision=0)
    assert answer.status_code == 303
    assert work.stored(cast.author, taken)["messages"] == work.turns("Scattering.", "", "")
    assert cast.author.get(f"/write/{taken}").text.count('name="response"') == 3


def test_all_turns_are_handed_in_together(cast: Cast, taken: int) -> None:
    work.post(cast.author, f"/write/{taken}/add-turn", response="Scattering.", revision=0)
    form = {"response": ["Scattering.", "And at sunset?", "More air."], "revision": 2}
    assert work.post(cast.author, f"/write/{taken}", **form).status_code == 303
    [line] = cast.author.get("/api/v1/submissions").json()["submissions"]
    [revision] = cast.author.get(f"/api/v1/submissions/{line['id']}").json()["revisions"]
    assert revision["messages"] == work.turns("Scattering.", "And at sunset?", "More air.")


def test_on_an_older_draft_nothing_is_added(cast: Cast, taken: int) -> None:
    work.save(cast.author, taken, "Newer")
    assert work.post(cast.author, f"/write/{taken}/add-turn", response="Older", revision=0).status_code == 409
    assert work.stored(cast.author, taken)["messages"] == work.turns("Newer")
