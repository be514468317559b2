"""Who did what, when, from where: for those who run the installation, or a project."""

import re
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.accounts.tokens import create_token
from app.core.audit import Origin, record
from tests.cast import Cast
from tests.walking import every_row


def acts(session: Session, cast: Cast, count: int) -> None:
    """So many acts of the author's."""
    assert cast.author.user
    for number in range(count):
        record(
            session,
            "writing.skipped" if number % 2 else "writing.handed_in",
            "submission",
            number + 1,
            actor_id=cast.author.user.id,
            origin=Origin("192.0.2.7", f"request{number}"),
            project_id=cast.project.id,
            revision=number,
        )
        session.flush()
    session.commit()


def test_acts_stand_newest_first_with_who_and_from_where(cast: Cast, session: Session) -> None:
    acts(session, cast, 2)
    shown = cast.operator.get("/admin/audit").text
    assert shown.index("submission 2") < shown.index("submission 1")
    for said in ("Ann Author", "192.0.2.7", "revision 1", "Everyday assistant"):
        assert said in shown


def test_every_act_is_on_exactly_one_page(cast: Cast, session: Session) -> None:
    acts(session, cast, 25)
    first = cast.operator.get("/admin/audit").text
    older = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = cast.operator.get(older).text
    for number in range(1, 26):
        assert (f"submission {number}</td>" in first) != (f"submission {number}</td>" in second)


def test_one_kind_of_act_can_be_looked_at_alone(cast: Cast, session: Session) -> None:
    acts(session, cast, 4)
    shown = cast.operator.get("/admin/audit?action=writing.skipped").text
    assert "submission 2" in shown
    assert "submission 1" not in shown
    for hostile in ("author.password_hash';--", "A", "x" * 81):
        assert cast.operator.get("/admin/audit", params={"action": hostile}).status_code == 422  # S68


def test_only_administrators_of_the_installation_see_it(cast: Cast, session: Session) -> None:
    acts(session, cast, 1)
    for client in (cast.author, cast.reviewer, cast.admin, cast.outsider):
        assert client.get("/admin/audit").status_code == 403
    assert cast.visitor.get("/admin/audit").status_code == 303


def test_person_subject_project_and_time_narrow_it_together(cast: Cast, session: Session) -> None:
    acts(session, cast, 4)
    author = cast.author.user
    assert author
    today = datetime.now(UTC).date()
    for found, query in (
        (["submission 3"], f"person={author.id}&subject=submission&subject_id=3&project={cast.project.id}"),
        (
            ["submission 1", "submission 2", "submission 3", "submission 4"],
            f"since={today}&until={today}&person={author.id}&action=",
        ),
        ([], f"until={today - timedelta(days=1)}"),
        ([], f"since={today + timedelta(days=1)}"),
        ([], "person=999999999"),
    ):
        shown = cast.operator.get(f"/admin/audit?{query}").text
        assert sorted(re.findall(r"(submission \d+)</td>", shown)) == found, query
        assert found or "Nothing fits" in shown, query
    for wrong in ("person=x", "since=yesterday", "subject_id=-1", "project=1%20or%201"):
        assert cast.operator.get(f"/admin/audit?{wrong}").status_code == 422


def test_a_person_is_found_by_a_part_of_their_name(cast: Cast, session: Session) -> None:
    acts(session, cast, 2)
    shown = cast.operator.get("/admin/audit?by=ann+auth").text
    assert "submission 2</td>" in shown
    assert 'value="Ann Author"' in shown
    assert "Nothing fits" in cast.operator.get("/admin/audit?by=Ann_Author").text
    several = cast.operator.get("/admin/audit?by=author").text
    assert "Several people are called so" in several
    assert "submission 2</td>" not in several
    way = several.split("Several people")[1].split('href="')[1].split('"')[0]
    assert "submission 2</td>" in cast.operator.get(way).text
    here = f"/projects/{cast.project.id}/audit"
    assert "Nothing fits" in cast.admin.get(f"{here}?by=otto").text, "nobody of the project"


def test_a_projects_administrators_see_its_acts_alone_and_no_network_address(cast: Cast, session: Session) -> None:
    acts(session, cast, 2)
    record(session, "projects.created", "elsewhere", 9, actor_id=None, project_id=cast.other_project.id)
    session.commit()
    here = f"/projects/{cast.project.id}/audit"
    shown = cast.admin.get(here).text
    assert "submission 2</td>" in shown
    assert "elsewhere 9" not in shown
    assert "192.0.2.7" not in shown
    assert cast.admin.get(f"{here}?project={cast.other_project.id}").status_code == 422
    for client, status in ((cast.author, 403), (cast.reviewer, 403), (cast.outsider, 404), (cast.operator, 404)):
        assert client.get(here).status_code == status


def test_a_program_reads_the_same_acts_by_the_same_filters(cast: Cast, session: Session) -> None:
    acts(session, cast, 25)
    everything = every_row(cast.admin, f"/api/v1/projects/{cast.project.id}/audit?action=writing.skipped", "acts")
    assert [one["subject_id"] for one in everything] == list(range(24, 0, -2))
    one = cast.operator.get("/api/v1/audit?by=ann&subject=submission&subject_id=3").json()["acts"][0]
    assert (one["who"], one["details"], one["address"]) == ("Ann Author", {"revision": 2}, "192.0.2.7")
    assert everything[0]["address"] is None, "told to who runs the installation alone"
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    assert cast.operator.get(f"/api/v1/audit?since={tomorrow}").json()["acts"] == []


def test_a_name_of_several_people_gives_them_and_no_acts(cast: Cast, session: Session) -> None:
    acts(session, cast, 2)
    found = cast.admin.get(f"/api/v1/projects/{cast.project.id}/audit?by=author").json()
    assert found["acts"] == []
    assert len(found["fitting"]) == 2


def test_a_token_reads_the_log_of_a_project_and_never_that_of_the_installation(cast: Cast, session: Session) -> None:
    acts(session, cast, 1)
    secret = create_token(session, cast.admin.actor, name="Log", scopes=["audit:read"], days=9)[1]
    session.commit()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert cast.visitor.get(f"/api/v1/projects/{cast.project.id}/audit", headers=bearer).json()["acts"]
    assert cast.visitor.get("/api/v1/audit", headers=bearer).status_code == 403
