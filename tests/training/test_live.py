"""What a reward model or a policy tells while it learns: its own curves, and never mixed up with those of others."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.datasets.models import Version
from app.training import service
from app.training.curves import Along, Measure
from app.training.live import FIGURES, in_log, live_of, live_table, points_of, steps_of
from app.training.models import Run
from app.training.progress import progress_of
from app.training.scales import comparable, scale_of
from app.training.worker.events import LIVE
from tests.cast import Cast
from tests.training.made import started, told, told_by


def a_run(number: int, method: str, **plan: str) -> Run:
    """A run of this method, not stored."""
    return Run(id=number, number=number, base_model="tiny", plan={"method": method, **plan})


def test_every_number_that_a_method_tells_has_a_name_and_a_curve() -> None:
    for method, keys in LIVE.items():
        shown = live_of(told_by(method), method)
        assert [one.name for one in shown] == [FIGURES[key].name for key in keys]
        assert all("at first, 0." in one.drawing.label or "at first, 1" in one.drawing.label for one in shown)


def test_a_step_that_was_walked_again_counts_once() -> None:
    events = [*told_by("reward", 6), *told_by("reward", 8)]
    assert points_of(steps_of(events), "accuracy", Along.TOKENS) == [
        (800 * step, 0.5 + step / 100) for step in range(1, 9)
    ]
    table = live_table(events, "reward")
    assert table
    assert (table.head, table.rows[-1]) == (("Step", "Accuracy"), ("8", "0.58"))
    assert live_table(told(), "sft") is None
    assert "  accuracy 0.58" in in_log(steps_of(events)[-1])


def test_a_policy_has_no_curve_of_its_loss() -> None:
    assert progress_of(told_by("rloo"), ended=False, method="rloo").curve is None
    assert progress_of(told_by("dpo"), ended=False, method="dpo").curve is not None


@pytest.mark.parametrize("method", ["reward", "rloo"])
def test_the_page_of_a_run_shows_the_curves_of_its_method(
    cast: Cast, version: Version, session: Session, method: str
) -> None:
    run_id = started(cast.admin, version)
    run = session.get_one(Run, run_id)
    session.execute(update(Run).where(Run.id == run_id).values(plan={**run.plan, **PLANS[method]}))
    service.begin(session, run_id)
    service.keep_events(session, run_id, told_by(method))
    session.commit()
    page = cast.reviewer.get(f"/runs/{run_id}").text
    for key in LIVE[method]:
        assert f'aria-label="{FIGURES[key].name} by steps' in page
    assert ("Loss by steps" in page) == (method == "reward")
    assert "0.69 is what a coin gives" in page or method == "rloo"
    assert f"{FIGURES[LIVE[method][0]].name.lower()} 0.62" in page, "the log tells it, too"
    live = cast.reviewer.get(f"/runs/{run_id}/live?along=tokens").text
    assert f'aria-label="{FIGURES[LIVE[method][0]].name} by tokens' in live


PLANS: dict[str, dict[str, Any]] = {
    "reward": {"method": "reward"},
    "rloo": {"method": "rloo", "reward_from": "run 9", "batch_size": 8},
}


def test_runs_are_held_against_each_other_only_on_one_scale() -> None:
    sft, reward, dpo = a_run(1, "sft"), a_run(2, "reward"), a_run(3, "dpo")
    first, second, other = (
        a_run(number, "rloo", reward_from=by) for number, by in ((4, "run 2"), (5, "run 2"), (6, "x"))
    )
    assert comparable([sft, sft], Measure.TRAIN) == ([sft, sft], "")
    assert comparable([sft, reward], Measure.VALIDATION) == (
        [sft], "Run 2 is not drawn: measured is there nats a pair, here nats a response token.",
    )  # fmt: skip
    assert comparable([reward, dpo, first], Measure.VALIDATION)[0] == [reward]
    drawn, why = comparable([sft, first, second, other], Measure.REWARD)
    assert drawn == [first, second]
    assert why == (
        "Runs 1, 6 are not drawn: measured is there nothing of the kind and by the reward model of x, here by the "
        "reward model of run 2."
    )
    assert comparable([sft, sft], Measure.KL) == ([sft, sft], ""), "then nothing is drawn"
    assert scale_of(a_run(7, "grpo", begins_from="run 1"), Measure.KL) == "to run 1"


def test_unlike_runs_are_compared_without_mixing_their_losses(cast: Cast, version: Version, session: Session) -> None:
    ids = [started(cast.admin, version) for _ in range(2)]
    run = session.get_one(Run, ids[1])
    session.execute(update(Run).where(Run.id == ids[1]).values(plan={**run.plan, "method": "reward"}))
    for run_id in ids:
        service.begin(session, run_id)
        service.keep_events(session, run_id, told_by("reward"))
    session.commit()
    address = f"/projects/{cast.project.id}/runs/compare?run={ids[0]}&run={ids[1]}"
    page = cast.reviewer.get(address).text
    assert "The lowest is 3.60, of run 1." in page
    assert "Run 2 is not drawn: measured is there nats a pair" in page
    assert "<bdi>3.60 nats a pair at step 6</bdi>" in page
    assert '<th scope="row">Packing</th><td><bdi>a row a sequence</bdi></td><td><bdi>–</bdi></td>' in page
    page = cast.reviewer.get(f"{address}&measure=accuracy").text
    assert 'aria-label="Accuracy on pairs by steps. At the end: run 2 0.62."' in page
