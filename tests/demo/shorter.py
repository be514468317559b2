"""`penset demo` on every second row of its texts, which meet all fates: `-m tests.demo.shorter demo …`."""

import os
import runpy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.demo import texts

VARIABLE = "TESTS_DEMO_TEXTS"


def write_texts(folder: Path) -> None:
    """The demo's files, with every second line of those that become prompts and responses."""
    shutil.copytree(texts.DATA, folder, dirs_exist_ok=True)
    for name in ("sft.jsonl", "conversations.jsonl", "prompts.jsonl"):
        lines = (folder / name).read_bytes().splitlines(keepends=True)
        (folder / name).write_bytes(b"".join(lines[::2]))


@contextmanager
def texts_from(folder: Path) -> Iterator[None]:
    """In this process, the demo's texts are these."""
    whole, texts.DATA = texts.DATA, folder
    yield
    texts.DATA = whole


if __name__ == "__main__":
    with texts_from(Path(os.environ[VARIABLE])):
        runpy.run_module("app.cli", run_name="__main__")
