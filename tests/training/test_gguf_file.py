"""A converter's GGUF file joins a model's files with its hash; one that fails leaves the model as it was."""

import hashlib
from pathlib import Path

import pytest

from app.training import gguf_file
from app.training.gguf_file import FILE, NotConverted, add_gguf
from app.training.worker.folder import SUMS, read_sums, write_sums

WRITES = "import sys, pathlib; pathlib.Path(sys.argv[sys.argv.index('--outfile') + 1]).write_bytes(b'GGUF'); "


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's folder as a worker leaves it."""
    folder = tmp_path / "run" / "model"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}", "utf-8")
    write_sums(folder)
    return folder


def contents(model: Path) -> dict[str, bytes]:
    """The files of a model's folder."""
    return {path.name: path.read_bytes() for path in model.iterdir()}


def converter(folder: Path, then: str) -> Path:
    """A program with the converter's arguments, which writes a file and then does something."""
    program = folder / "convert_hf_to_gguf.py"
    program.write_text(WRITES + then, "utf-8")
    return program


def test_the_file_stands_among_the_models_files_with_its_hash(model: Path, tmp_path: Path) -> None:
    add_gguf(model, converter(tmp_path, "pass"))
    assert (model / FILE).read_bytes() == b"GGUF"
    sums = read_sums((model / SUMS).read_text("utf-8"))
    assert sums.keys() == {"config.json", FILE}
    assert sums[FILE] == hashlib.sha256(b"GGUF").hexdigest()


def test_a_converter_that_fails_leaves_the_model_as_it_was_and_its_reason(model: Path, tmp_path: Path) -> None:
    before = contents(model)
    with pytest.raises(NotConverted, match=r"BPE pre-tokenizer was not recognized$"):
        add_gguf(model, converter(tmp_path, "sys.exit('BPE pre-tokenizer was not recognized')"))
    assert contents(model) == before
    assert list(model.parent.iterdir()) == [model]


def test_a_converter_that_takes_too_long_leaves_nothing(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gguf_file, "HOURS", 1 / 3600)
    with pytest.raises(NotConverted, match="It took more than"):
        add_gguf(model, converter(tmp_path, "import threading; threading.Event().wait()"))
    assert list(model.parent.iterdir()) == [model]


def test_where_the_hashes_cannot_be_written_the_model_is_as_it_was_and_the_reason_is_told(
    model: Path, tmp_path: Path
) -> None:
    before = contents(model)
    (model.parent / f"{SUMS}.part").mkdir()  # what no write can replace, as on a disk that is full
    with pytest.raises(NotConverted, match="Is a directory"):
        add_gguf(model, converter(tmp_path, "pass"))
    assert contents(model) == before
