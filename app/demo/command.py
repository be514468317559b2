"""What `penset demo` does, in order: play the story once, then serve it."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from app.accounts.models import User
from app.core.errors import DomainError, StartRefused
from app.core.process import Process
from app.core.settings import Settings, is_loopback, load_settings
from app.demo import chain, comparing, play, training
from app.demo.people import People, kept_at
from app.preferences.versions.rule import People as Whose
from app.training.fetch import CannotFetch
from app.training.models import Run, RunStatus

SECOND_MODEL = "smollm2-135m"
SCENES = {"Prompts": play.propose_prompts, "Responses": play.write_responses, "Reviews": play.review_everything}
ENDED_BADLY = (RunStatus.FAILED, RunStatus.STOPPED)
console = Console()


def check(settings: Settings) -> None:
    """The demo shows its passwords: only on this machine's own address."""
    if not is_loopback(settings.host):
        raise StartRefused("The demo runs on 127.0.0.1 only, since its passwords stand on the screen.")


def with_outbox(settings: Settings) -> Settings:
    """What the demo would mail lies in a folder of its data, unless the operator says otherwise."""
    if settings.writes_mail:
        return settings
    os.environ["PENSET_MAIL_OUTBOX"] = str((settings.data / "outbox").resolve())  # the workers beside read it too
    return load_settings()


def check_port(port: int) -> None:
    """Hear of a taken port before the story is played, not after it."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        raise StartRefused(f"Something listens on 127.0.0.1:{port} already. Take another port: PORT=8001.") from None


def clear_the_stage(settings: Settings, *, reset: bool) -> None:
    """Begin anew when told to, and when an earlier demo was interrupted before its end."""
    begun, ended = begun_at(settings).exists(), kept_at(settings).exists()
    interrupted = begun and not ended
    if not (reset or interrupted):
        return
    if settings.database_url is not None:
        raise StartRefused("PENSET_DATABASE_URL is set: empty that database yourself, or let the demo use its own.")
    if not (begun or ended) and settings.database_folder.exists():
        raise StartRefused(f"{settings.data.resolve()} was not made by the demo: nothing was removed there.")
    if interrupted and not reset:
        said("An earlier demo was interrupted; beginning anew.")
    forget(settings)


def begun_at(settings: Settings) -> Path:
    """The mark, while the story is played, that this data folder is the demo's own and may be cleared."""
    return settings.data / "demo.begun"


def play_once(here: Process, model: str) -> People:
    """Play the story on an empty installation; where it was played to its end, only remember it. Then train."""
    people = People.read(here.settings) or play_story(here)
    if model == "none" or (people.run_id and not model):
        return people
    try:
        people = train_first(here, people)
        people = train_on_preferences(here, people)
        people = train_second(here, people, model or SECOND_MODEL)
    except (StartRefused, CannotFetch) as why:
        said(f"Training goes no further: {why}")
    people.write(here.settings)
    return people


def play_story(here: Process) -> People:
    """Everything up to version 1. StartRefused where other people are at home already."""
    with here.sessions() as session:
        if session.scalar(select(User.id).limit(1)):
            raise StartRefused(
                f"{here.settings.data.resolve()} holds an installation with people already: no demo there."
            )
    begun_at(here.settings).touch()
    with step("People, a project, its guidelines") as tell:
        stage, people = play.found_project(here.sessions)
        tell(1, 1)
    for title, act in SCENES.items():
        with step(title) as tell:
            done = act(stage, tell)
        said(done)
    said(play.leave_a_draft(stage))
    with step("Dataset version 1") as tell:
        version_id = play.publish_version(stage)
        done = training.wait_for_version(here.sessions, version_id, tell)
    said(done)
    with step("Comparisons") as tell:
        done = comparing.compare_responses(stage, tell)
    said(done)
    people = replace(people, version_id=version_id)
    people.write(here.settings)
    begun_at(here.settings).unlink()
    return people


def train_first(here: Process, people: People) -> People:
    """Run 1, to its end: the tiny model."""
    if people.run_id:
        return people
    with step("Run 1: the tiny model learns to answer") as tell:
        run_id = run_on(here, people, "tiny")
        done = training.wait_for_run(here.sessions, run_id, tell)
    said(done)
    return replace(people, run_id=run_id)


def train_on_preferences(here: Process, people: People) -> People:
    """Two reward models, each to its end; the policy that follows the first is queued. Where that fails, the demo goes
    on."""
    if people.policy_run_id:
        return people
    try:
        whose = publish_preferences(here, people)
        first = train_reward(here, people, whose["one_half"], "A reward model learns what half of them prefer")
        second = train_reward(here, people, whose["other_half"], "Another one learns what the others prefer")
        people = replace(people, pairs_version_id=whose["all"], reward_run_id=first, second_reward_run_id=second)
        people = replace(people, policy_run_id=chain.queue_policy(here.sessions, here.settings, people))
        said(f"A policy learns in the background: it follows the first, the second measures it. {chain.SO_SMALL}")
    except (StartRefused, DomainError) as why:
        said(f"The second step goes no further: {why}")
    return people


def publish_preferences(here: Process, people: People) -> dict[Whose, int]:
    """The versions of what all prefer, and each half of them. Their ids."""
    found: dict[Whose, int] = {}
    with step("Versions of what people prefer") as tell:
        for whose in chain.NAMES:
            found[whose] = chain.publish_pairs(here.sessions, people, whose)
        done = {whose: training.wait_for_version(here.sessions, one, lambda *_: None) for whose, one in found.items()}
        tell(len(found), len(found))
    for whose, words in done.items():
        said(f"{chain.NAMES[whose]}: {words}")
    return found


def train_reward(here: Process, people: People, version_id: int, title: str) -> int:
    """A reward model, to its end. Its run's id."""
    with step(title) as tell:
        run_id = chain.queue_reward(here.sessions, here.settings, people, version_id)
        training.wait_for_run(here.sessions, run_id, tell)
    with here.sessions() as session:
        said(chain.reward_in_words(session, run_id))
    return run_id


def train_second(here: Process, people: People, model: str) -> People:
    """Queue run 2 for the trainer beside the site."""
    if model == "tiny":
        return people
    with step("Fetching the model of run 2") as tell:
        done = training.fetch_model(here.settings, model)
        tell(1, 1)
    said(done)
    second = run_on(here, people, model)
    if second != people.second_run_id:
        said("Run 2 goes on in the background; watch it on its page.")
    return replace(people, second_run_id=second)


def run_on(here: Process, people: People, model: str) -> int:
    """The run of version 1 on a model: the one that is there already, unless it ended badly, or a new one. Its id."""
    found = select(Run.id).where(Run.version_id == people.version_id, Run.base_model == model)
    with here.sessions() as session:
        run_id = session.scalar(found.where(Run.status.not_in(ENDED_BADLY)).order_by(Run.id).limit(1))
    return run_id or training.queue_run(here.sessions, here.settings, people.admin_id, people.version_id, model)


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
    if people.policy_run_id:
        console.print(f"  A policy after it:   {address}/runs/{people.policy_run_id}", highlight=False)
    if people.second_run_id:
        console.print(f"  Run 2, live:         {address}/runs/{people.second_run_id}", highlight=False)
    if settings.mail_outbox is not None:
        console.print(f"\n  Mail is written to {settings.mail_outbox}, not sent.", highlight=False, soft_wrap=True)
    console.print("\n  Ctrl+C stops it; everything is kept. `make demo-reset` begins anew.\n", highlight=False)


def forget(settings: Settings) -> None:
    """Remove everything that the demo made: database, files, runs, secret. Models stay: they are only downloads.

    Killed in between, the next start begins anew.
    """
    begun_at(settings).touch()
    (settings.data / "demo.json").unlink(missing_ok=True)
    for folder in (settings.database_folder, settings.files_folder, settings.runs_root, settings.data / "outbox"):
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("secret", "demo.begun"):
        (settings.data / name).unlink(missing_ok=True)
