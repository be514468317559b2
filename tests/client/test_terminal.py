"""The command at a real terminal: bars while files come, names that a shell completes."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.browser.site import Site
from tests.client.conftest import Shell
from tests.client.made import approved, published

COMPLETE = """
eval "$(penset --show-completion)"
COMP_WORDS=(penset datasets pull My); COMP_CWORD=3
_penset_completion penset
printf '%s\\n' "${COMPREPLY[@]}"
"""


def seen_by(shell: Shell, *words: str) -> str:
    """What stands on a terminal after `penset WORDS`, with all that was drawn over."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "app.cli", *words]
    drawn = shell.surroundings() | {"TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(command, cwd=shell.folder, env=drawn, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    with suppress(OSError):  # the terminal is gone with the last that held it
        while piece := os.read(ours, 4096):
            seen += piece
    os.close(ours)
    assert process.wait(60) == 0, seen
    return seen.decode()


def test_a_bar_a_file_is_drawn_at_a_terminal_and_none_elsewhere(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    published(site)
    seen = seen_by(signed_in, "datasets", "pull", "Everything@1")
    for name in ("manifest.json", "train.jsonl", "README.md"):
        assert f"{name} " in seen
    assert "\u2501" in seen
    assert "3 rows in Everything-v1, checked." in seen
    assert "\u2501" not in signed_in.run("datasets", "pull", "Everything@1", "--to", "piped")


def test_a_name_of_several_words_is_completed_as_one(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    published(site, "My $data")
    variables = signed_in.surroundings()
    variables["PATH"] = f"{Path(sys.executable).parent}:{variables['PATH']}"
    done = subprocess.run(["bash", "-c", COMPLETE], env=variables, capture_output=True, text=True, timeout=60)
    assert done.stdout == "My\\ \\$data@1\n", done.stderr
