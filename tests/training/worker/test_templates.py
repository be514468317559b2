"""A chat template is a program: only ours run, byte for byte, and in a sandbox."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2.exceptions import SecurityError

from app.training import base_models
from app.training.base_models import LISTED, OPERATORS_OWN
from app.training.worker.__main__ import main
from app.training.worker.base import load_tokenizer
from app.training.worker.chat import ChatEncoder
from app.training.worker.failures import RunFailed
from app.training.worker.templates import ACCEPTED, FOLDER, read_template
from tests.training.worker.runs import TINY, events, fill, pairs

pytestmark = [pytest.mark.training, pytest.mark.filterwarnings("default")]


def test_every_template_that_a_model_names_is_accepted() -> None:
    named = {model.chat_template for model in (*LISTED.values(), OPERATORS_OWN)}
    assert named == set(ACCEPTED) == {path.name for path in FOLDER.iterdir()}
    for name in named:
        assert read_template(name) == (FOLDER / name).read_text("utf-8")


@pytest.mark.parametrize("name", ["own.jinja", "../chat_templates/chatml.jinja", "", "/etc/passwd"])
def test_a_template_of_another_name_is_refused(name: str) -> None:  # S85
    with pytest.raises(RunFailed, match="not one that Penset accepts"):
        read_template(name)


def test_a_template_changed_by_one_byte_is_refused(tmp_path: Path) -> None:  # S85
    folder = Path(shutil.copytree(FOLDER, tmp_path / "templates"))
    assert read_template("chatml.jinja", folder)
    (folder / "chatml.jinja").write_text((folder / "chatml.jinja").read_text() + " ")
    with pytest.raises(RunFailed, match=r"chatml\.jinja is not one"):
        read_template("chatml.jinja", folder)


@pytest.mark.parametrize(
    "template",
    ["{{ ''.__class__.__mro__ }}", "{{ messages.append(1) }}", "{{ cycler.__init__.__globals__.os.getcwd() }}"],
)
def test_what_runs_a_template_is_a_sandbox(template: str) -> None:  # S85
    tokenizer = load_tokenizer(base_models.HERE / "tiny", "chatml.jinja")
    tokenizer.chat_template = template
    with pytest.raises(SecurityError):
        ChatEncoder(tokenizer, "<|im_end|>")(pairs("train", 1)[0]["messages"])


def test_a_row_that_brings_a_template_brings_a_word_like_any_other(tmp_path: Path) -> None:  # S85
    row = pairs("train", 1)[0] | {"chat_template": "{{ 1 / 0 }}", "tokenizer": {"chat_template": "{{ 1 / 0 }}"}}
    row["messages"][0]["content"] = "{{ 1 / 0 }} {% for x in range(10 ** 9) %}{% endfor %}"
    folder = fill(tmp_path / "run", replace(TINY, max_steps=1), train=[row, *pairs("train", 4)[1:]])
    assert main(folder) == 0
    assert events(folder)[-1]["kind"] == "done"
    assert "1 / 0" not in (folder / "model" / "chat_template.jinja").read_text()
