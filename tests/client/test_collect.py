"""Files are brought in from afar: looked at first, refused whole with the places, taken in once."""

import json
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from app.client.errors import Problem
from app.client.penset import Penset
from app.prompts.models import Fingerprint
from app.writing.models import Revision, Submission
from tests.browser.site import Site
from tests.client.made import published, token_of

ROUNDS = [("user", "Plan my week."), ("assistant", "Gladly."), ("user", "Two talks."), ("assistant", "Free Tuesday.\n")]
ROWS = [
    {
        "prompt": "Why is the sky blue?",
        "response": "Air scatters blue light most.",
        "source": "A book",
        "licence": "CC0",
    },
    {"messages": [{"role": role, "content": said} for role, said in ROUNDS]},
]


def file_of(folder: Path) -> Path:
    """A row that says where it is from, and one that does not."""
    file = folder / "pairs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return file


def test_finished_pairs_are_looked_at_refused_and_taken_in_once(site: Site, tmp_path: Path) -> None:
    file, project_id = file_of(tmp_path), site.project.id
    with Penset(site.address, token_of(site, ["prompts:write", "datasets:read"])) as penset:
        with pytest.raises(Problem) as refused:
            penset.import_pairs(project_id, file)
        assert [one["pointer"] for one in refused.value.errors] == ["/line/2/licence", "/line/2/source"]
        bring_in = partial(penset.import_pairs, project_id, file, source="Our help desk", licence="CC-BY-4.0")
        new = {"rows": 2, "added": 2, "already_there": 0}
        assert bring_in(preview=True) == new
        with site.sessions() as session:
            assert session.scalars(select(Submission)).all() == []
        assert bring_in() == new
        assert bring_in() == new | {"added": 0, "already_there": 2}
        with site.sessions() as session:
            said = session.scalars(select(Revision.messages).order_by(Revision.id)).all()
        assert [turns[-1]["content"] for turns in said] == ["Air scatters blue light most.", "Free Tuesday.\n"]
        version = published(site)
        with site.sessions() as session:  # the worker has also kept what each is found by, one job after another
            kept = session.scalars(select(Fingerprint.kind).order_by(Fingerprint.kind)).all()
        assert kept == ["prompt", "prompt", "response", "response"]
        with site.sessions() as session:
            submission_id = session.scalars(select(Submission.id).order_by(Submission.id)).first()
        assert submission_id
        row = penset.row(version.id, submission_id)
        assert (row["guidelines"], row["annotator"], row["reviews"]) == (None, "", [])
