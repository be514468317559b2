"""A reviewer turns a proposed prompt down, with a reason."""

from typing import Any

from tests.cast import Cast


def test_the_author_reads_why(cast: Cast, proposed: str, form: Any) -> None:
    answer = form(cast.reviewer, f"{proposed}/reject", reason="We have this one <b>already</b>.")
    assert answer.status_code == 303
    shown = cast.author.get(proposed).text
    assert "We have this one &lt;b&gt;already&lt;/b&gt;." in shown
    assert 'data-state="rejected"' in shown


def test_a_reason_is_needed(cast: Cast, proposed: str, form: Any) -> None:
    assert form(cast.reviewer, f"{proposed}/reject", reason=" ").status_code == 422
    refusal = cast.reviewer.api("POST", f"/api/v1{proposed}/reject", reason="\u200b")
    assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, "/reason")
    assert cast.author.get(f"/api/v1{proposed}").json()["status"] == "proposed"


def test_a_writer_and_an_outsider_cannot_reject(cast: Cast, proposed: str, form: Any) -> None:
    for person, status in ((cast.author, 403), (cast.outsider, 404)):
        assert form(person, f"{proposed}/reject", reason="No").status_code == status
        assert person.api("POST", f"/api/v1{proposed}/reject", reason="No").status_code == status


def test_a_rejection_takes_no_other_field(cast: Cast, proposed: str, form: Any) -> None:  # S49
    for name in ("status", "decided_by", "author_id", "project_id", "created_at"):
        assert form(cast.reviewer, f"{proposed}/reject", reason="No", **{name: "1"}).status_code == 422
        refusal = cast.reviewer.api("POST", f"/api/v1{proposed}/reject", reason="No", **{name: 1})
        assert (refusal.status_code, refusal.json()["errors"][0]["pointer"]) == (422, f"/{name}")
    assert cast.author.get(f"/api/v1{proposed}").json()["status"] == "proposed"
