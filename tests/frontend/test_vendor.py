"""What is shipped of others is exactly what they published, with its licence."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = json.loads((ROOT / "static/vendor/VENDOR.json").read_text())


@pytest.mark.parametrize("package", PACKAGES, ids=[one["package"] for one in PACKAGES])
def test_a_vendored_package_holds_the_published_bytes_and_nothing_else(package: dict[str, object]) -> None:
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (ROOT / str(package["folder"])).iterdir()
    }
    assert found == package["sha256"]
    assert "LICENSE" in found


def test_every_vendored_folder_is_listed() -> None:
    folders = {file.parent for place in ("static", "tests") for file in (ROOT / place / "vendor").rglob("*/*")}
    assert folders == {ROOT / one["folder"] for one in PACKAGES}


def test_htmx_is_the_release_that_was_tried() -> None:
    sha256 = hashlib.sha256((ROOT / "static/vendor/htmx/htmx.min.js").read_bytes()).hexdigest()
    assert sha256 == "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
