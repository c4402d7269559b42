"""No engine runs where Chorus is developed: schemas, a linter and these look at the container and workflow files."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from chorus.api.alive import PORT
from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DB = SERVICES["db"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
RUN = (ROOT / "run").read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("schema", "file"),
    [("vendor.compose-spec", "docker-compose.yml"), ("vendor.github-workflows", ".github/workflows/ci.yml")],
)
def test_the_files_fit_their_official_schemas(schema: str, file: str) -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(ROOT / file)]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_linter_has_nothing_to_say_about_the_dockerfile() -> None:
    command = [str(BIN / "hadolint"), "--failure-threshold", "style", str(ROOT / "Dockerfile")]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, "")


@pytest.mark.parametrize(("setting", "package"), [("POETRY", "poetry"), ("MIRROR_PLUGIN", "poetry-plugin-pypi-mirror")])
def test_the_image_is_made_with_the_versions_of_run(setting: str, package: str) -> None:
    wanted = re.search(rf"^{setting}=(\S+)", RUN, re.M)
    given = re.search(rf" {package}==(\S+)", DOCKERFILE)
    assert wanted
    assert given
    assert given[1] == wanted[1]
    assert "poetry sync" in DOCKERFILE


def test_the_image_has_a_python_that_run_would_take() -> None:
    pythons = set(re.findall(r"^FROM python:(\d+\.\d+)-", DOCKERFILE, re.M))
    assert len(pythons) == 1
    assert f"for v in 3.14 {pythons.pop()}" in RUN


def test_the_image_runs_as_nobody_special_and_says_how_it_is() -> None:
    assert re.search(r"^USER (?!0$|root)", DOCKERFILE, re.M)
    assert 'CMD ["python", "-m", "chorus.api.alive"]' in DOCKERFILE
    assert f"EXPOSE {PORT}\n" in DOCKERFILE
    assert "libgomp1" in DOCKERFILE  # what onnxruntime and llama.cpp count their threads with
    assert not re.search(r"(?i)(key|password|token)=", DOCKERFILE)


def test_everything_that_is_copied_exists_and_is_let_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M):
        for name in line.split():
            assert (ROOT / name).exists()
            assert any(rule.startswith(f"!{name}") for rule in let_through), name
    assert "**" in let_through  # nothing else is sent, so no secret is


def test_app_and_worker_share_one_database_and_wait_for_it() -> None:
    ours = [SERVICES[name] for name in ("app", "worker", "upgrade")]
    assert {service["profiles"][0] for service in ours} == {"app"}
    assert "profiles" not in DB
    (url,) = {service["environment"]["DATABASE_URL"] for service in ours}
    assert "@db:5432/" in url
    assert all(service["depends_on"]["db"]["condition"] == "service_healthy" for service in ours)
    assert [SERVICES[name]["command"][:2] for name in ("app", "worker")] == [["chorus", "app"], ["chorus", "worker"]]
    assert {SERVICES[name]["restart"] for name in ("app", "worker")} == {"unless-stopped"}
    assert {json.dumps(service["env_file"]) for service in ours} == {'[{"path": ".env", "required": false}]'}


def test_ci_runs_what_everybody_runs() -> None:
    steps = [step.get("run", "") for step in WORKFLOW["jobs"]["test"]["steps"]]
    assert steps[-1] == ".ci/run"
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in WORKFLOW["jobs"].values())
    pythons = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert all(f"{version}" in RUN for version in pythons)


def test_nothing_of_a_pull_request_is_put_into_a_command() -> None:
    commands = [step.get("run", "") for job in WORKFLOW["jobs"].values() for step in job["steps"]]
    assert not any("${{" in command for command in commands)


def test_the_image_is_pinned_to_a_postgres_and_a_pgvector() -> None:
    name, tag = DB["image"].split(":")
    assert name == "pgvector/pgvector"
    pgvector, postgres = tag.split("-")[:2]
    assert tuple(map(int, pgvector.split("."))) >= (0, 8, 2)
    assert int(postgres.removeprefix("pg")) >= 15


def test_only_this_machine_can_reach_it() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert {port.split(":")[0] for port in ports} == {"127.0.0.1"}


def test_the_url_in_its_head_fits_its_defaults() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    url = urlsplit(next(line for line in text.splitlines() if "DATABASE_URL=" in line).split("=", 1)[1].split("'")[0])
    defaults = {key: value.split(":-")[1].rstrip("}") for key, value in DB["environment"].items()}
    assert defaults == {
        "POSTGRES_USER": url.username,
        "POSTGRES_PASSWORD": url.password,
        "POSTGRES_DB": url.path.removeprefix("/"),
    }
    assert url.port == 5432


def test_it_says_when_it_is_ready() -> None:
    assert "pg_isready" in DB["healthcheck"]["test"][1]


def test_stories_outlive_the_container() -> None:
    volumes = dict(mount.split(":") for mount in DB["volumes"])
    assert volumes == {"stories": "/var/lib/postgresql"}  # where Postgres 18 keeps its data
