"""A version is sent to a hub: by the real library, to a server that keeps what it gets."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.jobs import surroundings
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.files import open_file, version_files
from app.datasets.jobs import push_to_hub
from app.datasets.models import Benchmark, HubPush, Version, VersionRow, WorkStatus
from app.writing.models import Submission
from tests.cast import Cast
from tests.datasets.contamination.test_benchmarks import add as add_benchmark
from tests.datasets.made import published
from tests.datasets.push.hub_server import TOKEN, Hub, Repository, serving
from tests.jobs import do_jobs

# The library's own, of how it hands a file to httpx.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def hub(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that this Penset has a token for."""
    with serving() as served:
        for one in (settings, surroundings.settings):
            monkeypatch.setattr(one, "hub_url", served.address)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield served


def names_of(version: Version) -> list[str]:
    """The names of all its files."""
    return [fact.name for fact in version_files(version)]


def push(cast: Cast, session: Session, version: Version, **form: str) -> HubPush:
    """Send it by the page's form, and let the job do it. What became of it."""
    answer = cast.admin.post(f"/versions/{version.id}/pushes", data={"repository": "us/everyday", **form})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/versions/{version.id}#pushes")
    assert "datasets.push_to_hub" in do_jobs(session)
    session.expire_all()
    return session.query(HubPush).filter_by(version_id=version.id).one()


def test_the_files_arrive_byte_for_byte_in_one_tagged_commit(
    cast: Cast, session: Session, version: Version, storage: Storage, hub: Hub
) -> None:
    done = push(cast, session, version)
    assert (done.status, done.failure) == (WorkStatus.DONE, "")
    there = hub.repositories["us/everyday"]
    assert there.files == {name: b"".join(open_file(storage, version, name)) for name in names_of(version)}
    assert (there.private, len(there.commits)) == (True, 1)
    assert there.at(there.tags["v1"]) == there.files
    assert version.content_hash
    assert version.content_hash in there.messages[0]
    assert f'href="{done.address}"' in cast.reviewer.get(f"/versions/{version.id}").text


def test_the_same_version_again_makes_no_second_commit(
    cast: Cast, session: Session, version: Version, hub: Hub
) -> None:  # R8
    first = push(cast, session, version).address
    push_to_hub(session.query(HubPush).one().id)
    assert push(cast, session, version).address == first
    assert len(hub.repositories["us/everyday"].commits) == 1


def test_after_a_kill_between_the_files_the_next_push_is_whole(
    cast: Cast, session: Session, version: Version, hub: Hub
) -> None:  # R7
    hub.refuse = {"/commit/": 500}  # the large files are there, the commit is not
    assert push(cast, session, version).status is WorkStatus.FAILED
    assert (len(hub.large), hub.repositories["us/everyday"].commits) == (3, [])
    hub.refuse = {}
    assert push(cast, session, version).status is WorkStatus.DONE
    assert set(hub.repositories["us/everyday"].files) == set(names_of(version))


def test_the_tagged_commit_of_a_later_version_holds_no_file_of_the_one_before(
    some_approved: Cast, session: Session, storage: Storage, hub: Hub
) -> None:
    assert add_benchmark(some_approved).status_code == 201
    first = published(some_approved, session)
    push(some_approved, session, first)
    there = hub.repositories["us/everyday"]
    there.files["LICENSE"] = b"put there by hand"
    session.execute(update(Benchmark).values(removed_at=func.now()))
    second = published(some_approved, session)
    assert push(some_approved, session, second).status is WorkStatus.DONE
    assert "contamination.json" in there.at(there.tags["v1"])
    assert set(there.at(there.tags["v2"])) == {*names_of(second), "LICENSE"}
    assert push(some_approved, session, first).address.endswith(there.tags["v1"])  # it stays tagged, main as it is
    assert there.files == there.at(there.tags["v2"])


def test_another_dataset_whose_number_is_taken_in_the_repository_is_refused_in_words(
    cast: Cast, session: Session, version: Version, hub: Hub
) -> None:
    push(cast, session, version)
    before = dict(hub.repositories["us/everyday"].files)
    refused = push(cast, session, published(cast, session, "Another"))
    assert refused.status is WorkStatus.FAILED
    assert refused.failure.startswith("us/everyday has a tag v1 that names something else, and nothing was sent.")
    assert hub.repositories["us/everyday"].files == before


def test_what_is_to_be_private_goes_into_no_repository_that_everybody_may_see(
    cast: Cast, session: Session, version: Version, hub: Hub
) -> None:
    hub.repositories["us/everyday"] = Repository(private=False)
    refused = push(cast, session, version)
    assert refused.status is WorkStatus.FAILED
    assert refused.failure.startswith("Everybody may see us/everyday, and nothing was sent: it was to be private.")
    assert (hub.large, hub.repositories["us/everyday"].commits) == ({}, [])
    assert push(cast, session, version, public="true").status is WorkStatus.DONE


def test_who_may_see_it_is_what_was_said_last(cast: Cast, session: Session, version: Version, hub: Hub) -> None:
    hub.refuse = {"/repos/create": 500}
    assert push(cast, session, version, public="true").status is WorkStatus.FAILED
    hub.refuse = {}
    assert push(cast, session, version).status is WorkStatus.DONE
    assert hub.repositories["us/everyday"].private


@pytest.mark.parametrize(
    ("part", "status", "said"),
    [
        ("/api/repos/create", 401, "does not know the token"),
        ("/preupload/", 403, "may not write to us/everyday"),
        ("/commit/", 400, "status 400"),
    ],
)
def test_a_refusal_is_told_in_words_without_the_token(
    cast: Cast, session: Session, version: Version, hub: Hub, capfd: pytest.CaptureFixture[str],
    part: str, status: int, said: str,
) -> None:  # fmt: skip
    hub.refuse = {part: status}
    assert said in push(cast, session, version).failure
    assert said in cast.admin.get(f"/versions/{version.id}").text
    assert TOKEN not in "".join(capfd.readouterr())
    assert TOKEN not in str([vars(one) for one in session.query(HubPush)])


def test_without_a_token_nothing_is_offered_and_nothing_sent(cast: Cast, version: Version) -> None:
    assert "Send to the hub" not in cast.admin.get(f"/versions/{version.id}").text
    answer = cast.admin.post(f"/api/v1/versions/{version.id}/pushes", json={"repository": "us/everyday"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/datasets.hub_off")


def withdraw_one(cast: Cast, session: Session, version: Version) -> None:
    """The author of one row of the version takes it back."""
    assert cast.author.user
    mine = select(Submission.id).join(VersionRow, VersionRow.submission_id == Submission.id)
    mine = mine.where(VersionRow.version_id == version.id, Submission.author_id == cast.author.user.id)
    taken_back = session.scalars(mine.order_by(Submission.id).limit(1)).one()
    assert cast.author.api("POST", f"/api/v1/submissions/{taken_back}/withdraw").status_code == 200


def test_once_a_row_was_withdrawn_the_version_is_offered_to_no_hub_and_sent_to_none(
    cast: Cast, session: Session, version: Version, hub: Hub
) -> None:  # S101
    assert "Send to the hub" in cast.admin.get(f"/versions/{version.id}").text
    withdraw_one(cast, session, version)
    answer = cast.admin.post(f"/api/v1/versions/{version.id}/pushes", json={"repository": "us/everyday"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/datasets.superseded")
    assert "1 row of it was withdrawn" in answer.json()["detail"]
    for page in ("", "/pushes"):
        assert "Send to the hub" not in cast.admin.get(f"/versions/{version.id}{page}").text
    assert push(cast, session, published(cast, session)).status is WorkStatus.DONE


def test_what_is_withdrawn_while_a_version_waits_for_its_turn_does_not_go(
    cast: Cast, session: Session, version: Version, hub: Hub
) -> None:  # S101
    cast.admin.post(f"/versions/{version.id}/pushes", data={"repository": "us/everyday"})
    withdraw_one(cast, session, version)
    do_jobs(session)
    session.expire_all()
    waited = session.query(HubPush).one()
    assert (waited.status, hub.calls) == (WorkStatus.FAILED, [])
    assert "1 row of it was withdrawn" in waited.failure


@pytest.mark.parametrize("name", ["everyday", "us/", "/x", "us/a b", "us/..", "../us", "us/a--b", "us/x/y", "us/é"])
def test_only_a_name_that_a_hub_takes_is_sent_to(cast: Cast, version: Version, hub: Hub, name: str) -> None:
    answer = cast.admin.post(f"/api/v1/versions/{version.id}/pushes", json={"repository": name})
    assert (answer.status_code, answer.json()["type"]) == (422, "/errors/datasets.bad_repository")
    assert hub.calls == []


def test_a_reviewer_sees_where_it_was_sent_and_sends_nothing(
    cast: Cast, session: Session, version: Version, hub: Hub
) -> None:
    push(cast, session, version)
    page = cast.reviewer.get(f"/versions/{version.id}").text
    assert "us/everyday" in page
    assert "Send to the hub" not in page
    assert cast.reviewer.post(f"/versions/{version.id}/pushes", data={"repository": "us/x"}).status_code == 403
