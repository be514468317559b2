"""A model as a GGUF file for llama.cpp and what is built on it: by that project's own converter, where there is one."""

import subprocess
import sys
from pathlib import Path

from app.training.launch import environment
from app.training.worker.folder import SUMS, write_sums

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
    command = [python or sys.executable, str(converter), str(model), "--outfile", str(part)]
    try:
        done = subprocess.run(
            command, env=environment(None), cwd=model.parent, capture_output=True, timeout=HOURS * 3600, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NotConverted(str(problem)) from problem
    if done.returncode or not part.exists():
        part.unlink(missing_ok=True)
        raise NotConverted(done.stderr.decode("utf-8", "replace").strip()[-SAID:] or f"code {done.returncode}")
    part.rename(model / FILE)
    (model / SUMS).unlink()
    write_sums(model)
