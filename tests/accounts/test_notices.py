"""What happened while I was away: told once a thing, to whom it concerns, read when it is opened."""

import re
from datetime import timedelta

from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from app.accounts.jobs import tidy
from app.accounts.models import Membership, Notice
from app.accounts.notice_kinds import KINDS
from app.accounts.notices import tell, tell_all
from app.core.signpost import every_route
from app.review.models import Decision
from app.writing.models import Assignment, AssignmentStatus
from tests import factories
from tests.cast import Cast, Client
from tests.world import people


def approved(session: Session, cast: Cast, number: int, *, by: Client | None = None) -> None:
    """The author's response of this number is approved."""
    tell(
        session, people(cast.author).id, "response_approved", project_id=cast.project.id, subject="submission",
        subject_id=number, by=people(by).id if by else None,
    )  # fmt: skip
    session.commit()


def reported(session: Session, cast: Cast) -> None:
    """Another comment on the author's response 7."""
    tell(
        session, people(cast.author).id, "reviewer_commented",
        project_id=cast.project.id, subject="submission", subject_id=7,
    )  # fmt: skip
    session.commit()


def kept(session: Session) -> list[tuple[str, int, bool]]:
    """Kind, times and whether it was read, of every notice, the oldest first."""
    rows = session.execute(select(Notice.kind, Notice.times, Notice.read_at).order_by(Notice.id))
    return [(kind, times, read_at is not None) for kind, times, read_at in rows]


def test_a_notice_says_what_happened_and_where_and_counts_as_unread(cast: Cast, session: Session) -> None:
    approved(session, cast, 7)
    shown = cast.author.get("/notices").text
    assert "A response of yours is approved." in shown
    assert "Everyday assistant" in shown
    assert '<span class="bar-count">1<' in shown
    assert "bar-count" not in cast.second_author.get("/notices").text
    assert "Nothing has happened yet" in cast.second_author.get("/notices").text


def test_a_notice_shows_what_was_asked_to_who_may_still_see_it(cast: Cast, session: Session) -> None:
    asked = factories.prompt(session, cast.project, people(cast.admin), "Why is the *sky* blue?", language="en")
    handed_in = factories.submission(session, asked, people(cast.author))
    assert handed_in.assignment_id
    for client in (cast.author, cast.second_author):
        for kind, subject, number in (
            ("response_approved", "submission", handed_in.id),
            ("handed_over", "assignment", handed_in.assignment_id),
        ):
            tell(session, people(client).id, kind, project_id=cast.project.id, subject=subject, subject_id=number)
    session.commit()
    assert cast.author.get("/notices").text.count("Why is the *sky* blue?") == 2
    assert "Why is the *sky* blue?" not in cast.second_author.get("/notices").text
    session.execute(delete(Membership).where(Membership.user_id == people(cast.author).id))
    session.commit()
    assert "Why is the *sky* blue?" not in cast.author.get("/notices").text


def test_opening_one_marks_it_read_and_leads_to_its_subject(cast: Cast, session: Session) -> None:
    approved(session, cast, 7)
    notice_id = session.scalars(select(Notice.id)).one()
    for _ in range(2):
        opened = cast.author.post(f"/notices/{notice_id}/open", data={"user_id": people(cast.author).id})
        assert (opened.status_code, opened.headers["location"]) == (303, "/submissions/7")
    assert kept(session) == [("response_approved", 1, True)]
    assert cast.admin.post(f"/notices/{notice_id}/open", data={"user_id": people(cast.admin).id}).status_code == 404


def test_the_same_again_joins_the_unread_one_and_begins_anew_once_that_is_read(cast: Cast, session: Session) -> None:
    for _ in range(3):
        reported(session, cast)
    assert kept(session) == [("reviewer_commented", 3, False)]
    assert "There are 3 new comments on a response of yours." in cast.author.get("/notices").text
    session.execute(update(Notice).values(read_at=func.now()))
    reported(session, cast)
    assert kept(session) == [("reviewer_commented", 3, True), ("reviewer_commented", 1, False)]


def test_what_joins_an_older_one_stands_first(cast: Cast, session: Session) -> None:
    reported(session, cast)
    approved(session, cast, 1)
    reported(session, cast)
    shown = cast.author.get("/notices").text
    assert shown.index("2 new comments") < shown.index("is approved")


def test_nobody_is_told_of_what_they_did_themselves_nor_who_is_switched_off(cast: Cast, session: Session) -> None:
    approved(session, cast, 1, by=cast.author)
    people(cast.author).disabled_at = func.now()
    approved(session, cast, 2, by=cast.reviewer)
    assert kept(session) == []


def test_many_are_told_in_one_statement(cast: Cast, session: Session) -> None:
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    everybody = select(func.unnest([people(cast.author).id, people(cast.reviewer).id]))
    tell_all(
        session, everybody, "guidelines_revised",
        project_id=cast.project.id, subject="project", subject_id=cast.project.id, version=2,
    )  # fmt: skip
    assert [one[:19] for one in asked if "SAVEPOINT" not in one] == ["INSERT INTO notices"]
    assert kept(session) == [("guidelines_revised", 1, False)] * 2


def test_all_can_be_marked_as_read_but_what_came_after_the_page_was_drawn(cast: Cast, session: Session) -> None:
    approved(session, cast, 1)
    shown = cast.author.get("/notices").text
    until = shown.split('name="until" value="')[1].split('"')[0].replace("&#43;", "+")
    approved(session, cast, 2)
    done = cast.author.post("/notices/read", data={"user_id": people(cast.author).id, "until": until})
    assert done.status_code == 303
    assert kept(session) == [("response_approved", 1, True), ("response_approved", 1, False)]


def test_every_notice_is_on_exactly_one_page(cast: Cast, session: Session) -> None:
    for number in range(25):
        approved(session, cast, number + 1)
    first = cast.author.get("/notices").text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = cast.author.get(older).text
    assert (first.count("is approved"), second.count("is approved")) == (20, 5)


def test_of_two_that_happened_at_once_none_is_lost_between_pages(cast: Cast, session: Session) -> None:
    for number in range(25):
        approved(session, cast, number + 1)
    session.execute(update(Notice).values(created_at=func.now()))
    session.commit()
    first = cast.author.get("/notices").text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    shown = re.findall(r"/notices/(\d+)/open", first + cast.author.get(older).text)
    assert len(shown) == len(set(shown)) == 25


def test_who_opens_the_page_itself_has_read_what_was_told_of_it(cast: Cast, session: Session) -> None:
    prompt = factories.prompt(session, cast.project, people(cast.admin))
    mine = factories.submission(session, prompt, people(cast.author)).id
    approved(session, cast, mine)
    approved(session, cast, mine + 1)
    assert '<span class="bar-count">1<' in cast.author.get(f"/submissions/{mine}").text
    assert kept(session) == [("response_approved", 1, True), ("response_approved", 1, False)]
    cast.admin.get(f"/submissions/{mine}")
    cast.author.get(f"/submissions/{mine + 1}")
    assert kept(session)[1] == ("response_approved", 1, False), "not by another, and not where there is no such page"


def test_who_mends_a_response_has_read_that_changes_were_asked_for(cast: Cast, session: Session) -> None:
    prompt = factories.prompt(session, cast.project, people(cast.admin))
    mine = factories.submission(session, prompt, people(cast.author))
    factories.review(session, mine, people(cast.reviewer), Decision.CHANGES_REQUESTED)
    reopened = session.get_one(Assignment, mine.assignment_id)
    reopened.status = AssignmentStatus.DRAFTING
    tell(
        session, people(cast.author).id, "changes_requested",
        project_id=cast.project.id, subject="submission", subject_id=mine.id,
    )  # fmt: skip
    session.commit()
    assert cast.author.get(f"/write/{reopened.id}").status_code == 200
    assert kept(session) == [("changes_requested", 1, True)]


def test_the_count_costs_a_page_no_further_statement(cast: Cast, session: Session) -> None:
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    cast.author.get("/projects")
    assert [one for one in asked if "FROM notices" in one] == [one for one in asked if "FROM sign_ins" in one][:1]


def test_read_ones_go_after_ninety_days_and_unread_ones_stay(cast: Cast, session: Session) -> None:
    for number in range(3):
        approved(session, cast, number + 1)
    ago = func.now() - timedelta(days=91)
    session.execute(update(Notice).values(created_at=ago))
    session.execute(update(Notice).where(Notice.subject_id == 1).values(read_at=ago))
    session.execute(update(Notice).where(Notice.subject_id == 2).values(read_at=func.now()))
    session.commit()
    for _ in range(2):
        tidy(timestamp=0)
    assert [one for (one,) in session.execute(select(Notice.subject_id).order_by(Notice.id))] == [2, 3]


def test_every_kind_leads_to_a_page_of_ours(cast: Cast) -> None:
    app = cast.author.app
    shapes = {str(route.path_format) for route in every_route(app) if "GET" in (route.methods or ())}  # type: ignore[arg-type]
    known = {re.sub(r"\{\w+\}", "{id}", shape) for shape in shapes}
    for name, kind in KINDS.items():
        assert kind.page in known, name
        assert kind.said(2, {"version": 3, "number": 4, "withdrawn": 5}), name
