"""Who did what, when, from where: for those who run the installation."""

from sqlalchemy.orm import Session

from app.core.audit import Origin, record
from tests.cast import Cast


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
