"""Rows straight from the site: the lines of docs/publish.md, run by the real library with a token."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.client.conftest import Shell
from tests.client.made import approved, published, token_of

PAGE = (Path(__file__).parents[2] / "docs" / "publish.md").read_text("utf-8")
BLOCK = re.compile(r"^```python\n((?:(?!```).*\n)*?.*storage_options(?:.*\n)*?)```$", re.MULTILINE)
READERS = Path(sys.prefix) / "readers"
COUNT = "\nprint({split: len(list(rows[split])) for split in splits}, rows['train'][0]['messages'][1]['content'])\n"


@pytest.mark.training
@pytest.mark.skipif(not (READERS / "aiohttp").exists(), reason="readers.txt is not installed: make .venv/train")
def test_the_library_loads_a_version_from_its_addresses_and_no_other_token_does(site: Site, shell: Shell) -> None:
    approved(site, 1, 12, "Only one answer.")
    version = published(site)
    (lines,) = BLOCK.findall(PAGE)
    lines = lines.replace("http://127.0.0.1:8000/api/v1/versions/1", f"{site.address}/api/v1/versions/{version.id}")

    def run(token: str) -> "subprocess.CompletedProcess[str]":
        online = {name: value for name, value in os.environ.items() if not name.endswith("_OFFLINE")}
        mine = {"HF_HOME": str(shell.home / token), "PYTHONPATH": str(READERS), "PENSET_TOKEN": token}
        command = [sys.executable, "-c", lines + COUNT]
        return subprocess.run(command, env=online | mine, capture_output=True, text=True, timeout=240)

    loaded = run(token_of(site, ["datasets:read"]))
    assert loaded.returncode == 0, loaded.stderr
    assert (
        loaded.stdout
        == f"{ {split: version.counts[split] for split in ('train', 'validation', 'test')} } Only one answer.\n"
    )
    refused = run(token_of(site, ["runs:read"]))
    assert refused.returncode != 0
    assert "Unable to find" in refused.stderr
