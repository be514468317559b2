"""Several runs in one chart: what each found, where their settings part, and who may look."""

import itertools
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.charts import Series, lines
from app.core.storage import Storage
from app.datasets.models import Version
from app.training.curves import Along, Measure, points_of
from app.training.worker.events import loss_curve
from tests.cast import Cast
from tests.training.made import a_report, about, began, done, started, told


def address(cast: Cast, *runs: int, **query: str) -> str:
    """The page that lays these runs over each other."""
    asked = "&".join([*(f"run={run}" for run in runs), *(f"{key}={value}" for key, value in query.items())])
    return f"/projects/{cast.project.id}/runs/compare?{asked}"


def test_settings_that_differ_stand_apart_from_those_in_common(
    cast: Cast, version: Version, session: Session, storage: Storage, tmp_path: Path
) -> None:
    first, second = started(cast.admin, version, epochs=2), started(cast.admin, version, epochs=3)
    done(session, storage, first, tmp_path / "model", a_report(gap=about(0.5, 0.25)))
    began(session, second)
    page = cast.reviewer.get(address(cast, second, first)).text
    differing, common = page.split("Where their settings differ")[1].split("What they have in common")
    assert '<th scope="row">Epochs</th><td><bdi>3</bdi></td><td><bdi>2</bdi></td>' in differing
    assert "Learning rate" not in differing
    assert "Learning rate" in common
    assert '<th scope="row">Overfitting gap</th><td><bdi>–</bdi></td><td><bdi>+0.50 (+0.25 to +0.75)</bdi></td>' in page


def test_the_chart_tells_the_lowest_loss_and_draws_each_run_in_its_own_way(
    cast: Cast, version: Version, session: Session
) -> None:
    runs = [started(cast.admin, version) for _ in range(3)]
    for run in runs[:2]:
        began(session, run)
    page = cast.reviewer.get(address(cast, *runs)).text
    assert 'aria-label="Validation loss by steps. The lowest is 3.60, of run 1."' in page
    assert page.count('class="line line-accent" d="M4') == page.count('class="line line-1" d="M4') == 1
    page = cast.reviewer.get(address(cast, *runs, measure="train", along="tokens")).text
    assert 'aria-label="Train loss by tokens. The lowest is 2.00, of run 1."' in page


def test_a_loss_that_was_never_measured_is_said_to_be_missing(cast: Cast, version: Version) -> None:
    runs = [started(cast.admin, version) for _ in range(2)]
    assert "None of these runs has measured it yet." in cast.reviewer.get(address(cast, *runs)).text


def test_points_lie_along_what_was_asked_for() -> None:
    curve = loss_curve(told(steps=3))
    assert points_of(curve, Measure.VALIDATION, Along.STEPS) == [(3, 3.75)]
    assert points_of(curve, Measure.VALIDATION, Along.TOKENS) == [(2400, 3.75)]
    assert points_of(curve, Measure.TRAIN, Along.EPOCHS)[0] == (0.1, 4.0 - 1 / 6)


def test_names_at_the_ends_of_lines_never_stand_over_each_other() -> None:
    ends = [1.0, 1.0001, 1.0002, 0.2, 0.2]
    drawing = lines("", [Series(str(n), [(0, 2.0), (9, end)], said=f"run {n}") for n, end in enumerate(ends)])
    heights = sorted(float(label.y) for label in drawing.labels if label.kind == "say")
    assert len(heights) == len(ends)
    assert all(low - high >= 14 for high, low in itertools.pairwise(heights))
    assert heights[-1] <= 180  # the axis


def test_one_run_or_seven_are_refused_with_what_to_do(cast: Cast, queued: int) -> None:
    for asked in ((), (queued,), tuple(range(1, 8))):
        answer = cast.reviewer.get(address(cast, *asked))
        assert answer.status_code == 422
        assert "Choose two to 6 runs of the list to compare them." in answer.text


def test_a_run_of_another_project_is_not_there(cast: Cast, queued: int) -> None:
    answer = cast.reviewer.get(address(cast, queued, queued + 999))
    assert answer.status_code == 404
    assert f"There is no run with the id {queued + 999} in this project." in answer.text


def test_a_program_gets_the_curves_and_the_same_lines(
    cast: Cast, version: Version, session: Session, storage: Storage, tmp_path: Path
) -> None:
    first, second = started(cast.admin, version, epochs=2), started(cast.admin, version, epochs=3)
    done(session, storage, first, tmp_path / "model", a_report(gap=about(0.5, 0.25)))
    began(session, second)
    told_ = cast.reviewer.get("/api/v1" + address(cast, second, first)).json()
    assert [one["id"] for one in told_["runs"]] == [second, first]
    by_name = {one["name"]: one for one in (*told_["asked"], *told_["found"])}
    assert (by_name["Epochs"]["cells"], by_name["Epochs"]["differs"]) == (["3", "2"], True)
    assert by_name["Overfitting gap"]["cells"] == ["–", "+0.50 (+0.25 to +0.75)"]
    curve = {one["run_id"]: one["points"] for one in told_["curves"]}
    assert min(loss for _, loss in curve[second]) == 3.6
    assert cast.reviewer.get("/api/v1" + address(cast, second)).json()["type"] == "/errors/training.how_many_to_compare"
