"""The calls of the pages for engineers run as they stand, by curl, one page after the other on one site."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.site import Site
from tests.client.conftest import SCOPES
from tests.client.made import approved, published, token_of
from tests.jobs import work_off

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CURL = 'curl() { command curl --silent --show-error --fail-with-body "$@"; }\n'
WRITTEN_THERE = "http://127.0.0.1:8000"
PAGES = {"api": 1, "collect": 2, "publish": 10, "train": 1}  # how many calls by a token each has


def calls(page: str) -> Iterator[str]:
    """The calls of a page that a token makes."""
    for block in BLOCKS.findall((DOCS / f"{page}.md").read_text("utf-8")):
        yield from (
            one for one in re.split(r"\n(?=curl )", block) if one.startswith("curl ") and "$PENSET_TOKEN" in one
        )


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_calls_of_the_pages_run_as_they_stand(site: Site, tmp_path: Path) -> None:
    approved(site, 1, 12)
    published(site)
    approved(site, 20, 3)
    published(site)
    (tmp_path / "prompts.jsonl").write_text('{"prompt": "Which of these is a fruit?"}\n')
    (tmp_path / "pairs.jsonl").write_text('{"prompt": "What is a fig?", "response": "A fruit."}\n')
    told = os.environ | {"PENSET_TOKEN": token_of(site, SCOPES)}
    for page, most in PAGES.items():
        made = list(calls(page))
        assert len(made) == most, page
        for call in made:
            command = ["bash", "-ec", CURL + call.replace(WRITTEN_THERE, site.address)]
            done = subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, f"{page}: {call}\n{done.stdout}\n{done.stderr}"
            if "-X POST" in call and page == "publish":
                work_off(site.database_url, "default").join()
    here = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.jsonl") if "site" not in path.parts}
    assert {"train.jsonl", "changes-1-to-2.jsonl", "alpaca/train.jsonl"} <= here
