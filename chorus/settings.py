"""The one place that reads the environment: every setting, its meaning, its unit and its default.

``.env.example`` is generated from here (``python -m chorus.settings``); a test keeps the two alike.
"""

import os
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from platformdirs import user_data_path
from pydantic import AnyHttpUrl, BaseModel, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chorus.errors import ConfigError

AgentName = Literal["story_architect", "scene_generator", "continuity_editor"]


def _http_url(value: object) -> object:
    return str(AnyHttpUrl(value)).rstrip("/") if isinstance(value, str) else value


def _database_url(value: object) -> object:
    """Accept what people paste (postgres://, postgresql://) and name the one driver Chorus uses."""
    if not isinstance(value, str):
        return value
    url, found = re.subn(r"^postgres(?:ql)?(?:\+psycopg)?://", "postgresql+psycopg://", value)
    if not found:
        raise ValueError("must start with postgresql://")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError("must be like postgresql://user@host:5432/database") from error
    return url


Url = Annotated[str, BeforeValidator(_http_url)]
DatabaseUrl = Annotated[str, BeforeValidator(_database_url)]


class Price(BaseModel, frozen=True):
    """USD for a million tokens."""

    prompt: Decimal
    completion: Decimal


_PRICE = re.compile(r"(?P<model>[^=,]+)=(?P<prompt>\d+(?:\.\d+)?)/(?P<completion>\d+(?:\.\d+)?)")


def _prices(value: object) -> object:
    """Read ``model=prompt/completion, ...``."""
    if not isinstance(value, str):
        return value
    prices: dict[str, Price] = {}
    for item in filter(None, (part.strip() for part in value.split(","))):
        found = _PRICE.fullmatch(item)
        if found is None:
            raise ValueError(f"'{item}' must be like my-model=0.50/1.50")
        prices[found["model"].strip()] = Price(prompt=Decimal(found["prompt"]), completion=Decimal(found["completion"]))
    return prices


Prices = Annotated[dict[str, Price], NoDecode, BeforeValidator(_prices)]


def _env(name: str, description: str, default: Any = None, *, example: str = "", **limits: Any) -> Any:
    """Declare a field that is read from the environment variable ``name``."""
    extra: JsonDict = {"env": name, "example": example}
    return Field(default, validation_alias=name, description=description, json_schema_extra=extra, **limits)


LONGEST_MODEL = 200
"""Characters of a model's name: the ledger finds a call by it."""


class _Group(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        case_sensitive=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )


class DatabaseConfig(_Group):
    """Where the stories are kept."""

    url: DatabaseUrl | None = _env(
        "DATABASE_URL",
        "PostgreSQL >= 15 with pgvector >= 0.8.2. Unset: Chorus runs a Postgres of its own.",
        example="postgresql://user:password@localhost:5432/chorus",
        repr=False,
    )
    db_schema: str = _env(
        "CHORUS_SCHEMA", "Schema that holds the tables.", "public", pattern=r"^[a-z_][a-z0-9_]{0,62}$"
    )


class LLMConfig(_Group):
    """The endpoint that answers the agents, and how hard it may be asked."""

    api_base: Url | None = _env(
        "OPENAI_API_BASE",
        "Any OpenAI-compatible endpoint. Unset: Chorus runs a small model of its own.",
        example="https://api.openai.com/v1",
    )
    api_key: SecretStr | None = _env("OPENAI_API_KEY", "Key for that endpoint.", example="sk-...")
    temperature: float = _env("TEMPERATURE", "Sampling temperature, 0 to 2.", 0.7, ge=0, le=2)
    context_tokens: int = _env(
        "CONTEXT_TOKENS", "Most tokens of story context in one prompt.", 4000, ge=1000, le=1_000_000
    )
    concurrency: int = _env("LLM_CONCURRENCY", "Most calls in flight at once, per process.", 8, ge=1, le=1000)
    requests_per_minute: int | None = _env(
        "LLM_REQUESTS_PER_MINUTE",
        "Most calls in any 60 s, all processes together. Unset: no limit.",
        example="120",
        ge=1,
    )
    tokens_per_minute: int | None = _env(
        "LLM_TOKENS_PER_MINUTE",
        "Most tokens in any 60 s, all processes together. Unset: no limit.",
        example="200000",
        ge=1,
    )
    prices: Prices = _env(
        "LLM_PRICES",
        "USD per million tokens of prompt and of answer, for models whose price is not published or not yours.",
        {},
        example="my-model=0.50/1.50, other-model=2/8",
    )
    gguf: Path | None = _env(
        "CHORUS_GGUF",
        "A .gguf file to use as the embedded model in place of the default.",
        example="/models/story.gguf",
    )


class EmbeddingConfig(_Group):
    """What turns text into vectors."""

    api_base: Url | None = _env(
        "EMBEDDING_API_BASE",
        "OpenAI-compatible embeddings endpoint. Unset: the embedded embedder, whatever OPENAI_API_BASE is.",
        example="https://api.openai.com/v1",
    )
    api_key: SecretStr | None = _env("EMBEDDING_API_KEY", "Key for that endpoint.", example="sk-...")
    model: str | None = _env(
        "EMBEDDING_MODEL",
        "Model at that endpoint; required with it.",
        example="text-embedding-3-small",
        max_length=LONGEST_MODEL,
    )


class AgentEndpoint(BaseModel, frozen=True):
    """Which model one agent talks to, and where; None means: as LLMConfig says."""

    model: str | None = None
    api_base: str | None = None
    api_key: SecretStr | None = None
    fallback: str | None = None


class AgentModelConfig(_Group):
    """Model, and where it differs endpoint and key, of each agent."""

    story_architect_model: str | None = _env(
        "STORY_ARCHITECT_MODEL",
        "Model that plans. Unset: the one model the endpoint lists.",
        example="gpt-4-turbo",
        max_length=LONGEST_MODEL,
    )
    story_architect_api_base: Url | None = _env("STORY_ARCHITECT_API_BASE", "Its endpoint, if it has its own.")
    story_architect_api_key: SecretStr | None = _env("STORY_ARCHITECT_API_KEY", "Key for that endpoint.")
    story_architect_fallback: str | None = _env(
        "STORY_ARCHITECT_FALLBACK", "Model asked when that one cannot answer.", max_length=LONGEST_MODEL
    )

    scene_generator_model: str | None = _env(
        "SCENE_GENERATOR_MODEL",
        "Model that writes. Unset: the planning model.",
        example="gpt-4-turbo",
        max_length=LONGEST_MODEL,
    )
    scene_generator_api_base: Url | None = _env("SCENE_GENERATOR_API_BASE", "Its endpoint, if it has its own.")
    scene_generator_api_key: SecretStr | None = _env("SCENE_GENERATOR_API_KEY", "Key for that endpoint.")
    scene_generator_fallback: str | None = _env(
        "SCENE_GENERATOR_FALLBACK", "Model asked when that one cannot answer.", max_length=LONGEST_MODEL
    )

    continuity_editor_model: str | None = _env(
        "CONTINUITY_EDITOR_MODEL",
        "Model that checks. Unset: the planning model.",
        example="gpt-4-turbo",
        max_length=LONGEST_MODEL,
    )
    continuity_editor_api_base: Url | None = _env("CONTINUITY_EDITOR_API_BASE", "Its endpoint, if it has its own.")
    continuity_editor_api_key: SecretStr | None = _env("CONTINUITY_EDITOR_API_KEY", "Key for that endpoint.")
    continuity_editor_fallback: str | None = _env(
        "CONTINUITY_EDITOR_FALLBACK", "Model asked when that one cannot answer.", max_length=LONGEST_MODEL
    )

    def endpoint_of(self, agent: AgentName) -> AgentEndpoint:
        """Gather the four settings of one agent."""
        return AgentEndpoint(
            model=getattr(self, f"{agent}_model") or self.story_architect_model,
            api_base=getattr(self, f"{agent}_api_base"),
            api_key=getattr(self, f"{agent}_api_key"),
            fallback=getattr(self, f"{agent}_fallback"),
        )


def _headers(value: object) -> object:
    """See that it is ``name=value, ...``; it stays one secret."""
    if isinstance(value, str):
        headers_of(value)
    return value


def headers_of(written: str) -> dict[str, str]:
    """Read HTTP headers from ``name=value, ...``, the values as a URL spells them."""
    headers = {}
    for item in filter(None, (part.strip() for part in written.split(","))):
        name, separator, value = item.partition("=")
        said = unquote(value.strip())
        if not (separator and _HEADER_NAME.fullmatch(name.strip()) and said.isprintable()):
            raise ValueError("must be like name=value, other-name=other%20value")
        headers[name.strip()] = said
    return headers


_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _captures(value: object) -> object:
    """Take the words of the convention as well: content is told in spans here, or nowhere."""
    said = value.strip().casefold() if isinstance(value, str) else value
    return {"span_only": True, "span_and_event": True, "event_only": False, "no_content": False}.get(str(said), said)


class SystemConfig(_Group):
    """How much happens at once, how long things are kept, and where."""

    home: Path = _env(
        "CHORUS_HOME",
        "Folder of everything Chorus runs itself: database, weights, logs. Unset: the user's data folder.",
        example="/srv/chorus",
        default=user_data_path("chorus", appauthor=False),
    )
    scene_concurrency: int = _env("SCENE_CONCURRENCY", "Scenes drafted at once in parallel continuity.", 4, ge=1, le=64)
    run_budget_tokens: int | None = _env(
        "RUN_BUDGET_TOKENS", "Most tokens one run may use. Unset: no limit.", example="500000", ge=1
    )
    run_budget_usd: float | None = _env(
        "RUN_BUDGET_USD", "Most US dollars one run may cost. Unset: no limit.", example="2.50", gt=0
    )
    call_budget_tokens: int | None = _env(
        "CALL_BUDGET_TOKENS", "Most tokens one call may use, prompt and answer. Unset: no limit.", example="20000", ge=1
    )
    call_budget_usd: float | None = _env(
        "CALL_BUDGET_USD", "Most US dollars one call may cost. Unset: no limit.", example="0.10", gt=0
    )
    scene_budget_tokens: int | None = _env(
        "SCENE_BUDGET_TOKENS", "Most tokens one scene may use in a run. Unset: no limit.", example="60000", ge=1
    )
    scene_budget_usd: float | None = _env(
        "SCENE_BUDGET_USD", "Most US dollars one scene may cost in a run. Unset: no limit.", example="0.25", gt=0
    )
    day_budget_tokens: int | None = _env(
        "DAY_BUDGET_TOKENS",
        "Most tokens all runs together may use from midnight to midnight UTC. Unset: no limit.",
        example="5000000",
        ge=1,
    )
    day_budget_usd: float | None = _env(
        "DAY_BUDGET_USD",
        "Most US dollars all runs together may cost from midnight to midnight UTC. Unset: no limit.",
        example="20",
        gt=0,
    )
    world_cache_ttl_s: int = _env("WORLD_CACHE_TTL_S", "How long a generated world is kept, in seconds.", 3600, ge=0)
    character_cache_ttl_s: int = _env(
        "CHARACTER_CACHE_TTL_S", "How long generated character profiles are kept, in seconds.", 1800, ge=0
    )
    keep_texts_days: int | None = _env(
        "KEEP_CALL_TEXTS_DAYS",
        "Days for which prompts and answers of finished runs are kept; figures stay. Unset: for ever.",
        example="90",
        ge=1,
    )
    otlp_endpoint: Url | None = _env(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OpenTelemetry collector (OTLP over HTTP) that is told of every call. Unset: nobody is.",
        example="http://localhost:4318",
    )
    otlp_headers: Annotated[SecretStr | None, BeforeValidator(_headers)] = _env(
        "OTEL_EXPORTER_OTLP_HEADERS",
        "Headers the collector wants, such as its key; values as a URL spells them.",
        example="authorization=Bearer%20...",
    )
    otlp_prose: Annotated[bool, BeforeValidator(_captures)] = _env(
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "Whether the collector is told prompts and answers too: true or false.",
        False,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _env("LOG_LEVEL", "How much is logged.", "INFO")


class Role(StrEnum):
    """What a token lets its bearer do; each may do what those before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def may(self, needed: "Role") -> bool:
        """Whether this is enough for what ``needed`` may do."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


_TOKEN = re.compile(r"(?P<role>viewer|editor|admin)=(?P<token>[!-~]{16,})")


def _tokens(value: object) -> object:
    """Read ``role=token, ...``."""
    if not isinstance(value, str):
        return value
    pairs = []
    for item in filter(None, (part.strip() for part in value.split(","))):
        found = _TOKEN.fullmatch(item)
        if found is None:
            raise ValueError("each must be like viewer=TOKEN, editor=TOKEN or admin=TOKEN, with 16 characters or more")
        pairs.append((Role(found["role"]), SecretStr(found["token"])))
    return tuple(pairs)


def _names(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


class AccessConfig(_Group):
    """Who may use the app and the HTTP API from another machine."""

    tokens: Annotated[tuple[tuple[Role, SecretStr], ...], NoDecode, BeforeValidator(_tokens)] = _env(
        "CHORUS_API_TOKENS",
        "Tokens by role, of the API and to sign in to the app: a viewer reads, an editor writes too, an admin removes "
        "too. Unset: only this machine may ask.",
        (),
        example="viewer=a-long-secret-one, editor=a-long-secret-two",
        repr=False,
    )
    hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = _env(
        "CHORUS_API_HOSTS",
        "Names under which app and API may be asked. Unset: any.",
        (),
        example="chorus.example.org, localhost",
    )
    requests_per_minute: int = _env(
        "CHORUS_API_REQUESTS_PER_MINUTE",
        "Requests a minute to the API from other machines, for each token or address. This machine has no limit.",
        600,
        ge=1,
        le=1_000_000,
    )
    proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = _env(
        "CHORUS_TRUSTED_PROXIES",
        "Addresses or networks of proxies that are believed whom they ask for (X-Forwarded-For, -Proto). Unset: none.",
        (),
        example="10.0.0.2, 172.16.0.0/12",
    )


class ChorusConfig(BaseModel, frozen=True):
    """Everything that can be set, in six groups."""

    database: DatabaseConfig = Field(default_factory=DatabaseConfig)
    llm: LLMConfig = Field(default_factory=LLMConfig)
    embedding: EmbeddingConfig = Field(default_factory=EmbeddingConfig)
    agents: AgentModelConfig = Field(default_factory=AgentModelConfig)
    system: SystemConfig = Field(default_factory=SystemConfig)
    access: AccessConfig = Field(default_factory=AccessConfig)

    @property
    def uses_embedded_database(self) -> bool:
        """Whether Chorus looks after the Postgres server itself."""
        return self.database.url is None

    @property
    def uses_embedded_model(self) -> bool:
        """Whether any agent is answered by the model that Chorus runs itself."""
        return self.llm.api_base is None

    def secrets(self) -> tuple[str, ...]:
        """What nobody may read in a log: every key, and the passwords in URLs, as they are and as a URL spells them."""
        values = [value for group in (self.llm, self.embedding, self.agents) for _, value in group]
        keys = {value.get_secret_value().strip() for value in values if isinstance(value, SecretStr)}
        urls = [self.database.url, *(value for value in values if isinstance(value, str) and "://" in value)]
        passwords = {spelt for url in urls if url for spelt in _passwords_of(url)}
        keys |= {token.get_secret_value() for _, token in self.access.tokens}
        if self.system.otlp_headers:
            told = self.system.otlp_headers.get_secret_value()
            keys |= {told, *(word for value in headers_of(told).values() for word in (value, value.rpartition(" ")[2]))}
        return tuple(sorted((keys | passwords) - {""}, key=len, reverse=True))


def _passwords_of(url: str) -> set[str]:
    """Find a URL's password; one that is also its user's or its database's name is no secret but a word."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    spelt = {parts.password or "", *asked.get("password", [])}
    names = {parts.username, parts.hostname, parts.path.strip("/"), *asked.get("user", [])}
    return {form for password in spelt - names for form in (password, unquote(password))}


_GROUPS: dict[str, type[_Group]] = {
    "database": DatabaseConfig,
    "llm": LLMConfig,
    "embedding": EmbeddingConfig,
    "agents": AgentModelConfig,
    "system": SystemConfig,
    "access": AccessConfig,
}


def load_config() -> ChorusConfig:
    """Read the environment and ``.env``.

    Raises:
        ConfigError: one line for each wrong value, saying what to set.
    """
    groups: dict[str, _Group] = {}
    wrong: list[str] = []
    for name, group in _GROUPS.items():
        try:
            groups[name] = group()
        except ValidationError as error:
            wrong += [_explain(group, problem["loc"], problem["msg"]) for problem in error.errors()]
    config = None if wrong else ChorusConfig.model_validate(groups)
    if config and config.embedding.api_base and not config.embedding.model:
        wrong.append("EMBEDDING_MODEL: set it to a model that EMBEDDING_API_BASE serves.")
    if config is None or wrong:
        raise ConfigError("\n".join(wrong))
    return config


def trust_proxies(proxies: Sequence[str]) -> None:
    """Let servers of this process that are not ours to configure believe these proxies, and nobody else, who asks."""
    os.environ["FORWARDED_ALLOW_IPS"] = ",".join(proxies)


def _explain(group: type[_Group], location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]) if location else group.__name__
    purpose = next((d for env, d, _, _ in _settings_of(group) if env == name), "")
    reason = message.removeprefix("Value error, ").rstrip(".")
    return f"{name}: {reason[0].lower()}{reason[1:]}. {purpose}".rstrip()


def _settings_of(group: type[_Group]) -> Iterator[tuple[str, str, object, str]]:
    """Yield (variable, description, default, example) of each field."""
    for field in group.model_fields.values():
        extra = field.json_schema_extra
        if isinstance(extra, dict):
            yield str(extra["env"]), field.description or "", field.default, str(extra["example"])


def env_example() -> str:
    """The text of ``.env.example``: every variable, commented out, with its meaning and its default."""
    lines = ["# Chorus works with none of these set. Copy this file to .env and change what you need.", ""]
    for group in _GROUPS.values():
        lines += [f"# --- {(group.__doc__ or '').strip()}", ""]
        for env, description, default, example in _settings_of(group):
            shown = example or ("" if default is None else str(default))
            lines += [f"# {description}", f"# {env}={shown}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    print(env_example(), end="")
