"""A format is made of a version when somebody asks for it, and kept under the promises of the version's own files."""

import hashlib
import json

import pytest
from sqlalchemy.orm import Session

from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.formats.registry import FORMS
from app.datasets.jobs import make_format
from app.datasets.models import Version, VersionFormat
from app.insights.doctor_files import examine_files
from tests.cast import Cast
from tests.jobs import do_jobs


def ask(cast: Cast, session: Session, version: Version, name: str) -> None:
    """Ask for a format by the API, and let the job make it."""
    answer = cast.reviewer.post(f"/api/v1/versions/{version.id}/formats/{name}")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    do_jobs(session)


@pytest.mark.parametrize("name", FORMS)
def test_a_format_that_is_asked_for_is_made_with_hashes_that_hold(
    cast: Cast, session: Session, version: Version, name: str
) -> None:
    ask(cast, session, version, name)
    here = f"/api/v1/versions/{version.id}/formats"
    made = next(one for one in cast.reviewer.get(here).json()["formats"] if one["format"] == name)
    assert (made["status"], made["left_out"]) == ("done", 0)
    assert sum(file["rows"] or 0 for file in made["files"]) == 20
    for file in made["files"]:
        answer = cast.reviewer.get(f"{here}/{name}/{file['name']}")
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"] == answer.headers["x-checksum-sha256"]
        part = cast.reviewer.get(f"{here}/{name}/{file['name']}", headers={"Range": "bytes=3-9"})
        assert (part.status_code, part.content) == (206, answer.content[3:10])


def test_the_manifest_of_a_format_names_the_version_and_its_files(
    cast: Cast, session: Session, version: Version
) -> None:
    ask(cast, session, version, "alpaca")
    here = f"/versions/{version.id}/formats/alpaca"
    told = json.loads(cast.reviewer.get(f"{here}/manifest.json").content)
    assert (told["format"], told["made_of"]["sha256"]) == ("alpaca", version.content_hash)
    assert set(told["files"]) == {"train.jsonl", "validation.jsonl", "test.jsonl", "README.md", "dataset_info.json"}
    info = json.loads(cast.reviewer.get(f"{here}/dataset_info.json").content)
    assert info["train"]["file_name"] == "train.jsonl"
    assert info["train"]["columns"]["history"] == "history"


def test_a_job_that_runs_twice_makes_a_format_once(cast: Cast, session: Session, version: Version) -> None:  # R8
    ask(cast, session, version, "sharegpt")
    before = session.get_one(VersionFormat, (version.id, "sharegpt")).files
    make_format(version.id, "sharegpt")
    session.expire_all()
    assert session.get_one(VersionFormat, (version.id, "sharegpt")).files == before


def test_asking_again_changes_nothing_and_queues_nothing(cast: Cast, session: Session, version: Version) -> None:
    ask(cast, session, version, "alpaca")
    again = cast.reviewer.post(f"/api/v1/versions/{version.id}/formats/alpaca")
    assert (again.status_code, again.json()["status"]) == (202, "done")
    assert do_jobs(session) == []


def test_a_format_that_nobody_asked_for_has_no_file_and_an_unknown_one_no_name(cast: Cast, version: Version) -> None:
    here = f"/api/v1/versions/{version.id}/formats"
    absent = cast.reviewer.get(f"{here}/alpaca/train.jsonl")
    assert (absent.status_code, absent.json()["type"]) == (404, "/errors/datasets.format_not_made")
    for address in (f"{here}/csv", f"{here}/..%2falpaca"):
        assert cast.reviewer.post(address).status_code == 404


def test_damage_in_the_version_fails_with_words_and_can_be_tried_again(
    cast: Cast, session: Session, version: Version, settings: Settings, storage: Storage
) -> None:
    assert version.manifest
    path = settings.files_folder / f"versions/{version.id}/{version.manifest['files']['test.jsonl']['sha256']}"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    ask(cast, session, version, "alpaca")
    page = cast.reviewer.get(f"/versions/{version.id}").text
    assert "test.jsonl is damaged in storage" in page
    assert "Try again" in page
    path.write_bytes(whole)
    ask(cast, session, version, "alpaca")
    assert not any(result.in_all for result in examine_files(session, storage))


def test_the_page_offers_each_format_and_then_its_files(cast: Cast, session: Session, version: Version) -> None:
    here = f"/versions/{version.id}"
    assert cast.reviewer.get(here).text.count("Make it") == len(FORMS)
    answer = cast.reviewer.post(f"{here}/formats/parquet")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{here}#formats")
    assert "Being made" in cast.reviewer.get(f"{here}/formats").text
    do_jobs(session)
    assert f"{here}/formats/parquet/train.parquet" in cast.reviewer.get(here).text


def test_only_a_published_version_has_formats(cast: Cast, session: Session, version: Version) -> None:
    queued = cast.admin.post(f"/api/v1/datasets/{version.dataset_id}/versions").json()["id"]
    answer = cast.reviewer.post(f"/api/v1/versions/{queued}/formats/alpaca")
    assert (answer.status_code, answer.json()["type"]) == (409, "/errors/datasets.not_published")
