"""Settings: what the environment says, and the README's list of it."""

import dataclasses
import re
from pathlib import Path

import pytest

from graph.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent


def names():
    return [f.metadata["env"] for f in dataclasses.fields(Settings)]


def test_the_readme_lists_every_setting_and_no_other():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = {m[1] for m in re.finditer(r"^\| `(\w+)`", text, re.MULTILINE)}
    assert table == {n[0] for n in names()}


@pytest.mark.parametrize(
    ("env", "wrong"),
    [
        ({"INNONET_QUERY_ROWS": "many"}, "INNONET_QUERY_ROWS"),
        ({"INNONET_IDENTITY": "some"}, "INNONET_IDENTITY"),
        ({"INNONET_LANGUAGE": "fr"}, "INNONET_LANGUAGE"),
        ({"INNONET_CONSOLE": "some"}, "INNONET_CONSOLE"),
        ({"NEO4J_URI": "bolt://x"}, "NEO4J_PASSWORD"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(env, wrong):
    with pytest.raises(SettingsError, match=wrong):
        Settings.from_env(env)


@pytest.mark.parametrize(
    ("env", "field", "value"),
    [
        ({}, "neo4j_uri", ""),
        ({}, "language", "de"),
        ({"LANG": "en_GB.UTF-8"}, "language", "en"),
        ({"LANG": "C.UTF-8"}, "language", "de"),
        ({"LANG": "en_GB.UTF-8", "INNONET_LANGUAGE": "de"}, "language", "de"),
        ({"NEO4J_USER": "a", "NEO4J_USERNAME": "b"}, "neo4j_username", "b"),
        ({"NEO4J_USER": "a"}, "neo4j_username", "a"),
        ({"INNONET_QUERY_TIMEOUT": "2.5"}, "query_timeout", 2.5),
        ({"INNONET_HOME": "/srv/a b"}, "home", Path("/srv/a b")),
    ],
)
def test_what_the_environment_says(env, field, value):
    assert getattr(Settings.from_env(env), field) == value


def test_without_an_address_the_embedded_engine_answers():
    assert Settings.from_env({}).embedded
    assert not Settings.from_env({"NEO4J_URI": "bolt://x", "NEO4J_PASSWORD": "y"}).embedded
