"""Many watch a run: who has seen its state is sent nothing, and the more there are, the more slowly each asks."""

from sqlalchemy.orm import Session

from app.datasets.models import Version
from app.training import service
from app.training.watching import Watching
from app.training.worker.events import EventKind
from tests.cast import Cast
from tests.training.made import began, event, started


def asks(page: str) -> str:
    """The address that a page at work asks again."""
    return page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")


def test_who_has_seen_the_state_is_sent_nothing_until_the_run_tells_more(
    cast: Cast, queued: int, session: Session
) -> None:
    began(session, queued)
    address = asks(cast.reviewer.get(f"/runs/{queued}").text)
    unchanged = cast.reviewer.get(address)
    assert (unchanged.status_code, unchanged.text) == (204, "")
    service.keep_events(session, queued, [event(EventKind.CHECKPOINT, 13, step=12, folder="checkpoints/checkpoint-12")])
    session.commit()
    changed = cast.reviewer.get(address)
    assert "step    12  saved a checkpoint" in changed.text
    assert asks(changed.text) != address


def test_a_stop_is_a_new_state(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    address = asks(cast.reviewer.get(f"/runs/{queued}").text)
    cast.admin.post(f"/runs/{queued}/stop")
    assert "stopping" in cast.reviewer.get(address).text


def test_a_curve_goes_on_along_what_was_chosen(cast: Cast, queued: int, session: Session) -> None:
    began(session, queued)
    page = cast.reviewer.get(f"/runs/{queued}?along=tokens").text
    assert 'aria-label="Loss by tokens.' in page
    assert "along=tokens" in asks(page)
    assert cast.reviewer.get(f"/runs/{queued}?along=miles").status_code == 422


def test_two_hundred_watchers_together_ask_twenty_times_a_second_also_while_the_site_is_slow_to_answer() -> None:
    now = [0.0]
    watching = Watching(lambda: now[0])
    told: dict[int, int] = {}
    for question in range(400):  # five a second are answered
        now[0] = question / 5
        told[question % 200] = watching.pace(question % 200, 1)
    assert set(told.values()) == {10}
    assert watching.pace(7, 1) == 10, "once, however often they ask"


def test_when_most_have_gone_the_others_ask_faster_again() -> None:
    now = [0.0]
    watching = Watching(lambda: now[0])
    paces = [watching.pace(watcher, 1) for watcher in range(200)]
    assert (paces[0], paces[39], paces[40], paces[-1]) == (2, 2, 5, 10)
    now[0] = 100
    assert watching.pace(1, 1) == 2


def test_a_state_is_drawn_once_however_many_watch() -> None:
    watching = Watching()
    drawn: list[str] = []

    def draw() -> tuple[str, bool]:
        drawn.append(state)
        return state, state != "gone on meanwhile"

    for state in ("a", "a", "b", "gone on meanwhile", "a", "gone on meanwhile"):
        assert watching.drawn(state, draw) == state
    assert drawn == ["a", "b", "gone on meanwhile", "gone on meanwhile"]


def test_who_leads_and_who_reviews_see_one_state_each_with_what_they_may_do(
    cast: Cast, queued: int, session: Session
) -> None:
    began(session, queued)
    addresses = [asks(person.get(f"/runs/{queued}").text) for person in (cast.admin, cast.reviewer, cast.admin)]
    service.keep_events(session, queued, [event(EventKind.CHECKPOINT, 13, step=12, folder="checkpoints/checkpoint-12")])
    session.commit()
    parts = [
        person.get(address).text
        for person, address in zip((cast.admin, cast.reviewer, cast.admin), addresses, strict=True)
    ]
    assert ["Stop, keep the last checkpoint" in part for part in parts] == [True, False, True]


def test_a_run_is_repeated_with_its_settings_in_the_form(cast: Cast, version: Version) -> None:
    queued = started(cast.admin, version, epochs=2.5, max_steps=40)
    again = cast.admin.get(f"/runs/{queued}").text.split("Repeat with changes")[0].rsplit('href="', 1)[1].split('"')[0]
    page = cast.admin.get(again).text
    assert f'The settings are those of <a href="/runs/{queued}">run 1</a>' in page
    for name, value in {"epochs": "2.5", "max_steps": "40"}.items():
        field = page.split(f'name="{name}"')[1].split(">")[0]
        assert f'value="{value}"' in field
