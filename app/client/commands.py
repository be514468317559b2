"""The commands that speak with a site: sign in, datasets, runs. Libraries load when a command runs, not for --help."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.client.errors import ClientError, PromiseBroken, RunEnded, WrongUse, not_kept

if TYPE_CHECKING:
    from app.client.penset import Penset
    from app.client.shapes import Version
    from app.client.verify import Checked

datasets = typer.Typer(help="Published datasets of a site.", no_args_is_help=True)
runs = typer.Typer(help="Fine-tunings on a site.", no_args_is_help=True)

FROM_AFAR = ("login", "logout", "datasets", "runs")
PARTS_WORDS = frozenset(" \t!\"#$&'()*;<>?[\\]^`{|}~")
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")]
Insecure = Annotated[bool, typer.Option("--insecure", help="Allow plain http to another machine: the token is open.")]
Hash = Annotated[str | None, typer.Option("--hash", help="The content hash noted before: refuse any other bytes.")]


@contextmanager
def keeping() -> Iterator[None]:
    """What this machine refuses one of these commands is a sentence: no room, no such folder."""
    try:
        yield
    except OSError as why:
        if not set(FROM_AFAR).intersection(sys.argv[1:2]):
            raise
        raise not_kept(why) from None


def site(*, insecure: bool) -> "Penset":
    """The site that `penset login` or the environment names."""
    from app.client.penset import Penset

    return Penset(insecure=insecure)


def names(incomplete: str) -> list[str]:
    """What a shell offers for a version: the newest of each dataset; nothing where the site does not answer."""
    try:
        with site(insecure=False) as penset:
            found = [f"{one['name']}@{one['newest']}" for one in penset.datasets() if one["newest"]]
    except ClientError:
        return []
    return [as_a_word(name) for name in found if name.startswith(incomplete)]


def formats(incomplete: str) -> list[str]:
    """What a shell offers for a format."""
    known = ("alpaca", "messages", "parquet", "prompt-completion", "sharegpt")
    return [name for name in known if name.startswith(incomplete)]


def as_a_word(name: str) -> str:
    """The name as a shell puts it on the line: bash puts it there as it stands, so what parts words is marked."""
    if os.environ.get("_PENSET_COMPLETE") != "complete_bash":
        return name
    return "".join(f"\\{one}" if one in PARTS_WORDS else one for one in name)


Named = Annotated[str, typer.Argument(metavar="NAME@VERSION", autocompletion=names)]


def login(
    url: Annotated[str | None, typer.Argument(help="Address of the site; PENSET_URL when left out.")] = None,
    insecure: Insecure = False,
) -> None:
    """Sign in to a site with a token: asked for, or read from standard input; kept for you alone."""
    from app.client import login as kept
    from app.client.penset import Penset

    address = kept.address(url, insecure=insecure)
    asked = sys.stdin.isatty()
    token = typer.prompt(f"Token of {address}", hide_input=True) if asked else sys.stdin.readline()
    with Penset(address, token.strip(), insecure=insecure) as penset:
        who = penset.token()
    path = kept.keep(kept.Login(address, token.strip()))
    print(f"Signed in to {address} as {who['name']}; this token may {', '.join(who['scopes'])}. Kept in {path}.")


def logout() -> None:
    """Forget the token on this machine. To end it everywhere, revoke it on the site."""
    from app.client import login as kept

    print("Signed out." if kept.forget() else "Nobody was signed in.")


@datasets.command("list")
def list_datasets(
    name: Annotated[str | None, typer.Argument(help="A dataset, to see its versions.")] = None,
    as_json: Json = False,
    insecure: Insecure = False,
) -> None:
    """List datasets, or the versions of one."""
    from app.client.screen import print_json, print_table

    with site(insecure=insecure) as penset:
        if name is None:
            found = list(penset.datasets())
            rows = [(one["project"], one["name"], one["newest"] or "not yet") for one in found]
            if as_json:
                print_json(found)
            else:
                print_table(("Project", "Dataset", "Newest"), rows, empty="No dataset yet, or none that you may see.")
            return
        versions = penset.versions(penset.dataset(name)["id"])
    if as_json:
        print_json(versions)
        return
    lines = [(one["number"], state(one), sum(one["counts"].values()), one["content_hash"] or "") for one in versions]
    print_table(("Version", "State", "Rows", "Content hash"), lines, empty="No version yet.")


def state(version: "Version") -> str:
    """The state of a version, and what of it should no longer be used."""
    if version.get("retired", False):
        return "retired"
    return f"superseded, {version['withdrawn']:,} withdrawn" if version.get("withdrawn", 0) else version["status"]


@datasets.command("pull")
def pull(
    name: Named,
    to: Annotated[Path | None, typer.Option(help="Folder to put it in; NAME-vNUMBER here when left out.")] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", autocompletion=formats, help="Another format, such as parquet or alpaca."),
    ] = None,
    withdrawn: Annotated[bool, typer.Option(help="Also write what was withdrawn since: withdrawn.json.")] = False,
    expected: Hash = None,
    as_json: Json = False,
    insecure: Insecure = False,
) -> None:
    """Bring a version here, checked byte for byte. Broken off, the same command goes on."""
    from app.client.screen import download_bars, print_json

    with site(insecure=insecure) as penset, download_bars(quiet=as_json) as watch:
        pulled = penset.pull(name, to, form=form, expected=expected, watch=watch)
        there = pulled.checked
        dropped = len(penset.withdrawn(name, there.folder)["rows"]) if withdrawn else pulled.withdrawn
    if as_json:
        print_json(summary(there) | {"kept": list(pulled.kept), "withdrawn": dropped})
        return
    print(f"{there.dataset}, version {there.version}: {sum(there.rows.values()):,} rows in {there.folder}, checked.")
    print(f"Content hash {there.content_hash}")
    print(f'Load it: datasets.load_dataset("{there.folder}")')
    if withdrawn:
        print(f"Rows that were withdrawn since, to drop before you use it: {dropped}, listed in withdrawn.json.")
    elif dropped:
        print(f"Superseded: rows withdrawn since, to drop before you use it: {dropped}. --withdrawn lists them.")


@datasets.command("verify")
def verify_folder(folder: Path, expected: Hash = None, as_json: Json = False) -> None:
    """Check a folder against its manifest, without a network."""
    from app.client.screen import print_json
    from app.client.verify import verify

    there = verify(folder, expected)
    if as_json:
        print_json(summary(there))
        return
    print(f"{there.dataset}, version {there.version}: all {len(there.files)} files are as they were published.")
    print(f"Content hash {there.content_hash}")


def summary(there: "Checked") -> dict[str, object]:
    """A checked folder for programs."""
    return {
        "dataset": there.dataset,
        "version": there.version,
        "folder": str(there.folder),
        "rows": there.rows,
        "content_hash": there.content_hash,
        "files": list(there.files),
    }


@datasets.command("diff")
def diff(
    old: Named,
    new: Annotated[str, typer.Argument(metavar="NAME@VERSION|VERSION", autocompletion=names)],
    out: Annotated[Path | None, typer.Option(help="Write every change, with its texts, here as JSONL.")] = None,
    as_json: Json = False,
    insecure: Insecure = False,
) -> None:
    """Say what changed from one version to another; exit code 4 if a row left the test split."""
    from app.client.names import VersionName
    from app.client.screen import print_json, print_table

    before = VersionName.read(old)
    with site(insecure=insecure) as penset:
        then, now = penset.version(before), penset.version(before.beside(new))
        told = penset.diff(now["id"], then["id"])
        if out:
            penset.save_changes(now["id"], then["id"], out)
    if as_json:
        print_json(
            {
                "old": then["number"],
                "new": now["number"],
                "counts": told["counts"],
                "by_category": told["by_category"],
                "left_test": told["left_test"],
            }
        )
    else:
        splits = ("train", "validation", "test")
        rows = [(kind, *(by[split] for split in splits)) for kind, by in told["counts"].items()]
        print_table(("Rows", *splits), rows, empty="Nothing changed.")
    if told["left_test"]:
        raise PromiseBroken(f"{told['left_test']} rows left the test split: this must never happen. Tell the site.")
    if not as_json:
        print("No row left the test split.")


@runs.command("start")
def start(
    name: Named,
    model: Annotated[
        str | None, typer.Option(help="Base model, by its name on the site: tiny, or that of the run it begins from.")
    ] = None,
    method: Annotated[str, typer.Option(help="sft, reward, dpo, rloo or grpo.")] = "sft",
    begins_from: Annotated[int | None, typer.Option(metavar="RUN", help="Id of a finished run to go on from.")] = None,
    reward: Annotated[int | None, typer.Option(metavar="RUN", help="Id of a run whose reward model leads it.")] = None,
    second_reward: Annotated[
        int | None, typer.Option(metavar="RUN", help="Id of a run whose reward model only measures.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting that differs: epochs=2.")
    ] = None,
    watch: Annotated[bool, typer.Option(help="Stay and watch it.")] = False,
    as_json: Json = False,
    insecure: Insecure = False,
) -> None:
    """Start a run on a version: fine-tuning, a reward model, or a policy."""
    from app.client.screen import print_json

    with site(insecure=insecure) as penset:
        chosen = dict(setting(word) for word in settings or [])
        version = penset.version(name)
        if version.get("withdrawn", 0):
            rows = f"rows that were withdrawn since: {version['withdrawn']:,}"
            print(f"penset: This run learns from {rows}. The next version leaves them out.", file=sys.stderr)
        run = penset.start_run(
            version["id"],
            method=method,
            base_model=model,
            begins_from=begins_from,
            reward=reward,
            second_reward=second_reward,
            settings=chosen,
        )
        if as_json:
            print_json(run)
        else:
            print(f"Run {run['number']} waits for a trainer. Watch it: penset runs watch {run['id']}")
        if watch:
            follow(penset, run["id"], as_json=as_json)


def setting(word: str) -> tuple[str, bool | int | float | str]:
    """NAME=VALUE with the value as the number, or the true or false, that it is, if it is one."""
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise WrongUse(f"Give a setting as NAME=VALUE, not {word}.")
    if value in ("true", "false"):
        return name, value == "true"
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, value


@runs.command("watch")
def watch(run_id: int, as_json: Json = False, insecure: Insecure = False) -> None:
    """Follow a run to its end; exit code 6 unless it is done. With --json, an event a line."""
    with site(insecure=insecure) as penset:
        follow(penset, run_id, as_json=as_json)


@runs.command("pull")
def pull_model(
    run_id: int,
    to: Annotated[Path | None, typer.Option(help="Folder to put it in; run-NUMBER here when left out.")] = None,
    as_json: Json = False,
    insecure: Insecure = False,
) -> None:
    """Bring a finished run's model here, checked byte for byte. Broken off, the same command goes on."""
    from app.client.screen import download_bars, print_json

    with site(insecure=insecure) as penset, download_bars(quiet=as_json) as watch:
        pulled = penset.pull_model(run_id, to, watch=watch)
    if as_json:
        print_json({"folder": str(pulled.folder), "files": pulled.files, "kept": list(pulled.kept)})
        return
    print(f"The model of run {run_id}: {len(pulled.files)} files in {pulled.folder}, checked.")
    print(f'Load it: AutoModelForCausalLM.from_pretrained("{pulled.folder}")')


def follow(penset: "Penset", run_id: int, *, as_json: bool) -> None:
    """Show events as they come, and how the run ended."""
    from app.client.screen import LossLine, print_json

    line = LossLine()
    for event in penset.watch(run_id):
        if as_json:
            print_json(event)
        else:
            line.tell(event)
    run = penset.run(run_id)
    if not as_json:
        line.end()
    if run["status"] != "done":
        raise RunEnded(f"Run {run['number']} {run['status']}{': ' + run['failure'] if run['failure'] else '.'}")
    if not as_json:
        print(f"Run {run['number']} is done. Its report: {penset.server.url}/runs/{run_id}/report")
