"""Sending a version to a hub of datasets, by `huggingface_hub` (the extra `hub`). Off until a token is set.

The token comes from the environment alone: it is in no table, no log and no argument of a job.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.core.settings import Settings
from app.core.storage import Storage
from app.datasets.files import MANIFEST, NAMES, copy_to, version_files
from app.datasets.models import Version

Tell = Callable[[str], None]
TAKEN = (
    "{repository} has a tag {tag} that names something else, and nothing was sent. Send this dataset to a repository "
    "of its own, or remove that tag there."
)
OPEN = (
    "Everybody may see {repository}, and nothing was sent: it was to be private. Make it private there, name another "
    "repository, or say that everybody may see it."
)


class HubRefused(Exception):
    """The hub did not take the version; the message says why, in a sentence."""


def token_of(settings: Settings) -> str | None:
    """PENSET_HUB_TOKEN, or HF_TOKEN as other tools name it."""
    return settings.hub_token.get_secret_value() if settings.hub_token else os.environ.get("HF_TOKEN") or None


def is_on(settings: Settings) -> bool:
    """Whether versions can be sent: a token is set and the library is there."""
    return token_of(settings) is not None and find_spec("huggingface_hub") is not None


def send(settings: Settings, storage: Storage, version: Version, repository: str, *, private: bool, tell: Tell) -> str:
    """Send all files as one commit, which holds no file of another version, and tag it; the address of the commit.

    Sent again, nothing is sent: the tag names it. HubRefused where the tag names something else, and where what is to
    be private would go into a repository that is there already and that everybody may see.
    """
    from httpx2 import HTTPError
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    api = HfApi(endpoint=settings.hub_url, token=token_of(settings))
    tag = f"v{version.number}"
    try:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
            names = [fact.name for fact in version_files(version)]
            copy_to(storage, version, Path(folder), names)
            # Open files, not paths: they go by plain HTTP, whatever else is installed to send files with.
            files = [CommitOperationAdd(name, opened.enter_context((Path(folder) / name).open("rb"))) for name in names]
            tell(f"Asking for {repository}")
            api.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
            if private and api.repo_info(repository, repo_type="dataset").private is False:
                raise HubRefused(OPEN.format(repository=repository))
            if (commit := tagged(api, repository, tag)) is not None:
                if not holds(api, repository, commit, (Path(folder) / MANIFEST).read_bytes()):
                    raise HubRefused(TAKEN.format(repository=repository, tag=tag))
                return f"{api.endpoint}/datasets/{repository}/commit/{commit}"
            there = [one.path for one in api.get_paths_info(repository, list(NAMES), repo_type="dataset")]
            tell(f"Sending {len(files)} files")
            made: Any = api.create_commit(
                repository,
                [*files, *(CommitOperationDelete(name) for name in there if name not in names)],
                commit_message=f"{(version.manifest or {})['dataset']}, version {version.number}",
                commit_description=f"manifest.json has the SHA-256 {version.content_hash}",
                repo_type="dataset",
            )
            api.create_tag(repository, tag=tag, revision=made.oid, repo_type="dataset")
    except (HTTPError, ValueError, RuntimeError) as why:
        raise HubRefused(told(why, repository)) from why
    return str(made.commit_url)


def tagged(api: Any, repository: str, tag: str) -> str | None:
    """The commit that a tag names, where there is such a tag."""
    tags = api.list_repo_refs(repository, repo_type="dataset").tags
    return next((one.target_commit for one in tags if one.name == tag), None)


def holds(api: Any, repository: str, commit: str, manifest: bytes) -> bool:
    """Whether a commit has this very manifest, which names all other files by their hashes."""
    from huggingface_hub.utils.sha import git_hash

    found = api.get_paths_info(repository, [MANIFEST], revision=commit, repo_type="dataset")
    return [one.blob_id for one in found] == [git_hash(manifest)]


def told(why: BaseException, repository: str) -> str:
    """Why the hub did not take it, for a person. What went wrong with a large file comes wrapped."""
    if isinstance(why, RuntimeError) and why.__cause__ is not None:
        why = why.__cause__
    status = getattr(getattr(why, "response", None), "status_code", None)
    if status is None and isinstance(why, ValueError):
        return f"The hub did not accept the dataset card. {why}"
    if status is None:
        return f"The hub could not be reached ({type(why).__name__}). Try again later."
    return {
        401: "The hub does not know the token. Who runs this Penset must set another one.",
        403: f"The token may not write to {repository}.",
        404: f"The hub has no {repository} that the token may see.",
    }.get(status, f"The hub answered with status {status}. Try again later.")
