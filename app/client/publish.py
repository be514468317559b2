"""The verbs of datasets: list, publish, pull, compare."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import sleep
from typing import Any

from app.client.errors import ClientError, WrongUse
from app.client.names import VersionName, folder_name
from app.client.pull import Pulled, Watch, nobody, pull, save
from app.client.pull_format import AS_PUBLISHED, pull_format, save_withdrawn, withdrawn_of
from app.client.server import Server
from app.client.shapes import Change, Dataset, Diff, FoundDataset, Push, Row, Version, Withdrawn

KINDS = ("added", "removed", "changed", "moved")
EVERYTHING: Mapping[str, Any] = {}


class Publishing:
    """What is published, and how it comes here."""

    server: Server

    def datasets(self) -> Iterator[FoundDataset]:
        """The datasets of all your projects, with the number of the newest published version of each."""
        return self.server.pages(FoundDataset, "/datasets", "datasets")

    def dataset(self, name: str) -> FoundDataset:
        """The dataset called NAME, or PROJECT/NAME. WrongUse where there is none, or more than one of that name."""
        found = list(self.server.pages(FoundDataset, "/datasets", "datasets", name=name))
        if not found and "/" in name:
            found = self._in_project(name)
        if len(found) == 1:
            return found[0]
        if not found:
            raise WrongUse(f"There is no dataset {name} here. `penset datasets list` shows those that there are.")
        ways = ", ".join(f"{one['project']}/{one['name']}" for one in found)
        raise WrongUse(f"More than one dataset is called {name}. Say which: {ways}.")

    def _in_project(self, name: str) -> list[FoundDataset]:
        """Datasets by PROJECT/NAME, wherever the slash between the two is: names may hold one too."""
        return [
            one
            for at, character in enumerate(name)
            if character == "/" and name[at + 1 :]
            for one in self.server.pages(FoundDataset, "/datasets", "datasets", name=name[at + 1 :])
            if one["project"] == name[:at]
        ]

    def make_dataset(self, project_id: int, name: str, rule: Mapping[str, Any] = EVERYTHING) -> Dataset:
        """Give a rule a name."""
        body = {"name": name, "rule": dict(rule)}
        return self.server.once(Dataset, f"/projects/{project_id}/datasets", body)

    def make_preference_dataset(self, project_id: int, name: str, rule: Mapping[str, Any] = EVERYTHING) -> Dataset:
        """Give a rule about pairs that people compared a name. Its versions are published and pulled as any other."""
        body = {"name": name, "rule": dict(rule)}
        return self.server.once(Dataset, f"/projects/{project_id}/preference-datasets", body)

    def versions(self, dataset_id: int) -> list[Version]:
        """The versions of a dataset, newest first."""
        return list(self.server.pages(Version, f"/datasets/{dataset_id}/versions", "versions"))

    def version(self, name: str | int | VersionName) -> Version:
        """A published version: by `NAME@3`, `NAME@latest`, `PROJECT/NAME@3`, or by its id."""
        if isinstance(name, int):
            return self.server.get(Version, f"/versions/{name}")
        asked = VersionName.read(name) if isinstance(name, str) else name
        dataset = self.dataset(asked.dataset)
        number = dataset["newest"] if asked.number is None else asked.number
        for one in self.versions(dataset["id"]):
            if one["number"] == number:
                return one
        there = f"the newest is {dataset['newest']}" if dataset["newest"] else "none is published yet"
        raise WrongUse(f"{dataset['name']} has no version {number or 'yet'}: {there}.")

    def publish(self, dataset_id: int) -> Version:
        """Queue the next version of a dataset; `wait_for` tells when it is there."""
        return self.server.once(Version, f"/datasets/{dataset_id}/versions")

    def cancel(self, version_id: int) -> Version:
        """Stop publishing a version. It keeps its number and can be tried again."""
        return self.server.once(Version, f"/versions/{version_id}/cancel")

    def try_again(self, version_id: int) -> Version:
        """Publish a version that failed or was cancelled once more, under the same number."""
        return self.server.once(Version, f"/versions/{version_id}/try-again")

    def push(self, version_id: int, repository: str, *, public: bool = False) -> Push:
        """Queue the sending of a version to `owner/name` on the hub; `pushes` tells what became of it."""
        return self.server.once(Push, f"/versions/{version_id}/pushes", {"repository": repository, "public": public})

    def pushes(self, version_id: int) -> list[Push]:
        """Where a version was sent, or is being sent."""
        return self.server.get(dict[str, list[Push]], f"/versions/{version_id}/pushes")["pushes"]

    def wait_for(self, version_id: int, *, every: float = 1.0) -> Version:
        """Wait until a version is published, asking every so many seconds. ClientError where it fails."""
        while (version := self.version(version_id))["status"] != "published":
            if version["status"] not in ("queued", "running"):
                raise ClientError(f"Version {version['number']} {version['status']}: {version['failure']}")
            sleep(every)
        return version

    def pull(
        self,
        name: str | int | VersionName,
        folder: Path | str | None = None,
        *,
        form: str | None = None,
        expected: str | None = None,
        watch: Watch = nobody,
    ) -> Pulled:
        """Bring a version into a folder (by default NAME-vNUMBER here), whole and checked.

        Called again after a break it goes on where it was. `form`: another format than messages, as which a version is
        published, such as parquet (then the folder is NAME-vNUMBER-FORM). `expected` is a content hash noted before:
        other bytes than those are refused.
        """
        version, form = self.version(name), None if form == AS_PUBLISHED else form
        there = Path(folder) if folder is not None else self._folder_of(name, version, form)
        if form is not None:
            return pull_format(self.server, version, form, there, expected=expected, watch=watch)
        return pull(self.server, version, there, expected=expected, watch=watch)

    def withdrawn(self, name: str | int | VersionName, folder: Path | str | None = None) -> Withdrawn:
        """What was withdrawn from a version since; with a folder it is written there too, as withdrawn.json."""
        version = self.version(name)
        if folder is not None:
            return save_withdrawn(self.server, version, Path(folder))
        return withdrawn_of(self.server, version)

    def _folder_of(self, name: str | int | VersionName, version: Version, form: str | None) -> Path:
        called = name.dataset if isinstance(name, VersionName) else str(name).rpartition("@")[0]
        folder = folder_name(called or f"dataset-{version['dataset_id']}", version["number"])
        return Path(folder if form is None else f"{folder}-{form}")

    def diff(self, new_id: int, old_id: int) -> Diff:
        """How many rows of each kind changed from the old version to the new one, by split."""
        return self.server.get(Diff, f"/versions/{new_id}/diff/{old_id}")

    def changes(self, new_id: int, old_id: int, kind: str) -> Iterator[Change]:
        """Every response of one kind: added, removed, changed or moved."""
        return self.server.pages(Change, f"/versions/{new_id}/diff/{old_id}", "rows", kind=kind)

    def row(self, version_id: int, submission_id: int) -> Row:
        """Where a row comes from: its submission, reviews, guidelines, and why it is in its split."""
        return self.server.get(Row, f"/versions/{version_id}/rows/{submission_id}")

    def save_changes(self, new_id: int, old_id: int, path: Path | str) -> None:
        """Write every change with its texts into a file, a JSON object a line."""
        save(self.server, f"/versions/{new_id}/diff/{old_id}/changes.jsonl", Path(path))
