"""A base model is a name of the operator's list, or a folder under the models root; nothing else reaches the disk."""

from pathlib import Path

import pytest

from app.training.base_models import LISTED, BaseModel, UnknownBaseModel, available, facts, resolve
from app.training.fetch import fetch
from app.training.worker.plan import Plan


def test_the_shipped_model_needs_no_models_root() -> None:
    assert (resolve("tiny", Path("/nonexistent")) / "model.safetensors").is_file()


def test_a_folder_directly_under_the_models_root_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "our-model").mkdir()
    assert resolve("our-model", tmp_path) == tmp_path / "our-model"
    assert available(tmp_path) == ["tiny", "our-model"]
    assert "does not know how this model was made" in facts("our-model").sentence


@pytest.mark.parametrize(
    "name",
    [
        "../secret", "..", ".", "", "/etc", "inner/model", "inner\\model", "https://host.test/model", "org/model",
        "hf://model", "model\n", "a" * 200, ".hidden", "ｔiny", "no-such-model",
    ],
)  # fmt: skip
def test_a_name_that_is_no_listed_model_and_no_folder_is_refused(tmp_path: Path, name: str) -> None:  # S82
    root = tmp_path / "models"
    (root / "inner" / "model").mkdir(parents=True)
    (root / ".hidden").mkdir()
    (tmp_path / "secret").mkdir()
    with pytest.raises(UnknownBaseModel):
        resolve(name, root)


def test_a_link_out_of_the_models_root_is_refused(tmp_path: Path) -> None:  # S82
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnknownBaseModel):
        resolve("linked", tmp_path / "models")
    assert available(tmp_path / "models") == ["tiny"]


def test_a_listed_model_that_was_not_fetched_says_how(tmp_path: Path) -> None:
    with pytest.raises(UnknownBaseModel, match="penset models fetch smollm2-135m"):
        resolve("smollm2-135m", tmp_path)


def test_only_a_listed_model_can_be_fetched(tmp_path: Path) -> None:
    for name in ("tiny", "no-such-model", "../x"):
        with pytest.raises(UnknownBaseModel):
            fetch(name, tmp_path)


def test_a_model_that_is_here_is_not_fetched_again(tmp_path: Path) -> None:
    (tmp_path / "smollm2-135m").mkdir()
    assert fetch("smollm2-135m", tmp_path, say=lambda _: pytest.fail("it fetched")) == tmp_path / "smollm2-135m"


@pytest.mark.parametrize("known", LISTED.values(), ids=LISTED)
def test_the_defaults_of_a_listed_model_make_a_plan(known: BaseModel) -> None:
    assert Plan(base_model=known.name, **known.defaults).base_model == known.name
    assert known.sentence.endswith(".")


def test_terms_are_kept_for_the_model_that_has_them() -> None:
    assert [name for name, model in LISTED.items() if model.terms] == ["gemma-3-270m"]
