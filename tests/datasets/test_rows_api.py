"""A program browses the rows of a version as its page does: in the order of the files, page by page, by file."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.datasets.models import Version
from tests.cast import Cast
from tests.datasets.made import approve
from tests.datasets.questions import question
from tests.preferences.publishing import compared, dataset
from tests.preferences.publishing import publish as publish_pairs
from tests.walking import every_row


def test_every_row_comes_once_and_is_called_as_in_the_files(
    cast: Cast, session: Session, publish: Callable[[], Version]
) -> None:
    made = approve(session, cast, 25)
    version = publish()
    address = f"/api/v1/versions/{version.id}/rows"
    rows = every_row(cast.reviewer, address, "rows")
    assert sorted(row["submission_id"] for row in rows) == sorted(one.id for one in made)
    assert [row["position"] for row in rows] == sorted(row["position"] for row in rows)
    assert {row["id"] for row in rows} == {f"s{one.id}-r1" for one in made}
    assert [turn["role"] for turn in rows[0]["messages"]] == ["user", "assistant"]
    for part, count in version.counts.items():
        assert len(every_row(cast.reviewer, f"{address}?split={part}", "rows")) == count


def test_a_cursor_of_one_file_is_none_of_another(cast: Cast, session: Session, publish: Callable[[], Version]) -> None:
    approve(session, cast, 40)
    address = f"/api/v1/versions/{publish().id}/rows"
    cursor = cast.reviewer.get(f"{address}?split=train").json()["next_cursor"]
    assert cast.reviewer.get(f"{address}?split=test&cursor={cursor}").status_code == 422


def test_a_row_of_preferences_has_both_responses(cast: Cast, session: Session) -> None:
    pair = {"prompt": question(1), "chosen": "good", "rejected": "bad", "source": "ours", "licence": "MIT"}
    compared(cast, session, [pair])
    version = publish_pairs(cast, session, dataset(cast))
    (row,) = cast.reviewer.get(f"/api/v1/versions/{version.id}/rows").json()["rows"]
    assert row["id"] == f"c{row['pair_id']}"
    assert (row["chosen"][0]["content"], row["rejected"][0]["content"], row["agreed"]) == ("good", "bad", 1)
    assert row["messages"] is None


def test_writers_do_not_know_of_it(cast: Cast, session: Session, publish: Callable[[], Version]) -> None:
    approve(session, cast, 2)
    version = publish()
    for person in (cast.author, cast.outsider):
        assert person.get(f"/api/v1/versions/{version.id}/rows").status_code == 404
