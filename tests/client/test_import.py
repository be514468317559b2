"""The client is light: neither `import app.client` nor `penset --help` loads a server."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = "('sqlalchemy', 'fastapi', 'starlette', 'pydantic', 'uvicorn', 'psycopg', 'app.core')"


@pytest.mark.parametrize(
    "program",
    [
        "import app.client",
        "from penset.client import Penset",
        "from app.client import commands",
        "from typer.testing import CliRunner; from app.cli import cli; CliRunner().invoke(cli, ['--help'])",
    ],
)
def test_no_server_is_loaded(program: str) -> None:
    paths = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'app/client/package')!r}]"
    told = f"print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"{paths}; {program}; {told}"], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


BUILD = """
import sys, zipfile
from hatchling.build import build_editable, build_wheel
names = zipfile.ZipFile(f"{sys.argv[1]}/{build_wheel(sys.argv[1])}").namelist()
assert {"penset/client.py", "app/client/penset.py", "app/main.py", "migrations/env.py"} <= {*names}, names
editable = zipfile.ZipFile(f"{sys.argv[1]}/{build_editable(sys.argv[1])}")
assert b"app/client/package" in editable.read("_penset.pth")
"""


def test_what_is_installed_holds_the_package_penset(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", BUILD, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
