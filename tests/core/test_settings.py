"""What an operator sets: every setting documented, each wrong one refused by its name, no secret ever shown."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from app import cli
from app.core.errors import StartRefused
from app.core.settings import Settings, is_loopback, load_settings, misspelt_names

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = (ROOT / "docs" / "settings.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test sets."""
    for name in list(os.environ):
        if name.startswith("PENSET_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_description_and_default(name: str) -> None:
    rows = [row for row in DOCUMENTED.splitlines() if row.startswith(f"| `PENSET_{name.upper()}` |")]
    assert len(rows) == 1, f"PENSET_{name.upper()} has no row in docs/settings.md"
    field = Settings.model_fields[name]
    assert field.description
    assert field.description in rows[0]
    default = {"None": "none", "[]": "none", "False": "false"}.get(str(field.default), f"`{field.default}`")
    assert rows[0].split(" | ")[1] == default


def test_no_setting_is_documented_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `PENSET_(\w+)` \|", DOCUMENTED, re.MULTILINE)
    assert {row.lower() for row in rows} == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PENSET_SECRET", ""),
        ("PENSET_SECRET", "short"),
        ("PENSET_SECRET", "changeme"),
        ("PENSET_SECRET", "change-me-change-me-change-me-change-me"),
        ("PENSET_SECRET", "x" * 64),
        ("PENSET_OLD_SECRET", "secret"),
        ("PENSET_POOL_SIZE", "many"),
        ("PENSET_POOL_SIZE", "0"),
        ("PENSET_SESSION_IDLE_HOURS", "-1"),
        ("PENSET_TRUSTED_PROXIES", '["everybody"]'),
        ("PENSET_PUBLIC_URL", "penset.example.org"),
        ("PENSET_PUBLIC_URL", "https://penset.example.org/path"),
        ("PENSET_PUBLIC_URL", "http://penset.example.org"),
        ("PENSET_RAY_URL", "ray-head:8265"),
        ("PENSET_RAY_URL", "http://user:of-the-cluster@ray-head:8265"),
        ("PENSET_RAY_URL", "http://ray-head:8265/?token=of-the-cluster"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # S88, S30
    monkeypatch.setenv(name, value)
    with pytest.raises(StartRefused) as refused:
        load_settings()
    assert name in str(refused.value)
    if "SECRET" in name and value:
        assert value not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PENSET_DATABSE_URL", "PENSET_DATABASE_URL"),
        ("PENSET_SECERT", "PENSET_SECRET"),
        ("PENSET_SESSION_DAY", "PENSET_SESSION_DAYS"),
    ],
)
def test_a_misspelt_setting_is_not_passed_over(name: str, meant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "whatever")
    with pytest.raises(StartRefused, match=f"{name} is no setting: is {meant} meant"):
        load_settings()


def test_what_is_no_setting_of_ours_is_let_be() -> None:
    others = ["PENSET_URL", "PENSET_TOKEN", "PENSET_POSTGRES_BIN", "PENSET_DB_PASSWORD", "PENSET_LISTEN", "PENSET_PORT"]
    assert misspelt_names([*others, "PENSET_SERVICE_HOST", "PENSET_TEST_RAY", "PENSET_TEST_ROUNDS"]) == {}


def test_a_command_refuses_to_start_with_an_example_secret_and_says_how(
    own_logs: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # S88
    monkeypatch.setenv("PENSET_SECRET", "changeme")
    monkeypatch.setattr("sys.argv", ["penset", "serve"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert "PENSET_SECRET" in (said := capsys.readouterr().err)
    assert "leave it out and Penset makes one" in said


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("http://[::1]:8000", False),
        ("https://penset.example.org", False),
        ("http://penset.example.org", True),
        ("http://192.168.1.5:8000", True),
        ("http://localhost.evil.test", True),
        ("http://0.0.0.0:8000", True),
    ],
)
def test_plain_http_is_for_this_machine_unless_told_in_so_many_words(url: str, refused: bool) -> None:  # S30
    if refused:
        with pytest.raises(ValueError, match="PENSET_ALLOW_PLAIN_HTTP=true"):
            Settings(public_url=url)
    assert Settings(public_url=url, allow_plain_http=True).cookie_name == (
        "__Host-penset" if url.startswith("https") else "penset"
    )


def test_a_token_of_a_cluster_does_not_travel_in_the_open() -> None:  # S30
    token = SecretStr("of-the-cluster")
    with pytest.raises(ValueError, match="PENSET_RAY_URL is http on another machine: use https"):
        Settings(ray_url="http://ray-head:8265", ray_token=token)
    for url in ("http://127.0.0.1:8265", "https://ray-head"):
        assert Settings(ray_url=url, ray_token=token).ray_url == url


def test_the_secret_is_made_at_first_start_for_the_owner_s_eyes_only(tmp_path: Path) -> None:  # S88
    first = Settings(data=tmp_path / "new").signing_keys
    assert (tmp_path / "new" / "secret").stat().st_mode & 0o777 == 0o600
    assert len(first[0]) >= 32
    assert Settings(data=tmp_path / "new").signing_keys == first
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret"]


def test_starts_at_once_agree_on_one_secret(tmp_path: Path) -> None:  # S88
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.extend(Settings(data=tmp_path).signing_keys)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize("damaged", ["", "short", "x" * 40])
def test_a_damaged_secret_is_refused_with_its_place(damaged: str, tmp_path: Path) -> None:  # S88
    (tmp_path / "secret").write_text(damaged)
    with pytest.raises(StartRefused, match="secret is empty or damaged"):
        _ = Settings(data=tmp_path).signing_keys


def test_a_given_secret_signs_and_the_one_before_it_is_accepted() -> None:  # S89
    new, old = "k7Jq2mX9vR4tW8yB1nC6dF3gH5sL0pZa", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"
    assert Settings(secret=SecretStr(new), old_secret=SecretStr(old)).signing_keys == [new.encode(), old.encode()]


def test_nothing_that_shows_the_settings_shows_a_secret() -> None:  # S93
    settings = Settings(
        database_url=SecretStr("postgresql://penset:markersecret1@db/penset"),
        secret=SecretStr("markersecret2k7Jq2mX9vR4tW8yB1nC6dF"),
        smtp_url=SecretStr("smtps://penset:markersecret3@mail.example.org"),
    )
    shown = repr(settings) + str(settings) + settings.model_dump_json()
    assert "markersecret" not in shown


SECRETS = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


HELPS = """
from typer.core import TyperGroup
from typer.main import get_group
from typer.testing import CliRunner
from app.cli import cli

def helps(group, *words):
    yield words
    for name, command in group.commands.items():
        yield from helps(command, *words, name) if isinstance(command, TyperGroup) else [(*words, name)]

for words in helps(get_group(cli)):
    answer = CliRunner().invoke(cli, [*words, "--help"], catch_exceptions=False)
    assert answer.exit_code == 0, words
    print(answer.output)
"""


def test_no_help_of_a_command_shows_what_the_environment_keeps_secret() -> None:  # S93
    assert {"database_url", "secret", "smtp_url", "hub_token"} <= {*SECRETS}
    kept = {f"PENSET_{name.upper()}": f"markersecret-{name}" for name in (*SECRETS, "token")}
    child = subprocess.run([sys.executable, "-c", HELPS], env=os.environ | kept, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    assert "create-admin" in child.stdout
    assert "markersecret" not in child.stdout + child.stderr


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("192.168.1.5", False),
        ("a", False),
    ],
)
def test_loopback_is_this_very_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here


def test_debug_listens_on_a_loopback_address_only(
    own_logs: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # S90
    monkeypatch.setenv("PENSET_DEBUG", "true")
    monkeypatch.setattr("sys.argv", ["penset", "serve", "--host", "192.168.1.5"])
    with pytest.raises(SystemExit, match="2"):
        cli.main()
    assert "PENSET_DEBUG is on" in capsys.readouterr().err


def test_out_of_the_box_nothing_is_open() -> None:  # S90
    settings = Settings()
    assert (settings.debug, settings.allow_plain_http, settings.trusted_proxies) == (False, False, [])
    assert is_loopback(settings.host)
