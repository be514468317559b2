"""docker-compose.yml is a Compose file and keeps what the docs promise of it. No Docker engine is needed."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from app.core.settings import Settings

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docker-compose.yml").read_text()
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")
GIVEN = {"PENSET_PUBLIC_URL": "https://penset.example.org", "PENSET_DB_PASSWORD": "from-the-environment"}
OURS = ["migrate", "web", "worker", "trainer"]


def filled_in(given: dict[str, str]) -> dict[str, Any]:
    """The file as Compose sees it: read, then each variable in each string replaced."""
    read: dict[str, Any] = yaml.safe_load(TEXT)
    return {name: replaced(part, given) for name, part in read.items()}


def replaced(part: Any, given: dict[str, str]) -> Any:
    """This part of the file with its variables replaced. LookupError where a wanted one is missing."""
    if isinstance(part, dict):
        return {name: replaced(below, given) for name, below in part.items()}
    if isinstance(part, list):
        return [replaced(below, given) for below in part]
    return VARIABLE.sub(lambda found: value_of(found, given), part) if isinstance(part, str) else part


def value_of(found: re.Match[str], given: dict[str, str]) -> str:
    """What stands for `${NAME}`, `${NAME:-default}` or `${NAME:?message}`."""
    name, operator, rest = found.groups()
    if given.get(name):
        return given[name]
    if operator == ":?":
        raise LookupError(f"{name}: {rest}")
    return rest or ""


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = filled_in(GIVEN)["services"]
    return found


def test_it_is_a_compose_file_with_these_services() -> None:
    compose = PyCompose.from_yaml(yaml.safe_dump(filled_in(GIVEN)))
    compose.validate()
    assert sorted(compose.service_names()) == sorted(["db", *OURS])


@pytest.mark.parametrize("missing", sorted(GIVEN))
def test_it_does_not_start_without_an_address_and_a_password(missing: str) -> None:  # S88
    with pytest.raises(LookupError, match=missing):
        filled_in({name: value for name, value in GIVEN.items() if name != missing})


def test_no_password_stands_in_the_file(services: dict[str, dict[str, Any]]) -> None:  # S9
    for service in services.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN|KEY", name):
                assert value == "from-the-environment"
    assert "@db" in TEXT
    assert ":${PENSET_DB_PASSWORD" not in TEXT.replace(": ${PENSET_DB_PASSWORD", "")


def test_each_service_is_an_ordinary_user_on_a_read_only_system_with_one_writable_volume(  # S105
    services: dict[str, dict[str, Any]],
) -> None:
    for name, service in services.items():
        assert service["user"] not in ("", "root", "0"), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert len([volume for volume in service["volumes"] if not volume.endswith(":ro")]) == 1, name


def test_each_lasting_service_has_a_health_check_and_comes_back(services: dict[str, dict[str, Any]]) -> None:
    for name in ("db", "web", "worker", "trainer"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
        assert services[name]["restart"] == "unless-stopped"
    assert services["migrate"]["restart"] == "no"


def test_nothing_starts_before_the_schema_is_there(services: dict[str, dict[str, Any]]) -> None:
    for name in ("web", "worker", "trainer"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["db"] == {"condition": "service_healthy"}


def test_only_the_site_listens_and_only_on_this_machine(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"web"}
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_image_copies_what_it_runs_and_no_more() -> None:  # S105
    dockerfile = (ROOT / "Dockerfile").read_text()
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE) for word in line.split()
    }
    assert copied == {
        "requirements-uv.txt", "requirements.txt", "requirements-train.txt", "pyproject.toml", "README.md", "LICENSE",
        "app", "migrations", "templates", "static",
    }  # fmt: skip
    assert re.findall(r"^USER (\w+)$", dockerfile, re.MULTILINE) == ["penset"]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert not {"!tests", "!.git", "!.venv"} & set(ignored)


def test_no_layer_of_the_image_has_a_secret() -> None:  # S93
    """What is set or handed over while an image is made stays in its layers for whoever has it."""
    secret = {name.upper() for name, one in Settings.model_fields.items() if "SecretStr" in str(one.annotation)}
    assert {"SECRET", "DATABASE_URL"} <= secret
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        words = set(re.findall(r"[A-Z][A-Z_]+", line.upper()))
        assert not words & {f"PENSET_{name}" for name in secret}, line
        assert not re.search(r"password|token|secret|\.env\b|id_rsa|\.netrc", line, re.IGNORECASE), line
    handed = {name for one in filled_in(GIVEN)["services"].values() for name in one.get("build", {}).get("args", {})}
    assert handed == {"PIP_TORCH"}


def test_the_database_script_is_one_that_the_image_may_run() -> None:
    script = ROOT / "scripts" / "first_database.sh"
    assert os.access(script, os.X_OK)
    assert "superuser" not in re.sub("#.*", "", script.read_text())
