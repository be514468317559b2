"""An engineer with a URL and a token: a command pulls, a line loads, a command compares, a year later the same."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.site import Site
from tests.client.conftest import Shell
from tests.client.made import approved, published, rewritten, token_of
from tests.client.road import Road
from tests.waiting import wait_until

LOAD = """
import json, sys
from datasets import load_dataset
rows = load_dataset(sys.argv[1])
print(json.dumps({split: len(rows[split]) for split in rows}))
"""
LONG = "Answer number {}. " + 1_000 * "All of it, at length. "  # 22 kB


def bytes_in(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.mark.training
def test_an_engineer_pulls_loads_compares_and_has_the_same_bytes_a_year_later(site: Site, shell: Shell) -> None:
    first, *_ = approved(site, 1, 40, LONG)
    published(site)
    rewritten(site, first, "Said better.")
    approved(site, 100, 5)
    version = published(site)
    road = Road(urlsplit(site.address).port or 0)
    road.most = 300_000
    engineer = Shell(
        shell.folder, shell.home, {"PENSET_URL": road.address, "PENSET_TOKEN": token_of(site, ["datasets:read"])}
    )

    # The download breaks off in the middle, and goes on where it was.
    folder = shell.folder / "Everything-v2"
    with engineer.begin("datasets", "pull", "Everything@2") as pulling:
        try:
            wait_until(lambda: any(path.stat().st_size > 200_000 for path in folder.glob(".train.jsonl.*.part")), 60)
        finally:
            pulling.kill()
    assert not (folder / "train.jsonl").exists()
    (part,) = folder.glob(".*.part")
    here = part.stat().st_size
    road.most, road.requests = None, b""
    told = engineer.run("datasets", "pull", "Everything@2")
    road.close()
    assert f"range: bytes={here}-".encode() in road.requests.lower()
    assert "Everything, version 2: 45 rows in Everything-v2, checked." in told
    assert f"Content hash {version.content_hash}" in told
    assert set(bytes_in(folder)) == {"train.jsonl", "validation.jsonl", "test.jsonl", "manifest.json", "README.md"}

    # One line loads it.
    offline = os.environ | {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(shell.home / "hf")}
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)], env=offline, capture_output=True, text=True, timeout=240
    )
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout) == version.counts

    # One command compares it with the version before.
    direct = Shell(shell.folder, shell.home, engineer.variables | {"PENSET_URL": site.address})
    told = direct.run("datasets", "diff", "Everything@1", "2", "--json", "--out", "changes.jsonl")
    assert {kind: sum(by.values()) for kind, by in json.loads(told)["counts"].items()} == {
        "same": 39, "changed": 1, "added": 5, "removed": 0, "moved": 0,
    }  # fmt: skip
    changes = [json.loads(line) for line in (shell.folder / "changes.jsonl").read_text("utf-8").split("\n")[:-1]]
    assert changes[0]["new"][-1]["content"] == "Said better."

    # A year and a version later: the same command, the same bytes.
    approved(site, 200, 3)
    published(site)
    again = json.loads(
        direct.run("datasets", "pull", "Everything@2", "--to", "again", "--hash", str(version.content_hash), "--json")
    )
    assert again["content_hash"] == version.content_hash
    assert bytes_in(shell.folder / "again") == bytes_in(folder)
    assert "all 5 files are as they were published" in direct.run("datasets", "verify", "again")
