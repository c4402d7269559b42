from pathlib import Path

import pytest

from chorus.errors import ConfigError
from chorus.settings import env_example, load_config
from tests.conftest import ROOT


def test_nothing_set_is_a_working_configuration() -> None:
    config = load_config()
    assert config.uses_embedded_database
    assert config.uses_embedded_model
    assert config.llm.context_tokens == 4000


def test_env_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_env_example_copied_unchanged_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    untouched = load_config()
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text(env_example(), encoding="utf-8")
    assert load_config() == untouched


def test_every_line_of_env_example_can_be_uncommented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHORUS_HOME")
    monkeypatch.chdir(tmp_path)
    lines = env_example().splitlines()
    Path(".env").write_text("\n".join(line.removeprefix("# ") for line in lines if "=" in line), encoding="utf-8")
    config = load_config()
    assert config.database.url == "postgresql+psycopg://user:password@localhost:5432/chorus"
    assert config.agents.endpoint_of("scene_generator").model == "gpt-4-turbo"
    assert config.system.run_budget_usd == 2.5


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("TEMPERATURE=0.1\nLLM_CONCURRENCY=3\n", encoding="utf-8")
    monkeypatch.setenv("TEMPERATURE", "0.9")
    config = load_config()
    assert (config.llm.temperature, config.llm.concurrency) == (0.9, 3)


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", "")
    monkeypatch.setenv("LLM_REQUESTS_PER_MINUTE", "")
    config = load_config()
    assert config.uses_embedded_model
    assert config.llm.requests_per_minute is None


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_database_urls_as_people_paste_them(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://someone:secret@db.test/stories?sslmode=require")
    url = load_config().database.url
    assert url == "postgresql+psycopg://someone:secret@db.test/stories?sslmode=require"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPERATURE", "2.1"),
        ("TEMPERATURE", "warm"),
        ("TEMPERATURE", "nan"),
        ("CONTEXT_TOKENS", "10"),
        ("LLM_CONCURRENCY", "0"),
        ("LLM_REQUESTS_PER_MINUTE", "-1"),
        ("SCENE_CONCURRENCY", "65"),
        ("RUN_BUDGET_USD", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("DATABASE_URL", "mysql://localhost/chorus"),
        ("CHORUS_SCHEMA", 'public"; drop table story'),
        ("OPENAI_API_BASE", "api.test/v1"),
    ],
)
def test_a_wrong_value_is_refused_by_name_in_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refused:
        load_config()
    lines = str(refused.value).splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"{name}: ")


def test_a_refused_value_is_not_repeated_for_it_may_hold_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://someone:very-secret@localhost/chorus")
    with pytest.raises(ConfigError) as refused:
        load_config()
    assert "very-secret" not in str(refused.value)


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPERATURE", "9")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(ConfigError) as refused:
        load_config()
    assert {line.split(":")[0] for line in str(refused.value).splitlines()} == {"TEMPERATURE", "LOG_LEVEL"}


def test_an_embedding_endpoint_needs_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDING_API_BASE", "http://localhost:9999/v1")
    with pytest.raises(ConfigError, match=r"^EMBEDDING_MODEL: "):
        load_config()


def test_no_secret_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:very-secret@localhost/chorus")
    assert "very-secret" not in repr(load_config())


def test_an_agent_without_a_model_uses_the_planning_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORY_ARCHITECT_MODEL", "large")
    monkeypatch.setenv("SCENE_GENERATOR_API_BASE", "http://localhost:1234/v1/")
    agents = load_config().agents
    assert agents.endpoint_of("continuity_editor").model == "large"
    assert agents.endpoint_of("scene_generator").api_base == "http://localhost:1234/v1"


def test_budgets_of_every_scope_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"{whose}_BUDGET_{unit}" for whose in ("CALL", "SCENE", "RUN", "DAY") for unit in ("TOKENS", "USD")]
    for name in names:
        monkeypatch.setenv(name, "7")
    system = load_config().system
    assert [getattr(system, name.lower()) for name in names] == [7] * 8


@pytest.mark.parametrize(
    ("written", "told"),
    [("true", True), ("SPAN_ONLY", True), ("NO_CONTENT", False), ("event_only", False), ("", False)],
)
def test_prose_goes_to_a_collector_only_if_that_is_said(
    written: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", written)
    assert load_config().system.otlp_prose is told


@pytest.mark.parametrize("written", ["canary-alone", "bad name=canary", "name=canary%0D%0Aother: 1"])
def test_headers_that_are_none_are_refused_without_being_shown(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", written)
    with pytest.raises(ConfigError, match="OTEL_EXPORTER_OTLP_HEADERS: must be like name=value") as caught:
        load_config()
    assert "canary" not in str(caught.value)
