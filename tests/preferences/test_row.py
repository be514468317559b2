"""From a pair of a version one sees what it comes from, what people said of it, and which runs saw it."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.preferences.models import ComparisonPair, Strength
from tests.cast import Cast
from tests.preferences.answering import a_run
from tests.preferences.conftest import MakeSet, pair
from tests.preferences.publishing import dataset, judge, pairs_of, publish


def test_a_pair_of_a_version_names_its_responses_opinions_versions_and_runs(
    cast: Cast, session: Session, storage: Storage, tmp_path: Path, make_set: MakeSet
) -> None:
    made = make_set(*(pair(number, id=f"them-{number}") for number in range(1, 4)), name="Seas", opinions=3)
    assert cast.author.user
    assert cast.second_author.user
    assert cast.reviewer.user
    for one in pairs_of(session, made):
        judge(session, one, "good", cast.author.user, cast.reviewer.user, strength=Strength.CLEARLY)
        judge(session, one, "bad", cast.second_author.user)
    made_of = dataset(cast)
    first, second = publish(cast, session, made_of), publish(cast, session, made_of)
    run_id = a_run(cast, session, storage, second, tmp_path).id
    pair_id = session.scalars(select(ComparisonPair.id).order_by(ComparisonPair.id).limit(1)).one()
    told = cast.reviewer.get(f"/api/v1/versions/{second.id}/pairs/{pair_id}").json()
    assert (told["id"], told["set"], told["language"]) == (f"c{pair_id}", "Seas", "en")
    assert told["chosen"]["messages"][0]["content"].endswith("good.")
    assert told["rejected"]["details"] == {"id": "them-1", "source": "ours", "licence": "MIT"}
    assert [(one["prefers"], one["strength"], one["reasons"]) for one in told["opinions"]] == [
        ("chosen", "clearly", ["Helpful"]), ("chosen", "clearly", ["Helpful"]), ("rejected", None, ["Helpful"]),
    ]  # fmt: skip
    assert [(one["version_id"], one["agreed"], one["opinions"]) for one in told["versions"]] == [
        (second.id, 2, 3), (first.id, 2, 3),
    ]  # fmt: skip
    assert [one["run_id"] for one in told["runs"]] == [run_id]
    page = cast.reviewer.get(f"/versions/{second.id}/pairs/{pair_id}").text
    assert "2 of 3 prefer the chosen one" in page
    assert f"/runs/{run_id}" in page
    assert f"/versions/{second.id}/pairs/{pair_id}" in cast.reviewer.get(f"/versions/{second.id}").text
    assert cast.author.get(f"/versions/{second.id}/pairs/{pair_id}").status_code == 404
    assert cast.reviewer.get(f"/versions/{second.id}/pairs/{pair_id + 999}").status_code == 404
