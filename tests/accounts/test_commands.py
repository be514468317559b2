"""What an operator does without a browser: the first administrator, the first link, a new secret."""

import io
import os
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from typer.testing import CliRunner

from app import cli
from app.accounts.models import OneTimeLink, User
from app.accounts.passwords import fits
from app.core.paging import CursorBook
from app.core.settings import Settings
from tests import factories


@pytest.fixture
def installation(own_database: str, own_logs: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh installation whose commands work on a database of this test. Its data folder."""
    monkeypatch.setenv("PENSET_DATABASE_URL", own_database)
    monkeypatch.setenv("PENSET_DATA", str(tmp_path))
    monkeypatch.delenv("PENSET_SECRET", raising=False)
    return tmp_path


def run(*arguments: str, typed: str = "") -> str:
    """What a command prints. It must succeed."""
    done = CliRunner().invoke(cli.cli, list(arguments), input=typed, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_command_makes_an_administrator_with_a_password_from_standard_input(
    installation: Path, committing: sessionmaker[Session]
) -> None:  # S8
    said = run("create-admin", "ada@example.org", "--name", "Ada Admin", typed="a heap of new words\n")
    assert "ada@example.org can sign in now" in said
    with committing() as session:
        user = session.scalars(select(User)).one()
        assert (user.name, user.is_admin) == ("Ada Admin", True)
        assert fits(user.password_hash, "a heap of new words")


@pytest.mark.parametrize(
    ("email", "name", "password", "said"),
    [
        ("ada@example.org", "Ada Admin", "ada admin", "  password: is made of a name or an address that others know"),
        ("ada", "Ada Admin", "a heap of new words", "  email: is not an e-mail address like somebody@example.org"),
        ("ada@example.org", "A\nB", "a heap of new words", "  name: holds a control character at position 1"),
    ],
)
def test_a_command_says_what_it_does_not_take(
    email: str,
    name: str,
    password: str,
    said: str,
    installation: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # S6
    monkeypatch.setattr("sys.argv", ["penset", "create-admin", email, "--name", name])
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert said in capsys.readouterr().err


def test_the_first_link_is_printed_while_nobody_has_an_account(
    installation: Path, committing: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:  # S8
    settings = Settings(data=installation)
    cli.say_first_link(committing, settings)
    assert "http://127.0.0.1:8000/first-admin/" in capsys.readouterr().out
    assert "http://127.0.0.1:8000/first-admin/" in run("first-admin-link")
    with committing.begin() as session:
        assert len(session.scalars(select(OneTimeLink)).all()) == 2
        factories.user(session)
    cli.say_first_link(committing, settings)
    assert capsys.readouterr().out == ""


def test_a_link_is_refused_where_anybody_has_an_account(
    installation: Path,
    committing: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # S8
    with committing.begin() as session:
        factories.user(session)
    monkeypatch.setattr("sys.argv", ["penset", "first-admin-link"])
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert "This Penset has accounts already." in capsys.readouterr().err


def test_after_a_rotation_the_old_secret_is_accepted_for_a_day_and_then_only_the_new(installation: Path) -> None:  # S89
    settings = Settings(data=installation)
    before = settings.signing_keys[0]
    cursor = CursorBook(settings.signing_keys, "people", 1).write(7)
    assert "accepted for a day" in run("rotate-secret")
    assert settings.signing_keys[0] != before
    assert settings.signing_keys[1:] == [before]
    assert CursorBook(settings.signing_keys, "people", 1).read(cursor) == 7
    yesterday = time.time() - 24 * 60 * 60 - 1
    os.utime(installation / "secret.old", (yesterday, yesterday))
    assert len(settings.signing_keys) == 1
    with pytest.raises(Exception, match="bad_cursor"):
        CursorBook(settings.signing_keys, "people", 1).read(cursor)
    assert {(installation / name).stat().st_mode & 0o777 for name in ("secret", "secret.old")} == {0o600}


def test_a_secret_that_the_operator_gave_is_not_rotated_behind_their_back(
    installation: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # S89
    monkeypatch.setenv("PENSET_SECRET", "k7Jq2mX9vR4tW8yB1nC6dF3gH5sL0pZa")
    monkeypatch.setattr("sys.argv", ["penset", "rotate-secret"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert "move it to PENSET_OLD_SECRET" in capsys.readouterr().err


def test_two_installations_have_nothing_secret_in_common(tmp_path: Path) -> None:  # S9
    one, other = (Settings(data=tmp_path / name).signing_keys[0] for name in ("one", "other"))
    assert one != other


def test_a_fresh_installation_has_no_account(committing: sessionmaker[Session]) -> None:  # S9
    with committing() as session:
        assert session.scalars(select(User)).all() == []
