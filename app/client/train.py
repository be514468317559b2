"""The verbs of runs: start, watch, stop, go on."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import sleep
from typing import Any

from app.client.pull import Watch, nobody
from app.client.pull_model import PulledModel, pull_model
from app.client.server import Server
from app.client.shapes import Event, Run, RunData, Seen

DEFAULTS: Mapping[str, Any] = {}
ENDED = ("done", "failed", "stopped")


class Training:
    """Runs on published versions: fine-tunings, reward models, policies."""

    server: Server

    def runs(self, project_id: int) -> Iterator[Run]:
        """The runs of a project, newest first."""
        return self.server.pages(Run, f"/projects/{project_id}/runs", "runs")

    def run(self, run_id: int) -> Run:
        """One run with its plan and its state."""
        return self.server.get(Run, f"/runs/{run_id}")

    def start_run(
        self,
        version_id: int,
        *,
        method: str = "sft",
        base_model: str | None = None,
        begins_from: int | None = None,
        reward: int | None = None,
        second_reward: int | None = None,
        settings: Mapping[str, Any] = DEFAULTS,
    ) -> Run:
        """Start a run: sft, reward, dpo, rloo or grpo; `settings` are what differs from the defaults: epochs, seed.

        `begins_from`: the id of a finished run to go on from; without one and without a base model, `tiny`. `reward`:
        that of the run whose reward model is followed (rloo, grpo) or measures (dpo); `second_reward` only measures.
        """
        body = {
            "method": method,
            "base_model": base_model or ("tiny" if begins_from is None else None),
            "begins_from_run_id": begins_from,
            "reward_run_id": reward,
            "second_reward_run_id": second_reward,
            "settings": dict(settings),
        }
        return self.server.once(Run, f"/versions/{version_id}/runs", body)

    def events(self, run_id: int, *, after: int = 0) -> list[Event]:
        """What a run's worker told so far, past the first `after` events."""
        told: list[Event] = []
        more = True
        while more:
            page = self.server.get(dict[str, Any], f"/runs/{run_id}/events", after=after + len(told))
            told += page["events"]
            more = page.get("more", False)
        return told

    def watch(self, run_id: int, *, every: float = 1.0) -> Iterator[Event]:
        """Events as they come, until the run has ended; asks every so many seconds."""
        told = 0
        while True:
            ended = self.run(run_id)["status"] in ENDED  # asked first: what it told before its end is then there
            fresh = self.events(run_id, after=told)
            yield from fresh
            told += len(fresh)
            if ended:
                return
            sleep(every)

    def run_data(self, run_id: int) -> RunData:
        """What a run learned from: version, dataset, rule, rows."""
        return self.server.get(RunData, f"/runs/{run_id}/data")

    def runs_that_saw(self, version_id: int, submission_id: int) -> list[Seen]:
        """The runs on versions that hold a row's submission, newest first."""
        return self.server.get(dict[str, list[Seen]], f"/versions/{version_id}/rows/{submission_id}/runs")["runs"]

    def stop(self, run_id: int) -> Run:
        """Ask a run to stop; its last checkpoint is kept."""
        return self.server.once(Run, f"/runs/{run_id}/stop")

    def resume(self, run_id: int) -> Run:
        """Let a stopped or failed run go on."""
        return self.server.once(Run, f"/runs/{run_id}/resume")

    def pull_model(self, run_id: int, folder: Path | str | None = None, *, watch: Watch = nobody) -> PulledModel:
        """Bring a finished run's model here, checked file by file; into `run-NUMBER` where no folder is named."""
        run = self.run(run_id)
        return pull_model(self.server, run, Path(folder or f"run-{run['number']}"), watch=watch)

    def report(self, run_id: int) -> dict[str, Any]:
        """What a finished run measured before and after."""
        return self.server.get(dict[str, Any], f"/runs/{run_id}/report")
