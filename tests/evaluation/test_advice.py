"""What to write next: an order that the intervals hold, with its evidence in words, and a target in one press."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.audit import AuditEntry
from app.core.storage import Storage
from app.evaluation.advice import Prospect, advise, finding_of
from app.projects.models import Category
from app.projects.queries import list_categories
from app.training.worker.law import MORE
from tests.cast import Cast
from tests.evaluation.conftest import Reported
from tests.training.made import about, an_old_report, done, kind


def test_what_closes_a_gap_soonest_comes_first_and_says_why() -> None:
    # Half of a gap of 1.2 is 0.6 at 20 examples, 0.4 at 30: ten more take 0.2. Of the smaller gap at 5 they take 0.333.
    kinds = [kind("Explain", 20), kind("Plan", 5, likely_gap=about(1.0, 0.3), first=0.9)]
    ranked = advise(kinds)
    assert [(one.name, one.prospect) for one in ranked] == [("Plan", Prospect.HELPS), ("Explain", Prospect.HELPS)]
    assert ranked[1].takes_away == pytest.approx({"value": 0.2, "low": 0.1, "high": 0.3})
    assert ranked[1].verdict == "10 more are expected to take 0.200 (0.100 to 0.300) nats a token off its unseen loss."
    assert ranked[1].evidence == (
        "20 trained on, 12 prompts never seen, unseen loss 4.10 (3.20 to 5.00), seen 2.90 (2.50 to 3.30)"
    )
    assert finding_of(kinds, ranked) == (
        "Plan first: there 10 more examples are expected to take most off the unseen loss. "
        "That it is truly the first of 2 is 90 % likely."
    )


def test_a_curve_of_the_category_stands_beside_its_evidence_where_it_was_measured() -> None:
    growth = {"rows": [30, 60, 1200], "losses": [about(4.5), about(4.25), about(4.1)], "next": about(-0.1, 0.25)}
    [told] = advise([kind("Plan", growth=growth)])
    assert told.evidence.endswith(
        "seen 2.90 (2.50 to 3.30). By rows of all categories its unseen loss was 4.50 with 30, 4.25 with 60, 4.10 with "
        "1,200; twice as many are expected to change it by -0.10 (-0.35 to +0.15)"
    )


def test_a_first_place_that_others_may_deserve_says_so() -> None:
    kinds = [kind("Explain", unseen_prompts=2, likely_gap=about(0.5, 0.7), first=0.2), kind("Plan", 90, first=0.1)]
    ranked = advise(kinds)
    assert (ranked[0].name, ranked[0].prospect) == ("Explain", Prospect.UNSURE)
    assert "That may be chance. So few prompts are its own that this leans on" in ranked[0].verdict
    said = finding_of(kinds, ranked)
    assert "That they take off anything at all cannot be told from chance." in said
    assert said.endswith("is 20 % likely: it is the best guess, and others may be as good.")
    worse = [kind("Explain", likely_gap=about(-0.5))]
    assert "More examples of no category" in finding_of(worse, advise(worse))


def test_where_no_gap_is_told_the_least_sure_comes_first() -> None:
    untold: dict[str, Any] = {"likely_gap": None, "first": None}
    kinds = [kind("Plan", unseen=about(3.0), **untold), kind("New", 0, unseen=about(4.0), **untold)]
    ranked = advise(kinds)
    assert [one.name for one in ranked] == ["New", "Plan"]
    assert {(one.prospect, one.takes_away) for one in ranked} == {(Prospect.UNSURE, None)}
    assert [one.verdict for one in ranked] == [
        "None was trained on, so nobody knows how quickly its loss would fall.",
        "Too few of its prompts were measured to tell its gap.",
    ]
    assert finding_of(kinds, ranked) == "No gap can be told from chance. The model is least sure of New."


def test_of_few_prompts_and_of_what_is_held_out_nothing_is_claimed() -> None:
    few = {"value": 9.0, "low": None, "high": None}
    untold: dict[str, Any] = {"likely_gap": None, "first": None}
    kinds = [
        kind("Held", 0, held_out=True, unseen=None, unseen_prompts=0, seen=None, gap=None, **untold),
        kind("Few", unseen=few, unseen_prompts=4, gap=few, **untold),
        kind("Alike", unseen=few, unseen_prompts=9, gap=few, **untold),
    ]
    ranked = advise(kinds)
    assert [(one.name, one.prospect.value) for one in ranked] == [
        ("Alike", "unknown"), ("Few", "unknown"), ("Held", "held_out"),
    ]  # fmt: skip
    assert ranked[1].evidence == "20 trained on, 4 prompts never seen, seen 2.90 (2.50 to 3.30)"
    assert "9.0" not in str([one.evidence + one.verdict for one in ranked])
    assert "Of no category can anything be said yet" in finding_of(kinds, ranked)


@pytest.mark.parametrize(("kinds", "said"), [(None, "an earlier Penset"), ([], "nothing of prompts never seen")])
def test_a_report_without_categories_says_so(kinds: Any, said: str) -> None:
    assert said in finding_of(kinds, [])


def test_half_of_the_gap_is_what_more_examples_take_off_where_the_truth_is_known() -> None:
    # The mean of a normal distribution in 8 dimensions, learned from 20 examples and from 30, 4,000 times.
    rng, dimensions, trained = np.random.default_rng(4), 8, 20
    shown = rng.normal(size=(4000, trained + MORE, dimensions))
    means = {count: shown[:, :count].mean(axis=1) for count in (trained, trained + MORE)}
    new = {count: (dimensions + (mean**2).sum(axis=1).mean()) / 2 for count, mean in means.items()}
    seen = ((shown[:, :trained] - means[trained][:, None]) ** 2).sum(axis=2).mean() / 2
    [told] = advise([kind("Any", trained, likely_gap=about(new[trained] - seen, 0.01))])
    assert told.takes_away
    assert told.takes_away["value"] == pytest.approx(new[trained] - new[trained + MORE], rel=0.05)


def test_the_report_and_the_overview_say_what_to_write_next(cast: Cast, reported: Reported) -> None:
    run = reported()
    for address in (f"/runs/{run.id}/report", f"/projects/{cast.project.id}"):
        page = cast.reviewer.get(address).text
        assert "Explain first: there 10 more examples are expected to take most off the unseen loss." in page
        assert "Nothing can be said of it: of its prompts it never saw, 2 were measured." in page
        assert "Set its target" not in page  # an administrator's business
    assert "What to write next" not in cast.author.get(f"/projects/{cast.project.id}").text


def test_a_report_that_refuses_says_why_there_is_no_advice(cast: Cast, reported: Reported) -> None:
    run = reported(kinds=[], categories=[])
    assert "This report tells nothing of prompts never seen" in cast.reviewer.get(f"/runs/{run.id}/report").text
    told = cast.reviewer.get(f"/api/v1/runs/{run.id}/advice").json()
    assert told["categories"] == []


def test_an_earlier_pensets_report_is_no_reason_to_fail(
    cast: Cast, queued: int, session: Session, storage: Storage, tmp_path: Path
) -> None:
    done(session, storage, queued, tmp_path / "model", an_old_report())
    for address in (f"/runs/{queued}/report", f"/projects/{cast.project.id}"):
        assert "This report is of an earlier Penset" in cast.reviewer.get(address).text


def test_one_press_sets_a_target_and_nothing_else_and_is_on_record(
    cast: Cast, reported: Reported, session: Session
) -> None:
    run, explain = reported(), named(session, cast, "Explain")
    explain.description, explain.target = "How and why\n", 3
    session.commit()
    here = f"/projects/{cast.project.id}"
    page = cast.admin.get(here).text
    aim = explain.approved + MORE
    assert f"Set its target to {aim}" in page
    sent = {"user_id": str(cast.admin.actor.user_id), "target": str(aim), "seen": explain.mark, "next": f"{here}#next"}
    answer = cast.admin.post(f"{here}/categories/{explain.id}/target", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}#next")
    session.refresh(explain)
    assert (explain.target, explain.description) == (aim, "How and why\n")
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "projects.category_changed")).one()
    assert (noted.subject_id, noted.actor_id) == (explain.id, cast.admin.actor.user_id)
    assert "Set its target" not in cast.admin.get(f"/runs/{run.id}/report").text
    assert cast.admin.post(f"{here}/categories/{explain.id}/target", data=sent).status_code == 412
    away = sent | {"seen": named(session, cast, "Explain").mark, "next": "//elsewhere.example"}
    assert cast.admin.post(f"{here}/categories/{explain.id}/target", data=away).headers["location"] == "/"


def test_a_program_gets_the_same_advice(cast: Cast, reported: Reported, session: Session) -> None:
    told = cast.reviewer.get(f"/api/v1/runs/{reported().id}/advice").json()
    first, second = told["categories"]
    explain = named(session, cast, "Explain")
    assert told["finding"].startswith("Explain first")
    assert (first["category"], first["category_id"], first["prospect"]) == ("Explain", explain.id, "helps")
    assert (first["trained"], first["unseen"]) == (20, about(4.1, 0.9))
    assert (first["target"], first["aim"]) == (10, explain.approved + MORE)
    assert (second["prospect"], second["takes_away"], second["gap"]) == ("unknown", None, None)


def named(session: Session, cast: Cast, name: str) -> Category:
    """The project's category of this name."""
    return next(one for one in list_categories(session, cast.project.id) if one.name == name)
