"""The examples of docs/client.md run as they stand, against a real site."""

import re
from pathlib import Path

import pytest

from app.accounts.sign_ins import actor_for
from app.client.penset import Penset
from app.writing.service import withdraw_for
from tests import factories
from tests.browser.site import Site
from tests.client.conftest import SCOPES, Shell
from tests.client.made import approved, open_prompt, published, token_of

PAGE = (Path(__file__).parents[2] / "docs" / "client.md").read_text("utf-8")
BLOCKS = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def support(site: Site) -> Site:
    """A site with the two versions of the dataset of the page."""
    approved(site, 1, 12)
    published(site, "Support")
    *_, last = approved(site, 20, 4)
    published(site, "Support")
    open_prompt(site)
    with site.sessions.begin() as session:
        withdraw_for(session, actor_for(session, site.admin), last, reason="They asked.")
    return site


def test_the_python_of_the_page_runs(
    support: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PENSET_URL", support.address)
    monkeypatch.setenv("PENSET_TOKEN", token_of(support, SCOPES))
    monkeypatch.chdir(tmp_path)
    names = {"ADDRESS": support.address, "EMAIL": support.writer.email, "PASSWORD": factories.PASSWORD}
    blocks = BLOCKS.findall(PAGE)
    assert len(blocks) == 8
    for block in blocks:
        exec(compile(block, "docs/client.md", "exec"), names)  # noqa: S102 - the page is ours
    told = capsys.readouterr().out
    assert "Support 2" in told
    assert "rows stand, 1 were withdrawn since" in told
    assert "training.not_found There is no such run." in told
    assert "queued Every approved response." in told
    assert "1 ['approved']" in told
    with Penset() as penset:
        assert len(list(penset.submissions(status="submitted"))) == 1


def test_the_commands_of_the_page_run(support: Site, signed_in: Shell) -> None:
    lines = [line for line in PAGE.split("\n") if line.startswith("penset ")]
    ran = 0
    for line in lines:
        words = line.split()[1:]
        if (
            words[0] == "login"
            or "--watch" in words
            or "watch" in words
            or words[:2] == ["runs", "pull"]
            or "…" in line
        ):
            continue  # signed in already; a run needs a trainer; a hash to be noted first
        signed_in.run(*words)
        ran += 1
    assert ran == 6
