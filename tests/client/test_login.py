"""Signing in from afar: a token is asked for, kept for its owner alone, and never shown or sent in the open."""

import json
import stat

import pytest

from app.client.errors import CannotReach, WrongUse
from app.client.login import Login, checked
from app.client.penset import Penset
from tests.browser.site import Site
from tests.client.conftest import Shell
from tests.client.made import token_of


def test_a_token_is_kept_in_a_file_that_only_its_owner_reads(site: Site, shell: Shell) -> None:
    token = token_of(site, ["datasets:read"])
    told = shell.run("login", site.address, typed=f"{token}\n")
    assert "as Ada Admin; this token may datasets:read" in told
    assert token not in told
    kept = shell.home / "penset" / "login.json"
    assert json.loads(kept.read_text("utf-8")) == {"url": site.address, "token": token}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert shell.run("datasets", "list") == "No dataset yet, or none that you may see.\n"
    assert shell.run("logout") == "Signed out.\n"
    assert not kept.exists()


def test_a_token_that_is_none_is_refused_and_not_kept(site: Site, shell: Shell) -> None:
    said = shell.run("login", site.address, typed="pen_nothing\n", code=3)
    assert "pen_nothing" not in said
    assert not (shell.home / "penset").exists()


def test_without_a_login_the_way_to_one_is_told(shell: Shell) -> None:
    assert "penset login URL" in shell.run("datasets", "list", code=2)


def test_the_environment_stands_before_what_is_kept_and_a_token_goes_to_its_own_site_only(
    site: Site, signed_in: Shell
) -> None:
    elsewhere = Shell(signed_in.folder, signed_in.home, {"PENSET_URL": "http://127.0.0.1:9"})
    assert "Not signed in" in elsewhere.run("datasets", "list", code=2)
    revoked = Shell(signed_in.folder, signed_in.home, {"PENSET_TOKEN": "pen_nothing"})
    revoked.run("datasets", "list", code=3)


def test_a_site_that_does_not_answer_is_named_after_five_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("app.client.server.time.sleep", waits.append)
    with Penset("http://127.0.0.1:9", "pen_secret") as gone, pytest.raises(CannotReach) as told:
        gone.projects()
    assert "http://127.0.0.1:9 does not answer" in str(told.value)
    assert (told.value.exit_code, len(waits)) == (5, 4)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://penset.example.org", "Use https, or add --insecure"),
        ("ftp://penset.example.org", "is no address of a site"),
        ("https://penset.example.org/projects/1", "give scheme and host alone"),
        ("https://ada:secret@penset.example.org", "Leave name and password out"),
        ("https://", "is no address of a site"),
    ],
)
def test_an_address_by_which_a_token_would_leak_is_refused(url: str, why: str) -> None:
    with pytest.raises(WrongUse, match=why) as refused:
        checked(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "insecure", "read"),
    [
        ("penset.example.org", False, "https://penset.example.org"),
        ("https://penset.example.org/", False, "https://penset.example.org"),
        ("http://localhost:8000", False, "http://localhost:8000"),
        ("http://[::1]:8000", False, "http://[::1]:8000"),
        ("http://penset.example.org", True, "http://penset.example.org"),
    ],
)
def test_an_address_is_read_as_people_type_it(url: str, insecure: bool, read: str) -> None:
    assert checked(url, insecure=insecure) == read


def test_what_is_printed_of_a_login_holds_no_token() -> None:
    assert repr(Login("https://penset.example.org", "pen_secret")) == "Login('https://penset.example.org')"
