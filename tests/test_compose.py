"""docker-compose.yml and Dockerfile: what must hold for a server that others can reach."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import provision
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_database_is_pinned_and_the_one_that_is_tested(compose: dict[str, Any]) -> None:
    assert compose["services"]["db"]["image"] == f"neo4j:{provision.NEO4J_VERSION}-community"
    assert f"<version>{provision.NEO4J_VERSION}</version>" in provision.POM.read_text(encoding="utf-8")


def test_every_port_is_bound_to_this_machine(compose: dict[str, Any]) -> None:
    ports = [p for s in compose["services"].values() for p in s.get("ports", [])]
    assert len(ports) == 3
    assert all(p.startswith("127.0.0.1:") for p in ports)


def test_no_password_is_written_down_and_none_is_taken_for_granted(compose: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{NEO4J_PASSWORD(:?.)", text)) == {":?"}
    assert compose["services"]["db"]["environment"]["NEO4J_AUTH"].startswith("neo4j/${NEO4J_PASSWORD:?")
    assert compose["services"]["web"]["environment"]["NEO4J_PASSWORD"].startswith("${NEO4J_PASSWORD:?")
    assert "PASSWORD" not in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_database_keeps_its_data_reads_no_files_and_says_when_it_is_ready(compose: dict[str, Any]) -> None:
    db = compose["services"]["db"]
    assert db["environment"]["NEO4J_dbms_security_allow__csv__import__from__file__urls"] == "false"
    assert "graph:/data" in db["volumes"]
    assert "graph" in compose["volumes"]
    assert "cypher-shell" in db["healthcheck"]["test"][1]


def test_the_site_waits_for_a_healthy_database_and_runs_without_rights(compose: dict[str, Any]) -> None:
    web = compose["services"]["web"]
    assert web["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert web["environment"]["NEO4J_URI"].partition("://")[2] == "db:7687"
    assert web["cap_drop"] == ["ALL"]
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    user = next(i for i, line in enumerate(lines) if line.startswith("USER "))
    assert lines[user] not in ("USER root", "USER 0")
    assert not any(line.startswith("RUN ") for line in lines[user:])
    assert "--require-hashes" in "\n".join(lines)
    start = next(line for line in lines if line.startswith("CMD "))
    assert json.loads(start.removeprefix("CMD ")) == ["innonet", "serve", "--host", "0.0.0.0", "--port", "8000"]  # noqa: S104 - inside the container
    assert re.match(r"FROM python:3\.1[123](\.\d+)?-", lines[1])


def docker_compose(password: str | None) -> subprocess.CompletedProcess[str]:
    if not shutil.which("docker"):
        pytest.skip("docker is not installed: docker-compose.yml is only checked as YAML")
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker has no compose plugin (package docker-compose-plugin): docker-compose.yml is only checked as YAML")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NEO4J")} | ({"NEO4J_PASSWORD": password} if password else {})
    return subprocess.run(["docker", "compose", "config", "--format", "json"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_docker_accepts_it() -> None:
    done = docker_compose("a-password-for-a-test")
    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    assert services["db"]["environment"]["NEO4J_AUTH"] == "neo4j/a-password-for-a-test"
    assert all(p["host_ip"] == "127.0.0.1" for s in services.values() for p in s["ports"])


def test_docker_refuses_to_start_without_a_password() -> None:
    done = docker_compose(None)
    assert done.returncode != 0
    assert "NEO4J_PASSWORD" in done.stderr
