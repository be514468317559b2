"""The YAML before a dataset card, which the `datasets` library loads by and the hub lists by.

Fields and values: https://github.com/huggingface/hub-docs/blob/main/datasetcard.md, licences:
https://huggingface.co/docs/hub/repositories-licenses.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from app.datasets.formats.form import Form, features

MOST = 1_000_000_000_000
UNSTATED = "not-stated"
STEPS = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
# How the hub spells the licences that people write most for texts; all others are "other", with their name.
LICENCES = frozenset(
    {
        "apache-2.0", "cc", "cc0-1.0", "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-nc-2.0",
        "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-3.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0",
        "cc-by-nc-sa-4.0", "cc-by-nd-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cdla-permissive-1.0",
        "cdla-permissive-2.0", "cdla-sharing-1.0", "mit", "odbl", "odc-by", "pddl", "unlicense",
    }
)  # fmt: skip


def front_matter(manifest: Mapping[str, Any], form: Form, rows: Mapping[str, int]) -> str:
    """YAML with every text quoted. A split without rows has a file, but a loader is not sent there: it would refuse."""
    from app.datasets.publish.quoted_yaml import quoted_yaml  # a site makes no cards

    total = sum(rows.values())
    files = [{"split": split, "path": form.file_name(split)} for split, count in rows.items() if count]
    values = {
        "pretty_name": f"{manifest['dataset']}, version {manifest['version']}",
        **licence(manifest["licences"]),
        **language(manifest["languages"]),
        "annotations_creators": ["other"],
        "source_datasets": ["extended" if manifest.get("imported") else "original"],
        "size_categories": [size(total)],
        "task_categories": ["text-generation"],
        "tags": ["sft", "penset"] if manifest.get("imported") else ["sft", "human-written", "penset"],
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {"features": features(form, manifest["rating_keys"])},
    }
    return quoted_yaml(values)


def size(rows: int) -> str:
    """The hub's class of a number of rows: n<1K, 1K<n<10K, … n>1T."""
    if rows >= MOST:
        return "n>1T"
    place = max(len(str(rows)) - 3, 0)
    return f"{STEPS[place - 1]}<n<{STEPS[place]}" if place else "n<1K"


def licence(names: Iterable[str]) -> dict[str, Any]:
    """The rows' licences as the hub names them; where it does not know one, or rows state none, "other" with all their
    names: nobody may take those rows to be under the licence of the rest."""
    known = sorted({hub_name(name) if name else UNSTATED for name in names})
    if known and set(known) <= LICENCES:
        return {"license": known}
    return {"license": "other", "license_name": "-and-".join(known) or UNSTATED}


def hub_name(name: str) -> str:
    """A licence in lower-case letters, digits, dots and single hyphens: CC BY-SA 4.0 is cc-by-sa-4.0."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.") or "unnamed"


def language(codes: Iterable[str]) -> dict[str, Any]:
    """The languages by their first part, which the hub lists, and whole where there is more to a code."""
    stated = sorted({code for code in codes if code})
    found: dict[str, Any] = {"language": sorted({code.split("-")[0].lower() for code in stated})}
    return found | {"language_bcp47": stated} if any("-" in code for code in stated) else found
