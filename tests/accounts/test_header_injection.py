"""No name adds a header: not to a letter, not to a download, not to any answer."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.accounts.emails import Email
from app.accounts.jobs import send_mail
from app.accounts.models import User
from app.datasets.files import NAMES
from app.datasets.models import Dataset
from app.projects.models import Project
from tests import factories
from tests.accounts.mailbox import Mailbox
from tests.cast import Cast
from tests.hostile import rows, sendable_as_utf8
from tests.knocking import every_door, knock
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
NAMED = [row for row in rows("name", stored=True) if sendable_as_utf8(row)]
# What no door takes for a name, but the database would keep.
BROKEN = [
    "Eve\r\nBcc: b@evil.test",
    "Eve\nSubject: x\n\nbody",
    "Eve\rX: y",
    "Eve\r\n\r\n<b>x</b>",
    "\u2028Bcc: b@evil.test",
]
# Routes that answer with a file, besides those whose address names it.
FILES = ("datasets.changes", "datasets.comments", "evaluation.answers_file")
HEADERS = {"Subject", "From", "To", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
ADDRESSES = [
    "a@evil.test\r\nBcc: b@evil.test", "a@evil.test\nBcc: b@evil.test", "a@evil.test,b@evil.test",
    "a@evil.test b@evil.test", "<a@evil.test>", '"a" <a@evil.test>', "a@evil.test;b@evil.test", "a\0@evil.test",
    "a@evil.test\u2028", "a%0d%0a@b.test\r", "=?utf-8?q?=0d=0aBcc:_b@evil.test?=",
]  # fmt: skip


def test_a_name_stands_in_the_text_of_a_letter_and_nowhere_else(
    with_mail: Mailbox, app: FastAPI, session: Session
) -> None:  # S73
    person = factories.user(session, "Eve", email="eve@example.org")
    for name in (*BROKEN, *(row.text for row in NAMED)):
        session.execute(update(User).where(User.id == person.id).values(name=name))
        session.commit()
        send_mail(kind="reset", user_id=person.id, made_by=None)
        letter = with_mail.letters.pop()
        assert set(letter.keys()) == HEADERS, name
        assert (letter["Subject"], letter["To"]) == ("A new password for Penset", "eve@example.org"), name
        assert letter.get_content_type() == "text/plain", name
        assert unbroken(f"Hello {name},\n\nSomebody, most likely you") in unbroken(letter.get_content()), name


def unbroken(text: str) -> str:
    """A text whose line ends are one: mail knows CR LF alone."""
    return re.sub(r"\r\n|\r", "\n", text)


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_would_be_two_addresses_or_a_header_is_no_address(address: str) -> None:  # S73
    with pytest.raises(ValidationError):
        TypeAdapter(Email).validate_python(address)


def test_no_answer_carries_a_name_in_its_headers(
    cast: Cast, app: FastAPI, session: Session, world: World
) -> None:  # S73
    called_so(session, world.p, 'a"; filename="b.html, "a" <b@evil.test>, a%0d%0aSet-Cookie: x=1')
    for door in every_door(app):
        if door.method == "GET":
            answer = knock(cast.admin, door, world.p)
            assert headers_that_say(answer.headers.multi_items(), "b.html", "evil.test", "x=1") == [], door.name
            named = answer.headers.get_list("content-disposition")
            is_file = "name" in door.route.param_convertors or str(door.route.name).endswith(FILES)
            assert len(named) == is_file, door.name
            assert all(re.fullmatch(r'attachment; filename="[a-zA-Z0-9_.-]+"', one) for one in named), door.name


def called_so(session: Session, ids: Mapping[str, int | str], name: str) -> None:
    """Let the project, its dataset and everybody in it be called so."""
    session.execute(update(Project).where(Project.id == ids["project_id"]).values(name=name))
    session.execute(update(Dataset).where(Dataset.id == ids["dataset_id"]).values(name=name))
    session.execute(update(User).values(name=name))
    session.commit()


def headers_that_say(headers: list[tuple[str, str]], *parts: str) -> list[tuple[str, str]]:
    """The headers in which a part of a name stands as it is, or that hold a line end."""
    return [(key, value) for key, value in headers if any(part in value for part in (*parts, "\r", "\n"))]


def test_a_file_that_is_asked_for_by_such_a_name_is_none(cast: Cast, world: World) -> None:  # S73
    folders = (f"/versions/{world.p['version_id']}/files/", f"/runs/{world.p['run_id']}/model/")
    for name in ('a"; filename="b.html', "a\r\nSet-Cookie: x=1", "a%0d%0aSet-Cookie: x=1", "../train.jsonl"):
        for path in (prefix + folder for prefix in ("", "/api/v1") for folder in folders):
            answer = cast.admin.get(path + name.replace("%", "%25").replace("\r", "%0d").replace("\n", "%0a"))
            assert answer.status_code == 404, name
            assert "content-disposition" not in answer.headers, name
            assert "x=1" not in answer.headers.get("set-cookie", ""), name


def test_downloads_are_named_by_us_alone() -> None:  # S73
    assert all(re.fullmatch(r"[a-zA-Z0-9_.-]+", name) for name in NAMES)
    places = [
        (path.relative_to(ROOT).as_posix(), line.strip())
        for path in (ROOT / "app").rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if "content-disposition" in line.lower()
    ]
    assert {path for path, _ in places} == {
        "app/core/batches.py", "app/datasets/download.py", "app/evaluation/answers_file.py",
        "app/training/download.py",
    }  # fmt: skip


def test_a_letter_comes_from_the_sender_that_the_operator_named(
    with_mail: Mailbox, cast: Cast, session: Session
) -> None:
    assert cast.author.user
    send_mail(kind="reset", user_id=cast.author.user.id, made_by=None)
    assert [str(letter["From"]) for letter in with_mail.letters] == ["penset@localhost"]
    assert session.scalar(text("SELECT count(*) FROM one_time_links")) == 1
