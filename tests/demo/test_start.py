"""When `penset demo` begins to play, and when it refuses: it touches nothing that it did not make."""

import io
import shutil
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session, sessionmaker

from app.core.errors import StartRefused
from app.core.settings import Settings
from app.demo.choice import choose_model
from app.demo.command import check, check_port, clear_the_stage, play_once, with_outbox
from app.demo.people import People, kept_at
from tests import factories
from tests.conftest import settings_in
from tests.demo.conftest import process_on
from tests.forked import ROOT


def test_nothing_is_removed_that_the_demo_did_not_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_in(tmp_path)
    monkeypatch.setattr(Settings, "database_folder", property(lambda self: self.data / "postgres"))
    settings.database_folder.mkdir()
    (tmp_path / "secret").write_text("theirs")
    with pytest.raises(StartRefused, match="was not made by the demo: nothing was removed"):
        clear_the_stage(settings, reset=True)
    assert settings.database_folder.exists()
    assert (tmp_path / "secret").exists()


def test_a_database_of_the_operators_is_never_emptied(tmp_path: Path) -> None:
    settings = settings_in(tmp_path).model_copy(update={"database_url": SecretStr("postgresql://somewhere/penset")})
    with pytest.raises(StartRefused, match="empty that database yourself"):
        clear_the_stage(settings, reset=True)


def test_accounts_that_another_penset_kept_are_told_and_can_be_reset(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    kept_at(settings).write_text('{"annotator": {}}')
    with pytest.raises(StartRefused, match="make demo-reset"):
        People.read(settings)
    clear_the_stage(settings, reset=True)
    assert People.read(settings) is None


def test_where_people_have_accounts_nothing_is_played(
    own_database: str, own_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with own_sessions.begin() as session:
        factories.user(session, "Somebody")
    with process_on(own_database, tmp_path) as here, pytest.raises(StartRefused, match="with people already"):
        play_once(here, "none")
    assert [path.name for path in tmp_path.iterdir()] == ["files"]


def test_a_model_with_terms_is_taken_only_after_a_yes_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for answer in ("n", "", "y"):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
        if answer == "y":
            assert choose_model(settings_in(tmp_path), "gemma-3-270m") == "gemma-3-270m"
        else:
            with pytest.raises(StartRefused, match="Without your agreement this model is not fetched"):
                choose_model(settings_in(tmp_path), "gemma-3-270m")
        said = capsys.readouterr().out
        assert "under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms" in said
        assert "Do you accept these terms? [y/N]" in said


def test_a_model_without_terms_is_taken_without_a_question(tmp_path: Path) -> None:
    assert choose_model(settings_in(tmp_path), "smollm2-135m") == "smollm2-135m"


def test_it_shows_its_passwords_on_this_machine_alone(tmp_path: Path) -> None:  # S9
    beyond = Settings(data=tmp_path, public_url="https://penset.example.org")
    with pytest.raises(StartRefused, match=r"on 127\.0\.0\.1 only"):
        check(beyond)
    check(Settings(data=tmp_path, public_url="http://127.0.0.1:8000"))


def test_a_taken_port_is_told_before_anything_is_played() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused, match=f"listens on 127.0.0.1:{port} already"):
            check_port(port)
    check_port(port)


@pytest.mark.parametrize("model", ["", "none", "tiny", "smollm2-135m"])
def test_a_model_that_is_known_is_taken_as_it_is(model: str, settings: Settings) -> None:
    assert choose_model(settings, model) == model


def test_a_folder_with_a_model_becomes_a_base_model(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / "mine"
    shutil.copytree(ROOT / "app/training/tiny", folder)
    assert choose_model(settings, str(folder)) == "mine"
    assert (settings.models_root / "mine" / "model.safetensors").is_file()
    assert choose_model(settings, str(folder)) == choose_model(settings, "mine") == "mine"


def test_another_model_of_the_same_name_is_not_trained_on_by_mistake(settings: Settings, tmp_path: Path) -> None:
    for parent in ("a", "b"):
        shutil.copytree(ROOT / "app/training/tiny", tmp_path / parent / "mine")
    (tmp_path / "b" / "mine" / "config.json").write_text("{}")
    assert choose_model(settings, str(tmp_path / "a" / "mine")) == "mine"
    with pytest.raises(StartRefused, match="holds another model named 'mine'"):
        choose_model(settings, str(tmp_path / "b" / "mine"))


def test_a_folder_does_not_pass_for_a_model_of_the_list(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "app/training/tiny", tmp_path / "smollm2-135m")
    with pytest.raises(StartRefused, match="Give the folder another one"):
        choose_model(settings, str(tmp_path / "smollm2-135m"))


def test_a_model_of_a_hub_is_asked_for_before_anything_is_played(settings: Settings) -> None:
    nobody = settings.model_copy(update={"hub_url": "http://127.0.0.1:9"})
    with pytest.raises(StartRefused, match=r"http://127\.0\.0\.1:9 did not give ann/small"):
        choose_model(nobody, "ann/small")


@pytest.mark.parametrize("model", ["nothing-of-that-name", "/nowhere/at/all", "https://example.org/model"])
def test_a_model_that_is_not_here_is_refused_with_the_choices(model: str, settings: Settings) -> None:
    with pytest.raises(StartRefused, match="one of: tiny, smollm2-135m, gemma-3-270m, none"):
        choose_model(settings, model)


def test_a_folder_without_a_model_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartRefused, match="holds no model"):
        choose_model(settings, str(tmp_path))


def test_what_the_demo_would_mail_lies_in_its_data_unless_a_server_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSET_DATA", str(tmp_path))
    monkeypatch.setenv("PENSET_MAIL_OUTBOX", "")  # put back afterwards, whatever the demo sets
    monkeypatch.delenv("PENSET_MAIL_OUTBOX")
    assert with_outbox(settings_in(tmp_path)).mail_outbox == (tmp_path / "outbox").resolve()
    named = settings_in(tmp_path).model_copy(update={"smtp_url": SecretStr("smtp://mail.example:587")})
    assert with_outbox(named) is named
