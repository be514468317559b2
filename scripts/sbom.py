"""What is Penset made of? Writes an inventory in CycloneDX 1.6: the pinned packages and the vendored scripts."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = {"requirements.txt": "required", "requirements-train.txt": "optional", "Makefile": "optional"}
# Torch has no lock, since its builds for each kind of machine differ; the Makefile pins its version.
PINNED = re.compile(r"^(?:TORCH = )?([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^\s;\\]+)", re.MULTILINE)


def packages() -> Iterator[dict[str, Any]]:
    """The pinned packages that are installed with Penset. Those that training alone needs are optional."""
    seen = set()
    for lock, scope in LOCKS.items():
        for name, version in PINNED.findall((ROOT / lock).read_text("utf-8")):
            address = f"pkg:pypi/{name}@{version}"
            if address not in seen:
                seen.add(address)
                yield {
                    "type": "library", "bom-ref": address, "name": name, "version": version, "scope": scope,
                    "purl": address,
                }  # fmt: skip


def vendored() -> Iterator[dict[str, Any]]:
    """The scripts and styles of others that are shipped as files, with the hash of each file."""
    for package in json.loads((ROOT / "static/vendor/VENDOR.json").read_text("utf-8")):
        if package["folder"].startswith("static/"):
            address = f"pkg:npm/{package['package'].replace('@', '%40')}@{package['version']}"
            files = [
                {"type": "file", "bom-ref": f"{package['folder']}/{name}", "name": f"{package['folder']}/{name}",
                 "hashes": [{"alg": "SHA-256", "content": digest}]}
                for name, digest in sorted(package["sha256"].items())
            ]  # fmt: skip
            yield {
                "type": "library", "bom-ref": address, "name": package["package"], "version": package["version"],
                "scope": "required", "purl": address, "components": files,
            }  # fmt: skip


def inventory() -> dict[str, Any]:
    """The whole inventory. It holds no time and no random number: the same locks give the same bytes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    penset = {
        "type": "application", "bom-ref": "penset", "name": project["name"], "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }  # fmt: skip
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": penset},
        "components": [*packages(), *vendored()],
    }  # fmt: skip


if __name__ == "__main__":
    json.dump(inventory(), sys.stdout, indent=2)
    print()
