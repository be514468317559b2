"""Download: streamed, whole or in one part, never rendered, never other bytes than those that were published."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import ApiToken
from app.accounts.tokens import create_token, revoke_token
from app.core.audit import AuditEntry
from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.files import file_of, hash_under, key_of
from app.datasets.models import Version
from tests.cast import Cast, Client

DOORS = ("", "/api/v1")


def bearer(cast: Cast, session: Session, *scopes: str) -> dict[str, str]:
    """The header of a fresh token of the admin's."""
    _, secret = create_token(session, cast.admin.actor, name="pull", scopes=list(scopes), days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("door", DOORS)
def test_every_file_comes_whole_with_its_hash_and_is_never_rendered(cast: Cast, version: Version, door: str) -> None:
    # S75
    for name in ("train.jsonl", "validation.jsonl", "test.jsonl", "manifest.json", "README.md"):
        answer = cast.reviewer.get(f"{door}/versions/{version.id}/files/{name}")
        sha256 = hashlib.sha256(answer.content)
        assert answer.status_code == 200
        assert sha256.hexdigest() == answer.headers["x-checksum-sha256"] == file_of(version, name).sha256
        assert answer.headers["etag"] == f'"{sha256.hexdigest()}"'
        assert answer.headers["repr-digest"] == f"sha-256=:{base64.b64encode(sha256.digest()).decode()}:"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox")
        assert answer.headers["content-length"] == str(len(answer.content))
        assert "html" not in answer.headers["content-type"]


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=10-", 206, slice(10, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=0-99999999999", 206, slice(0, None)),
        ("bytes=9-3", 416, None),
        ("bytes=99999999-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=" + ",".join(f"{n}-{n + 1}" for n in range(10_000)), 200, slice(0, None)),
        ("bytes=0-4,2-8", 200, slice(0, None)),
        ("lines=1-2", 200, slice(0, None)),
    ],
    ids=lambda value: str(value)[:24],
)
def test_one_part_can_be_asked_for_and_nothing_else_is_believed(
    cast: Cast, version: Version, wanted: str, status: int, part: slice | None
) -> None:
    # I27
    address = f"/api/v1/versions/{version.id}/files/train.jsonl"
    whole = cast.reviewer.get(address).content
    answer = cast.reviewer.get(address, headers={"Range": wanted})
    assert answer.status_code == status
    assert answer.content == (whole[part] if part else b"")


def test_who_has_the_file_already_is_told_so(cast: Cast, version: Version) -> None:
    address = f"/api/v1/versions/{version.id}/files/train.jsonl"
    etag = cast.reviewer.get(address).headers["etag"]
    again = cast.reviewer.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    other = cast.reviewer.get(address, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "secret",
        "..%2f..%2fsecret",
        "%2e%2e",
        "train.jsonl%00",
        "TRAIN.JSONL",
        "CON",
        "a" * 300,
        ".parts",
    ],
)
def test_only_a_name_of_ours_is_a_file(cast: Cast, version: Version, name: str) -> None:  # S76
    for door in DOORS:
        assert cast.reviewer.get(f"{door}/versions/{version.id}/files/{name}").status_code in (404, 422)


@pytest.mark.parametrize("door", DOORS)
def test_nobody_else_learns_that_the_version_exists(cast: Cast, version: Version, door: str) -> None:
    address = f"{door}/versions/{version.id}/files/train.jsonl"
    assert cast.author.get(address).status_code == 404
    assert cast.outsider.get(address).status_code == 404
    assert cast.visitor.get(address).status_code in (303, 401)


def test_a_token_downloads_until_it_is_revoked(cast: Cast, session: Session, version: Version) -> None:
    # S61
    address = f"/api/v1/versions/{version.id}/files/train.jsonl"
    header = bearer(cast, session, "datasets:read")
    assert cast.visitor.get(address, headers=header | {"Range": "bytes=0-9"}).status_code == 206
    revoke_token(session, cast.admin.actor, session.scalars(select(ApiToken.id)).one())
    session.commit()
    next_part = cast.visitor.get(address, headers=header | {"Range": "bytes=10-19"})
    assert next_part.status_code == 401
    assert next_part.headers["www-authenticate"].startswith("Bearer")


def test_a_token_does_only_what_its_scopes_say(cast: Cast, session: Session, version: Version) -> None:
    header = bearer(cast, session, "prompts:read")
    address = f"/api/v1/versions/{version.id}/files/train.jsonl"
    assert cast.visitor.get(address, headers=header).status_code == 403
    publishing = f"/api/v1/datasets/{version.dataset_id}/versions"
    assert cast.visitor.post(publishing, headers=bearer(cast, session, "datasets:read")).status_code == 403
    assert cast.visitor.post(publishing, headers=bearer(cast, session, "datasets:publish")).status_code == 202


def test_a_second_part_costs_no_more_than_itself(
    cast: Cast, version: Version, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, int] | None] = []
    opened = type(storage).open

    def noted(self: Storage, key: str, span: tuple[int, int] | None = None) -> Iterator[bytes]:
        asked.append(span)
        return opened(self, key, span)

    monkeypatch.setattr(type(storage), "open", noted)
    hash_under.cache_clear()
    address = f"/api/v1/versions/{version.id}/files/train.jsonl"
    for start in (0, 10):
        part = cast.reviewer.get(address, headers={"Range": f"bytes={start}-{start + 9}"})
        assert (part.status_code, len(part.content)) == (206, 10)
    assert asked == [None, (0, 10), (10, 20)]


def test_other_bytes_on_the_disk_are_never_sent(cast: Cast, version: Version, settings: Settings) -> None:  # R13
    fact = file_of(version, "train.jsonl")
    path = Path(settings.files_folder / key_of(version.id, fact.sha256))
    whole = path.read_bytes()
    for wrong in (whole[:-1] + b"!", whole[:-1], whole + b"\n"):
        path.unlink()
        path.write_bytes(wrong)
        for header in ({}, {"Range": "bytes=0-3"}):
            answer = cast.reviewer.get(f"/api/v1/versions/{version.id}/files/train.jsonl", headers=header)
            assert (answer.status_code, answer.json()["type"]) == (503, "/errors/datasets.file_damaged")
    path.unlink()
    assert cast.reviewer.get(f"/versions/{version.id}/files/train.jsonl").status_code == 503


def test_who_took_which_file_is_written_down(cast: Cast, session: Session, version: Version) -> None:
    client: Client = cast.reviewer
    client.get(f"/versions/{version.id}/files/test.jsonl")
    taken = session.scalars(select(AuditEntry).where(AuditEntry.action == "datasets.downloaded")).one()
    assert client.user
    assert (taken.actor_id, taken.subject_id, taken.details) == (client.user.id, version.id, {"file": "test.jsonl"})


@pytest.mark.parametrize("door", DOORS)
def test_who_means_other_bytes_hears_so_and_who_has_one_of_several_gets_none(
    cast: Cast, version: Version, door: str
) -> None:
    address = f"{door}/versions/{version.id}/files/train.jsonl"
    tag = cast.reviewer.get(address).headers["etag"]
    asked = {"Range": "bytes=0-9", "If-Match": f'"older", {tag}'}
    assert cast.reviewer.get(address, headers=asked).status_code == 206
    for other in ('"older"', f"W/{tag}", "older"):
        assert cast.reviewer.get(address, headers={"Range": "bytes=0-9", "If-Match": other}).status_code == 412
    for has in (f'"older", W/{tag}', "*", f'"older",{tag},'):
        assert cast.reviewer.get(address, headers={"If-None-Match": has}).status_code == 304
    for has_not in ('"older"', tag.strip('"'), f"{tag}, *"):
        assert cast.reviewer.get(address, headers={"If-None-Match": has_not}).status_code == 200
