"""Datasets from afar: listed, pulled whole, verified without a network, compared."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.sign_ins import actor_for
from app.client.commands import formats, names
from app.client.errors import Problem, WrongBytes, WrongUse
from app.client.names import VersionName, folder_name
from app.client.penset import Penset
from app.client.verify import verify
from app.datasets.formats.registry import FORMS
from app.datasets.models import VersionFormat
from app.preferences.lines import checked
from app.preferences.making.sets import Wish
from app.preferences.models import ComparisonPair
from app.writing.service import withdraw_for
from tests.browser.site import Site
from tests.client.conftest import SCOPES, Shell
from tests.client.made import approved, published, token_of
from tests.datasets.questions import question
from tests.jobs import work_off
from tests.preferences.publishing import filled_set, judge
from tests.waiting import wait_until


def test_datasets_and_versions_are_listed_as_a_table_and_as_json(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    version = published(site, "Every [bold]thing[/bold]")
    table = signed_in.run("datasets", "list").splitlines()
    assert table[0].split() == ["Project", "Dataset", "Newest"]
    assert "Every [bold]thing[/bold]" in table[1]
    (listed,) = json.loads(signed_in.run("datasets", "list", "--json"))
    assert (listed["name"], listed["newest"]) == ("Every [bold]thing[/bold]", 1)
    versions = signed_in.run("datasets", "list", "Every [bold]thing[/bold]")
    assert str(version.content_hash) in versions


def test_a_version_is_named_by_number_by_latest_and_by_project(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    published(site, "a/b")
    for name in ("a/b@1", "a/b@v1", "a/b@latest", f"{site.project.name}/a/b@1"):
        told = json.loads(signed_in.run("datasets", "pull", name, "--to", "there", "--json"))
        assert (told["dataset"], told["version"], sum(told["rows"].values())) == ("a/b", 1, 3)
    assert "There is no dataset Nothing here" in signed_in.run("datasets", "pull", "Nothing@1", code=2)
    assert "has no version 2: the newest is 1" in signed_in.run("datasets", "pull", "a/b@2", code=2)
    assert "Name a version as NAME@3" in signed_in.run("datasets", "pull", "a/b", code=2)


def test_a_version_is_prepared_cancelled_and_tried_again_from_afar(site: Site, tmp_path: Path) -> None:
    first, second = approved(site, 1, 2)
    (tmp_path / "train.txt").write_text(question(1))
    with Penset(site.address, token_of(site, SCOPES)) as penset:
        made = penset.make_dataset(site.project.id, "Narrow", {"min_ratings": {"helpful": 5}})
        assert (penset.preview(made["id"])["rows"], penset.try_rule(site.project.id, {})["rows"]) == (0, 2)
        assert {one["submission_id"] for one in penset.left_out(made["id"])} == {first, second}
        assert not penset.why(made["id"], first)["taken"]
        assert penset.change_rule(made["id"], {}, seen=made["rule_number"], note="All of it")["number"] == 2
        with pytest.raises(Problem, match="changed"):
            penset.change_rule(made["id"], {"languages": ["en"]}, seen=made["rule_number"])
        assert [one["number"] for one in penset.rules(made["id"])] == [2, 1]
        held = penset.prepare(made["id"], {"leave_out_overlap": 70}, seen=penset.preparation(made["id"]))
        assert held["preparation"]["leave_out_overlap"] == 70
        benchmark = penset.add_benchmark(site.project.id, tmp_path / "train.txt", name="a & b", licence="MIT")
        assert penset.benchmarks(site.project.id) == [benchmark]
        penset.remove_benchmark(benchmark["id"])
        version = penset.publish(made["id"])
        with pytest.raises(WrongUse, match="Version 1 has no files: it is queued"):
            penset.pull("Narrow@1", tmp_path)
        assert penset.cancel(version["id"])["status"] == "failed"
        assert penset.try_again(version["id"])["status"] == "queued"
        with pytest.raises(Problem, match="hub"):
            penset.push(version["id"], "us/everyday")
        assert penset.pushes(version["id"]) == []


def test_a_folder_that_was_touched_is_told_by_file_and_never_written_over(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    published(site)
    signed_in.run("datasets", "pull", "Everything@1", "--to", "mine")
    rows = signed_in.folder / "mine" / "train.jsonl"
    whole = rows.read_bytes()
    rows.write_bytes(whole.replace(b"Answer", b"answer"))
    assert "mine/train.jsonl was changed" in signed_in.run("datasets", "verify", "mine", code=4)
    assert "holds other bytes" in signed_in.run("datasets", "pull", "Everything@1", "--to", "mine", code=4)
    assert rows.read_bytes() != whole
    rows.unlink()
    assert "mine/train.jsonl is missing" in signed_in.run("datasets", "verify", "mine", code=4)
    again = json.loads(signed_in.run("datasets", "pull", "Everything@1", "--to", "mine", "--json"))
    assert sorted(again["kept"]) == ["README.md", "manifest.json", "test.jsonl", "validation.jsonl"]
    assert rows.read_bytes() == whole


def test_another_version_than_the_one_that_was_noted_is_refused(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    published(site)
    noted = "sha256:" + 64 * "0"
    assert "has the content hash" in signed_in.run("datasets", "pull", "Everything@1", "--hash", noted, code=4)
    signed_in.run("datasets", "pull", "Everything@1")
    assert "another version's" in signed_in.run("datasets", "verify", "Everything-v1", "--hash", noted, code=4)


def test_a_part_that_a_break_left_spoilt_is_thrown_away(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    version = published(site)
    assert version.manifest
    fact = version.manifest["files"]["train.jsonl"]
    folder = signed_in.folder / "Everything-v1"
    folder.mkdir()
    part = folder / f".train.jsonl.{fact['sha256'][:16]}.part"
    part.write_bytes(b"x" * 10)
    assert "arrived with other bytes" in signed_in.run("datasets", "pull", "Everything@1", code=4)
    assert not part.exists()
    signed_in.run("datasets", "pull", "Everything@1")


def is_asked_for(site: Site, version_id: int) -> bool:
    """Whether a format of the version waits for a worker, or was made by one."""
    with site.sessions() as session:
        return session.scalar(select(VersionFormat).where(VersionFormat.version_id == version_id)) is not None


def test_another_format_is_made_pulled_and_verified_and_goes_on_after_a_break(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    version = published(site)
    with signed_in.begin("datasets", "pull", "Everything@1", "--format", "parquet", "--json") as pulling:
        try:
            wait_until(lambda: is_asked_for(site, version.id))  # no worker is there: the client waits
            work_off(site.database_url, "default").join()
            said, why = pulling.communicate(timeout=60)
        finally:
            pulling.kill()
    assert pulling.returncode == 0, why
    told = json.loads(said)
    folder = signed_in.folder / "Everything-v1-parquet"
    assert (told["content_hash"], sum(told["rows"].values())) == (version.content_hash, 3)
    assert {"train.parquet", "manifest.json", "README.md"} <= {path.name for path in folder.iterdir()}
    whole = (folder / "train.parquet").read_bytes()
    digest = hashlib.sha256(whole).hexdigest()
    (folder / "train.parquet").unlink()
    (folder / f".train.parquet.{digest[:16]}.part").write_bytes(whole[:100])
    again = ("datasets", "pull", "Everything@1", "--format", "parquet")
    signed_in.run(*again)
    assert (folder / "train.parquet").read_bytes() == whole
    (folder / "train.parquet").write_bytes(whole[:-1] + b"x")
    assert "was changed" in signed_in.run("datasets", "verify", str(folder), code=4)
    assert "holds other bytes" in signed_in.run(*again, code=4)
    assert "A version comes as: alpaca, messages" in signed_in.run(
        "datasets", "pull", "Everything@1", "--format", "csv", code=2
    )


def test_the_format_messages_is_the_version_as_it_was_published(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    version = published(site)
    told = json.loads(signed_in.run("datasets", "pull", "Everything@1", "--format", "messages", "--json"))
    assert (told["folder"], told["content_hash"]) == ("Everything-v1", version.content_hash)
    assert set(formats("")) == {"messages", *FORMS}


def test_what_was_withdrawn_since_is_pulled_too_and_renewed(site: Site, signed_in: Shell) -> None:  # S101
    first, *_ = approved(site, 1, 3)
    published(site)
    command = ("datasets", "pull", "Everything@1", "--withdrawn")
    assert "to drop before you use it: 0," in signed_in.run(*command)
    with site.sessions.begin() as session:
        withdraw_for(session, actor_for(session, site.admin), first, reason="They asked.")
    assert "1  superseded, 1 withdrawn  " in signed_in.run("datasets", "list", "Everything")
    assert "to drop before you use it: 1. --withdrawn lists them." in signed_in.run(*command[:-1])
    assert json.loads(signed_in.run(*command[:-1], "--json"))["withdrawn"] == 1
    with signed_in.begin("runs", "start", "Everything@1", "--model", "tiny", "--json") as starting:
        started, warned = starting.communicate(timeout=60)
    assert (json.loads(started)["number"], starting.returncode) == (1, 0)
    assert "learns from rows that were withdrawn since: 1." in warned
    assert "to drop before you use it: 1," in signed_in.run(*command)
    listed = json.loads((signed_in.folder / "Everything-v1" / "withdrawn.json").read_text("utf-8"))
    assert [row["submission_id"] for row in listed["rows"]] == [first]
    signed_in.run("datasets", "verify", "Everything-v1")


def test_what_changed_is_a_table_and_a_promise(site: Site, signed_in: Shell) -> None:
    approved(site, 1, 3)
    published(site)
    approved(site, 10, 2)
    published(site)
    told = signed_in.run("datasets", "diff", "Everything@1", "Everything@2").splitlines()
    assert told[0].split() == ["Rows", "train", "validation", "test"]
    assert told[-1] == "No row left the test split."
    assert sum(int(word) for word in next(line for line in told if "added" in line).split()[1:]) == 2
    same = json.loads(signed_in.run("datasets", "diff", "Everything@1", "2", "--json"))
    assert {name: by["added"] for name, by in same["by_category"].items()} == {"": 2}


def test_a_token_without_the_scope_hears_so(site: Site, shell: Shell) -> None:
    shell.run("login", site.address, typed=token_of(site, ["runs:read"]) + "\n")
    assert "lacks the scope datasets:read" in shell.run("datasets", "list", code=1)


def test_a_shell_is_offered_the_newest_of_each_dataset_and_nothing_where_nobody_answers(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(site, 1, 3)
    published(site)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert names("Ev") == []
    monkeypatch.setenv("PENSET_URL", site.address)
    monkeypatch.setenv("PENSET_TOKEN", token_of(site, ["datasets:read"]))
    assert names("Ev") == ["Everything@1"]
    assert names("Other") == []


@pytest.mark.parametrize(("text", "number"), [("a@1", 1), ("a@v12", 12), ("a@latest", None), ("a@b@3", 3)])
def test_a_name_holds_what_stands_before_the_last_at(text: str, number: int | None) -> None:
    assert VersionName.read(text) == VersionName(text.rpartition("@")[0], number)


@pytest.mark.parametrize("text", ["a", "@1", "a@", "a@0", "a@1.5", "a@newest", ""])
def test_what_names_no_version_is_refused(text: str) -> None:
    with pytest.raises(WrongUse):
        VersionName.read(text)


@pytest.mark.parametrize(
    ("name", "folder"),
    [("Support", "Support-v3"), ("P/Q r", "Q-r-v3"), ("../..", "dataset-v3"), ("à la carte", "à-la-carte-v3")],
)
def test_a_folder_is_named_after_the_dataset_and_stays_here(name: str, folder: str) -> None:
    assert folder_name(name, 3) == folder


@pytest.mark.parametrize("name", ["../train.jsonl", "/etc/passwd", ".bashrc", "a\\b", "C:x", "a\nb", ""])
def test_a_manifest_that_names_a_file_elsewhere_is_refused(name: str, tmp_path: Path) -> None:
    manifest = {"dataset": "a", "version": 1, "rows": {}, "files": {name: {"bytes": 0, "sha256": ""}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(WrongBytes, match="outside its folder"):
        verify(tmp_path)


def compared(site: Site, *numbers: int) -> None:
    """A pair on each of these questions, of which one person prefers the good one, long ago."""
    given = {"chosen": "It is good.", "rejected": "It is bad.", "source": "ours", "licence": "MIT", "language": "en"}
    with site.sessions.begin() as session:
        pairs = checked((f"/pairs/{at}", given | {"prompt": question(at)}) for at in numbers)
        made = filled_set(
            session, actor_for(session, site.admin), site.project.id, Wish(f"Set {numbers[0]}", pairs=pairs)
        )
        for pair in session.scalars(select(ComparisonPair).where(ComparisonPair.set_id == made.id)).all():
            judge(session, pair, "good", site.writer)


def test_pairs_that_people_compared_are_made_published_pulled_verified_and_compared(
    site: Site, signed_in: Shell
) -> None:
    compared(site, 1, 2, 3)
    with Penset(site.address, token_of(site, ["datasets:read", "datasets:publish"])) as penset:
        made = penset.make_preference_dataset(site.project.id, "Liked", {"min_agreement": 60})
        assert (made["kind"], made["rule"]) == ("preferences", {"min_agreement": 60})
        old = penset.publish(made["id"])
        work_off(site.database_url, "default").join()
        compared(site, 4)
        new = penset.publish(made["id"])
        work_off(site.database_url, "default").join()
        assert penset.wait_for(new["id"])["number"] == 2
        (added,) = penset.changes(new["id"], old["id"], "added")
        assert (added["pair_id"] is not None, added["old_opinions"], added["new_opinions"]) == (True, None, "1 of 1")
        penset.save_changes(new["id"], old["id"], signed_in.folder / "changes.jsonl")
    assert '"kind": "added"' in (signed_in.folder / "changes.jsonl").read_text()
    (listed,) = json.loads(signed_in.run("datasets", "list", "--json"))
    assert (listed["name"], listed["kind"], listed["newest"]) == ("Liked", "preferences", 2)
    pulled = json.loads(signed_in.run("datasets", "pull", "Liked@2", "--to", "pairs", "--json"))
    assert sum(pulled["rows"].values()) == 4
    assert verify(signed_in.folder / "pairs").content_hash == pulled["content_hash"]
    compared_ = json.loads(signed_in.run("datasets", "diff", "Liked@1", "Liked@2", "--json"))
    assert sum(compared_["counts"]["added"].values()) == 1
