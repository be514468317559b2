"""Decisions, imports, roles and rules leave a trace: who, what, which; never the text."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.prompts.models import Prompt
from tests.cast import Cast

MARK = "xylophone"


def traces(session: Session) -> list[tuple[str, int | None, int | None, Any]]:
    """What the audit log says of our verbs: action, actor, subject, details."""
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(one.action, one.actor_id, one.subject_id, one.details) for one in entries]


def test_a_decision_is_traced_to_who_made_it(cast: Cast, session: Session, proposal: Prompt) -> None:  # S98
    assert cast.reviewer.user
    cast.reviewer.post(f"/api/v1/prompts/{proposal.id}/approve")
    assert ("prompts.approved", cast.reviewer.user.id, proposal.id, {}) in traces(session)


def test_a_refused_decision_is_traced_too(cast: Cast, session: Session, proposal: Prompt) -> None:  # S98
    assert cast.author.user
    cast.author.post(f"/api/v1/prompts/{proposal.id}/approve")
    refused = [trace for trace in traces(session) if trace[0] == "access.refused"]
    assert refused == [("access.refused", cast.author.user.id, None, {"code": "prompts.not_a_reviewer"})]


def test_roles_rules_and_imports_are_traced(cast: Cast, session: Session) -> None:  # S98
    assert cast.author.user
    here = f"/api/v1/projects/{cast.project.id}"
    cast.admin.api("PUT", f"{here}/members/{cast.author.user.id}", role="reviewer")
    cast.admin.api("PATCH", here, lease_minutes=5, name="Other")
    cast.admin.api("POST", f"{here}/guidelines", text="Be kind.")
    cast.admin.post(f"{here}/prompts/import", files={"file": ("a.jsonl", b'{"prompt":"Why?"}')})
    found = {action: details for action, _, _, details in traces(session)}
    assert found["projects.role_changed"] == {"role": "reviewer"}
    assert found["projects.settings_changed"] == {"fields": ["lease_minutes", "name"]}
    assert found["projects.guidelines_revised"] == {"version": 2}
    assert found["prompts.imported"] == {"rows": 1, "added": 1}


def test_the_log_and_the_audit_log_hold_no_text(cast: Cast, session: Session, capfd: Any) -> None:  # S96
    here = f"/api/v1/projects/{cast.project.id}"
    made = cast.author.api("POST", f"{here}/prompts", prompt=MARK, source=MARK, external_id=MARK).json()
    cast.reviewer.api("POST", f"/api/v1/prompts/{made['id']}/reject", reason=MARK)
    cast.admin.api("POST", f"{here}/guidelines", text=MARK)
    cast.admin.api("POST", f"{here}/categories", name=MARK, description=MARK)
    cast.admin.api("PATCH", here, name=MARK)
    cast.author.api("POST", f"{here}/prompts", prompt=MARK, unknown=MARK)
    cast.admin.post(
        f"{here}/prompts/import", files={"file": (f"{MARK}.jsonl", b'{"prompt":"xylophone","category":"xylophone"}')}
    )
    said = capfd.readouterr()
    assert MARK not in said.out + said.err
    assert MARK not in str(traces(session))
