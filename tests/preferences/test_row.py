"""From a pair of a version one sees what it comes from, what people said of it, and which runs saw it."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.storage import Storage
from app.datasets.models import Version
from app.preferences.models import ComparisonPair, SetState, Strength
from tests.cast import Cast
from tests.preferences.answering import a_run
from tests.preferences.conftest import MakeSet, pair
from tests.preferences.publishing import dataset, judge, listed, pairs_of, publish


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


def test_while_something_of_its_prompt_is_still_judged_no_source_and_no_opinion_is_told(
    cast: Cast, session: Session, make_set: MakeSet, first_version: Version
) -> None:  # S47
    made = make_set(pair(1), pair(1, rejected="It is 1 worse!"), name="Seas")
    assert cast.author.user
    known, *others = pairs_of(session, made)
    judge(session, known, "good", cast.author.user)
    row = listed(session, first_version.id, known)
    session.commit()
    here = f"/versions/{first_version.id}/pairs/{row.pair_id}"

    def told() -> tuple[bool, str | None, int, bool]:
        answer, page = cast.reviewer.get(f"/api/v1{here}").json(), cast.reviewer.get(here).text
        assert answer["withheld"] == ("still waits for judges" in page)
        return answer["withheld"], answer["chosen"]["source"], len(answer["opinions"]), "</bdi>, imported" in page

    withheld, open_to_all = (True, None, 0, False), (False, "Imported: chosen", 1, True)
    assert told() == withheld
    for one in others:
        judge(session, one, "tie", cast.author.user)
    session.commit()
    assert told() == open_to_all
    made.check_every = 10
    session.commit()
    assert told() == withheld
    made.state = SetState.CLOSED
    session.commit()
    assert told() == open_to_all
