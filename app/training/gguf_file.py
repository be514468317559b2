"""A model as a GGUF file for llama.cpp and what is built on it: by that project's own converter, where there is one."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from app.training.launch import environment
from app.training.worker.folder import write_sums

FILE = "model.gguf"
HOURS = 2
SAID = 300  # characters of what the converter printed last


class NotConverted(Exception):
    """The converter made no file. The message says what it said last."""


def add_gguf(model: Path, converter: Path, python: str | None = None) -> None:
    """Write FILE into a model's folder, whole or not at all, and its hash into the folder's sums.

    `converter` is llama.cpp's convert_hf_to_gguf.py, run by an interpreter with the training packages.
    """
    if (model / FILE).exists():
        return
    part = model.with_name(FILE + ".part")
    try:
        convert([python or sys.executable, str(converter), str(model), "--outfile", str(part)], model.parent)
        take_in(part, model)
    except OSError as problem:
        raise NotConverted(str(problem)) from problem
    except subprocess.TimeoutExpired:
        raise NotConverted(f"It took more than {HOURS} hours.") from None
    finally:
        part.unlink(missing_ok=True)  # gigabytes, if it did not come to its end


def convert(command: list[str], folder: Path) -> None:
    """Run the converter to its end. NotConverted where it fails; one that is not waited for ends with its children."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=environment(None), cwd=folder, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:  # fmt: skip
        try:
            said = child.communicate(timeout=HOURS * 3600)[1].decode("utf-8", "replace").strip()
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode:
        raise NotConverted(said[-SAID:] or f"code {child.returncode}")


def take_in(part: Path, model: Path) -> None:
    """Put the file among the model's, with its hash; or neither."""
    part.rename(model / FILE)
    try:
        write_sums(model)
    except OSError:
        (model / FILE).unlink()
        raise
