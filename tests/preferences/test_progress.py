"""A judge sees how far they are today, and no number tells which comparison is a check."""

import re

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.preferences.models import Comparison, Purpose
from app.preferences.progress import Progress
from tests.cast import Cast, Client
from tests.preferences.conftest import MakeSet, judged, pair, took


def told(client: Client, project_id: int) -> list[tuple[str, str]]:
    """How many were compared today, and how many more wait, as the page says."""
    html = client.get(f"/projects/{project_id}/compare").text
    return re.findall(r">(\d+) compared today, ([\w ]+) more wait<", html)


def test_each_answer_counts_alike_a_check_as_well(cast: Cast, session: Session, make_set: MakeSet) -> None:  # S47
    make_set(*(pair(at) for at in range(1, 15)), pair(15, known=True), check_every=1)
    seen = []
    for word in ("left", "right", "cannot_judge"):
        mine = took(cast.author, cast.project.id)
        purpose = session.get_one(Comparison, mine["id"]).purpose
        seen.append((purpose, *told(cast.author, cast.project.id)))
        judged(cast.author, mine, word)
    took(cast.author, cast.project.id)
    seen.append((Purpose.PLAIN, *told(cast.author, cast.project.id)))
    assert seen == [
        (Purpose.KNOWN, ("0", "14")),
        (Purpose.PLAIN, ("1", "13")),
        (Purpose.PLAIN, ("2", "12")),
        (Purpose.PLAIN, ("3", "11")),
    ]


def test_a_check_that_comes_last_looks_like_one_of_the_last_pairs(cast: Cast, make_set: MakeSet) -> None:  # S47
    make_set(pair(1), name="Plain")
    make_set(pair(2, known=True), check_every=1, name="Known")
    seen = []
    for _ in range(2):
        mine = took(cast.author, cast.project.id)
        seen += told(cast.author, cast.project.id)
        judged(cast.author, mine)
    assert seen == [("0", "a few"), ("1", "a few")]
    assert "Nothing waits for you to compare" in cast.author.get(f"/projects/{cast.project.id}/compare").text


def test_what_was_compared_yesterday_is_not_counted_today(cast: Cast, session: Session, make_set: MakeSet) -> None:
    make_set(*(pair(at) for at in range(1, 4)))
    judged(cast.author, took(cast.author, cast.project.id))
    session.execute(update(Comparison).values(answered_at="2020-01-01T00:00:00Z"))
    session.commit()
    took(cast.author, cast.project.id)
    assert told(cast.author, cast.project.id) == [("0", "a few")]


def test_many_are_told_as_many() -> None:
    assert [(one.rest, one.bar) for one in (Progress(3, 100), Progress(3, 11), Progress(3, 10))] == [
        ("100 or more", 103), ("11", 14), ("a few", None),
    ]  # fmt: skip
