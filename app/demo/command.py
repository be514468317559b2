"""What `penset demo` does, in order: play the story once, then serve it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from app.accounts.models import User
from app.core.errors import StartRefused
from app.core.process import Process
from app.core.settings import Settings
from app.demo import play, training
from app.demo.people import People, refuse_beyond_loopback
from app.training.base_models import LISTED
from app.training.fetch import CannotFetch

SECOND_MODEL = "smollm2-135m"
console = Console()


def check(settings: Settings) -> None:
    """The demo shows its passwords: only on this machine's own address."""
    if not refuse_beyond_loopback(settings):
        raise StartRefused("The demo runs on 127.0.0.1 only, since its passwords stand on the screen.")


def choose_model(settings: Settings, model: str) -> str:
    """The name of the second run's model: a listed one, a folder, or none; terms are shown and asked about."""
    if model in ("", "none"):
        return model or SECOND_MODEL
    if model in LISTED:
        terms = LISTED[model].terms
        if terms and not typer.confirm(f"{terms}\nDo you accept these terms?", default=False):
            raise StartRefused("Without your agreement this model is not fetched. MODEL=none trains nothing.")
        return model
    folder = Path(model)
    if folder.is_dir() and folder.parent.resolve() != settings.models_root:
        return training.adopt_folder(settings, folder.resolve())
    return model


def clear_the_stage(settings: Settings, *, reset: bool) -> None:
    """Begin anew when told to, and when an earlier demo was interrupted before its end."""
    interrupted = begun_at(settings).exists() and People.read(settings) is None
    if interrupted:
        said("An earlier demo was interrupted; beginning anew.")
    if reset or interrupted:
        forget(settings)


def begun_at(settings: Settings) -> Path:
    """The mark that this data folder is the demo's own, so that it may be cleared."""
    return settings.data / "demo.begun"


def play_once(here: Process, model: str) -> People:
    """Play the story on an empty installation; where it was played to its end, only remember it."""
    if people := People.read(here.settings):
        return people
    with here.sessions() as session:
        if session.scalar(select(User.id).limit(1)):
            raise StartRefused(
                f"{here.settings.data.resolve()} holds an installation with people already: no demo there."
            )
    begun_at(here.settings).touch()
    with step("People, a project, its guidelines") as tell:
        stage, people = play.found_project(here.sessions)
        tell(1, 1)
    with step("Prompts") as tell:
        said(play.propose_prompts(stage, tell))
    with step("Responses") as tell:
        said(play.write_responses(stage, tell))
    with step("Reviews") as tell:
        said(play.review_everything(stage, tell))
    said(play.leave_a_draft(stage))
    with step("Dataset version 1") as tell:
        version_id = play.publish_version(stage)
        said(training.wait_for_version(here.sessions, version_id, tell))
    people = train(here, stage.admin_id, version_id, model, people)
    people.write(here.settings)
    return people


def train(here: Process, admin_id: int, version_id: int, model: str, people: People) -> People:
    """Run 1 to its end, then queue run 2 for the trainer beside the site."""
    if model == "none":
        return people
    with step("Run 1: the tiny model learns to answer") as tell:
        first = training.queue_run(here.sessions, here.settings, admin_id, version_id, "tiny")
        said(training.wait_for_run(here.sessions, first, tell))
    try:
        with step("Fetching the model of run 2") as tell:
            said(training.fetch_model(here.settings, model))
            tell(1, 1)
    except (StartRefused, CannotFetch) as why:
        said(f"Run 2 is left out: {why}")
        return replace(people, run_id=first)
    second = training.queue_run(here.sessions, here.settings, admin_id, version_id, model)
    said("run 2 goes on in the background; watch it on its page")
    return replace(people, run_id=first, second_run_id=second)


@contextmanager
def step(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for one step; the yielded function moves it."""
    columns = (TextColumn("{task.description:<44}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def said(words: str) -> None:
    """What a step did, under its bar."""
    console.print(f"  {words}", highlight=False)


def greet(people: People, settings: Settings, address: str) -> None:
    """Where to go and how to sign in."""
    console.print(f"\nPenset is at [bold]{address}[/bold]\n", highlight=False)
    for role in ("annotator", "reviewer", "admin"):
        account = getattr(people, role)
        console.print(f"  {role:<10} {account.email:<28} {account.password}", highlight=False)
    if people.run_id:
        console.print(f"\n  The report of run 1: {address}/runs/{people.run_id}/report", highlight=False)
    if people.second_run_id:
        console.print(f"  Run 2, live:         {address}/runs/{people.second_run_id}", highlight=False)
    console.print("\n  Ctrl+C stops it; everything is kept. `make demo-reset` begins anew.\n", highlight=False)


def forget(settings: Settings) -> None:
    """Remove everything that the demo made: database, files, runs, secret. Models stay: they are only downloads."""
    for folder in (settings.database_folder, settings.files_folder, settings.runs_root):
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("demo.json", "demo.begun", "secret"):
        (settings.data / name).unlink(missing_ok=True)
