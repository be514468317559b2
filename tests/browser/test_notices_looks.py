"""Notices and the audit log of a project, as people see them and go through them by keys."""

from playwright.sync_api import expect

from app.accounts.notices import tell
from app.core.audit import record
from tests import factories
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.chromium import press


def test_notices_are_opened_and_marked_by_keys(visit: Visit, site: Site) -> None:
    writer, admin = visit(site.writer), visit(site.admin)
    writer.go("/notices")
    writer.look("notices-empty")
    with site.sessions.begin() as session:
        asked = factories.prompt(session, site.project, site.admin, "Why is the sky blue, and not violet? " * 9)
        handed_in = factories.submission(session, asked, site.writer)
        for kind, subject, number in (
            ("changes_requested", "submission", handed_in.id),
            ("reviewer_commented", "submission", 7),
            ("guidelines_revised", "project", site.project.id),
        ):
            tell(
                session, site.writer.id, kind,
                project_id=site.project.id, subject=subject, subject_id=number, version=2,
            )  # fmt: skip
        for number in range(1, 4):
            record(session, "review.approved", "submission", number, actor_id=site.admin.id, project_id=site.project.id)
    page = writer.go(f"/projects/{site.project.id}/guidelines")
    press(page, "i")
    expect(page).to_have_url(f"{site.address}/notices")
    writer.look("notices")
    press(page, "o")
    expect(page).to_have_url(f"{site.address}/projects/{site.project.id}/guidelines")
    press(writer.go("/notices"), "m")
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    writer.go("/account")
    writer.look("account-mail")
    admin.go(f"/projects/{site.project.id}/audit?action=review.approved")
    admin.look("project-audit")
