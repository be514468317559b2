"""The verbs by which a version is prepared: its dataset's rule, what is held out, what it is compared with."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.client.server import Server
from app.client.shapes import Benchmark, Explanation, LeftOut, Preparation, Preview, Rule


class Preparing:
    """What the next version is to hold, and why."""

    server: Server

    def rules(self, dataset_id: int) -> Iterator[Rule]:
        """The rules that a dataset has and had, the newest first."""
        return self.server.pages(Rule, f"/datasets/{dataset_id}/rules", "rules")

    def change_rule(self, dataset_id: int, rule: Mapping[str, Any], *, seen: int | None = None, note: str = "") -> Rule:
        """Give a dataset another rule. Problem 412 where its rule is no longer number `seen`."""
        headers = {"If-Match": "*" if seen is None else f'"{seen}"'}
        body = {"rule": dict(rule), "note": note}
        return self.server.send(Rule, "PUT", f"/datasets/{dataset_id}/rule", body, headers=headers)

    def try_rule(self, project_id: int, rule: Mapping[str, Any]) -> Preview:
        """What a version by a rule would hold now. Nothing is stored."""
        return self.server.send(Preview, "POST", f"/projects/{project_id}/datasets/preview", rule)

    def preview(self, dataset_id: int) -> Preview:
        """What the next version of a dataset would hold now."""
        return self.server.get(Preview, f"/datasets/{dataset_id}/preview")

    def left_out(self, dataset_id: int, reason: str = "") -> Iterator[LeftOut]:
        """The approved responses that a dataset's rule leaves out, by one condition (`reason`) or by any."""
        return self.server.pages(LeftOut, f"/datasets/{dataset_id}/left-out", "left_out", reason=reason)

    def why(self, dataset_id: int, submission_id: int) -> Explanation:
        """Why a submission is in or out: each condition of the dataset's rule with what it found."""
        return self.server.get(Explanation, f"/datasets/{dataset_id}/submissions/{submission_id}")

    def preparation(self, dataset_id: int) -> Preparation:
        """What the next versions hold out and leave out, and what the project has held out for ever."""
        return self.server.get(Preparation, f"/datasets/{dataset_id}/preparation")

    def prepare(
        self, dataset_id: int, preparation: Mapping[str, Any], *, seen: Preparation | None = None
    ) -> Preparation:
        """Say what the next versions hold out and leave out. Problem 412 where it is no longer what was `seen`."""
        headers = {} if seen is None else {"If-Match": f'"{seen["mark"]}"'}
        return self.server.send(Preparation, "PUT", f"/datasets/{dataset_id}/preparation", preparation, headers=headers)

    def benchmarks(self, project_id: int) -> list[Benchmark]:
        """What new versions of a project are compared with."""
        return self.server.get(dict[str, list[Benchmark]], f"/projects/{project_id}/benchmarks")["benchmarks"]

    def add_benchmark(self, project_id: int, path: Path | str, *, name: str, licence: str) -> Benchmark:
        """Compare every new version with this file of JSON lines or plain text. Sent again, it is the same one."""
        place = (
            f"/projects/{project_id}/benchmarks/import?name={quote(name, safe='')}&licence={quote(licence, safe='')}"
        )
        return self.server.send(Benchmark, "POST", place, content=Path(path).read_bytes())

    def remove_benchmark(self, benchmark_id: int) -> None:
        """Compare no later version with it."""
        self.server.send(None, "POST", f"/benchmarks/{benchmark_id}/remove")
