from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.conftest import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DB: dict[str, Any] = COMPOSE["services"]["db"]


def test_the_image_is_pinned_to_a_postgres_and_a_pgvector() -> None:
    name, tag = DB["image"].split(":")
    assert name == "pgvector/pgvector"
    pgvector, postgres = tag.split("-")[:2]
    assert tuple(map(int, pgvector.split("."))) >= (0, 8, 2)
    assert int(postgres.removeprefix("pg")) >= 15


def test_only_this_machine_can_reach_it() -> None:
    assert [port.split(":")[0] for port in DB["ports"]] == ["127.0.0.1"]


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
    assert volumes == dict.fromkeys(COMPOSE["volumes"], "/var/lib/postgresql")  # where Postgres 18 keeps its data
