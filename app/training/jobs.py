"""The jobs of runs: carry one from queued to done, whatever dies on the way, and erase who asks for it."""

import json
import re
import signal
from pathlib import Path

from sqlalchemy.orm import joinedload

from app.core.jobs import job_session, leaving, surroundings
from app.core.logs import logger
from app.core.settings import Settings
from app.core.tasks import jobs, task
from app.datasets.files import copy_to, version_files
from app.datasets.models import Version
from app.prompts.turns import list_unanswered
from app.training import erasing, launch, on_ray, service
from app.training.alive import beating
from app.training.artefacts import keep_model
from app.training.descent import ancestors_of, is_retired_run, made_from, tuned_before
from app.training.gguf_file import NotConverted, add_gguf
from app.training.laying import FOLDERS, lay_model, lay_rows, lay_seen, plan_of
from app.training.learned import remove_run
from app.training.mishaps import in_words
from app.training.models import Run, RunStatus
from app.training.queries import POLICIES, waiting_status
from app.training.room import most_memory_mb
from app.training.worker.events import Event, EventKind, warning, was_loading
from app.training.worker.failures import LESS_MEMORY, SMALLER_MODEL
from app.training.worker.inputs import OPEN
from app.training.worker.plan import Plan, PlanError
from app.training.worker.report import read_report
from app.training.worker.shareable import can_share

log = logger("penset.training")
CHANGED = (
    "The run's plan.json was changed since the run was started, and a run goes on only with what it began with. "
    "Put plan.json back as it was, or start a new run with the new settings."
)
LACKS_PENSET = re.compile(r"No module named '?app\b")


@task("training.train", retry=False)
def train(run_id: int) -> None:
    """Fine-tune one run. Called again after a crash, it goes on from the last whole checkpoint."""
    with job_session() as session:
        run = service.begin(session, run_id)
    if run is None:
        return
    try:
        carry_out(run)
    except Exception as problem:  # the edge of the job: the page must say so, and the log says what it was
        with job_session() as session:
            service.settle(session, run_id, RunStatus.FAILED, failure=in_words(problem))
        if not isinstance(problem, launch.CannotWork):
            raise
    finally:
        clear_if_retired(run)


def clear_if_retired(run: Run) -> None:
    """Remove what a run has left that was at work while a person was erased whose texts it learned from."""
    with job_session() as session:
        retired = is_retired_run(session, run.id)
    if retired:
        remove_run(surroundings.storage, surroundings.settings.runs_root, run)


@task("training.erase")
def erase(user_id: int) -> None:
    """Erase a person. Run twice, at once, or again after a kill, it ends with everything gone."""
    erasing.carry_out(surroundings.sessions, surroundings.storage, surroundings.settings.runs_root, user_id)


@jobs.periodic(cron="*/2 * * * *")
@jobs.task(name="training.put_silent_back", queue="default")
def put_silent_back(timestamp: int) -> None:
    """No run says for long that it is at work, or waits, when nobody works on it and nobody will."""
    with job_session() as session:
        service.put_silent_back(session)
        service.end_without_job(session)


def carry_out(run: Run) -> None:
    """Prepare the folder, let the worker work, keep what it made."""
    folder = surroundings.settings.runs_root / run.folder
    with beating(lambda: say_alive(run.id)):
        launch.prepare(folder, lambda part: fill(part, run))
    if not has_own_plan(folder, run):
        with job_session() as session:
            service.settle(session, run.id, RunStatus.FAILED, failure=CHANGED)
        return
    worker: launch.Working | None = None
    told: list[Event] = []

    def each(events: list[Event]) -> bool:
        told.extend(event for event in events if event["kind"] == EventKind.FAILED)
        with job_session() as session:
            service.keep_events(session, run.id, events)
            return leaving.is_set() or waiting_status(session, run.id) in (RunStatus.STOPPING, RunStatus.STOPPED)

    try:
        lay_open_prompts(folder / OPEN, run)
        with beating(lambda: say_alive(run.id)):
            worker = begin(folder, surroundings.settings, processes_of(run.method, surroundings.settings))
        code = launch.watch(worker, each, surroundings.settings.training_hours)
    finally:
        if worker is not None:
            worker.end()
        (folder / OPEN).unlink(missing_ok=True)
    finish(run, folder, code, told)


def say_alive(run_id: int) -> None:
    """Say that somebody works on the run."""
    with job_session() as session:
        service.keep_events(session, run_id, [])


def begin(folder: Path, settings: Settings, processes: int) -> launch.Working:
    """Start the worker where the operator wants runs to be trained. CannotWork where that is not possible."""
    if settings.training_on == "ray":
        return on_ray.start(folder, settings, processes)
    return launch.start(
        folder,
        settings.python,
        settings.tracking,
        processes,
        memory_mb=most_memory_mb(settings),
        hours=settings.training_hours,
    )


def processes_of(method: str, settings: Settings) -> int:
    """How many share each batch: as many as the operator says, of a method that can be shared."""
    return settings.training_processes if can_share(method) else 1


def fill(part: Path, run: Run) -> None:
    """The folder that the worker reads: the version's files, the models of the runs that it is made from, the plan."""
    with job_session() as session:
        version = session.get_one(Version, run.version_id, options=[joinedload(Version.dataset)])
        parents = made_from(session, run)
        ancestors = ancestors_of(session, run)
    names = [file.name for file in version_files(version) if file.name.endswith(".jsonl")]
    copy_to(surroundings.storage, version, part, names=names)
    for key, parent in parents.items():
        lay_model(surroundings.storage, surroundings.settings.runs_root, parent, part / FOLDERS[key])
    if run.method in POLICIES or (run.method == "sft" and ancestors):
        lay_seen(surroundings.storage, ancestors, part)
    if run.method in POLICIES and (tuned := tuned_before(run, ancestors)) is not None:
        lay_rows(surroundings.storage, tuned, part)
    plan_of(run).write(part / "plan.json")


def lay_open_prompts(path: Path, run: Run) -> None:
    """The oldest open prompts that nobody has answered by now, for as long as the worker is at work."""
    with job_session() as session:
        prompts = list_unanswered(session, run.project_id, plan_of(run).rank_prompts)
        lines = [
            {"id": one.id, "category": one.category.name if one.category else "", "messages": one.messages}
            for one in prompts
        ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


def has_own_plan(folder: Path, run: Run) -> bool:
    """Whether plan.json still says what this run was started with: its page and its report say that, too."""
    own = plan_of(run)
    try:
        return Plan.read(folder / "plan.json") == own
    except PlanError:
        return False


def finish(run: Run, folder: Path, code: int, failures: list[Event]) -> None:
    """Store how the run ended, with its report and its model where there are any.

    One that was stopped only because its trainer had to end waits for the next trainer.
    """
    if code == 0:
        with beating(lambda: say_alive(run.id)):
            convert(run, folder / "model")
            keep_model(surroundings.storage, run, folder / "model")
    with job_session() as session:
        if code != 0 and leaving.is_set() and waiting_status(session, run.id) == RunStatus.RUNNING:
            service.put_back(session, run.id)
        elif code == 0:
            service.keep_report(session, run, read_report(folder / "report.json"))
            service.settle(session, run.id, RunStatus.DONE)
        elif code == launch.STOPPED_CODE or waiting_status(session, run.id) == RunStatus.STOPPING:
            service.settle(session, run.id, RunStatus.STOPPED)
        else:
            service.settle(session, run.id, RunStatus.FAILED, failure=reason(folder, code, failures))
    log.info("run_ended", run_id=run.id, exit_code=code)


def convert(run: Run, model: Path) -> None:
    """Add a GGUF file where the operator has the tool for it; where that fails, the run's log says so."""
    converter = surroundings.settings.gguf_converter
    if converter is None:
        return
    try:
        add_gguf(model, converter, surroundings.settings.python)
    except NotConverted as why:
        with job_session() as session:
            service.keep_events(session, run.id, [warning(f"No GGUF file was made of the model: {why}")])


def reason(folder: Path, code: int, failures: list[Event]) -> str:
    """Why a run failed, for the page: the worker's own words, or how the system ended it."""
    if failures:
        return f"{failures[-1]['reason']} {failures[-1].get('advice', '')}".rstrip()
    if code < 0:
        ended = f"The worker was ended by {signal.Signals(-code).name}"
        if code == -signal.SIGKILL:
            cure = SMALLER_MODEL if was_loading(folder) else LESS_MEMORY
            return f"{ended}, as a system does that is short of memory. If it was, going on ends likewise. {cure}"
        return f"{ended}. It can go on from its last checkpoint."
    if code == launch.BUSY_CODE:
        return (
            f"Another worker is at work in the run's folder {folder.name}, perhaps one that was started by hand. "
            "Wait until it has ended, or end it, and let the run go on."
        )
    last = launch.last_words(folder)
    if LACKS_PENSET.search(last):
        return "The interpreter of the worker has no Penset. Install penset[train] there, or correct PENSET_PYTHON."
    log.warning("worker_died", run=folder.name, exit_code=code, last_words=len(last))
    return f"The worker ended with code {code}. Its own log is worker.log in the run's folder {folder.name}."
