"""The rules of the house that no linter holds. Which floor may import which stands in pyproject.toml."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import ROOT

# Where each of these may be imported, and nowhere else.
HOMES = {
    "alembic": ("chorus/store/",),
    "fastapi": ("chorus/api/",),
    "langgraph": ("chorus/pipeline/",),
    "openai": ("chorus/llm/",),
    "procrastinate": ("chorus/store/", "chorus/worker/"),
    "sqlalchemy": ("chorus/store/",),
    "streamlit": ("chorus/ui/", "pages/", "app.py"),
    "structlog": ("chorus/logs.py",),
    "xllamacpp": ("chorus/embedded/",),
}
# What a script of the app leaves to chorus/ui and the studio.
NOT_IN_PAGES = {"agents", "embedded", "llm", "memory", "pipeline"}
VAGUE = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}
MOST_LINES = 600
TOP_LEVEL = {
    *("app.py", "pages", "chorus", "tests", "docker-compose.yml", "pyproject.toml", "README.md"),
    *("run", "poetry.lock", "Dockerfile", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs", "benchmarks"),
}
LARGEST_FILE_BYTES = 2_000_000


@cache
def tracked() -> list[PurePosixPath]:
    """Every file of the repository, as git knows it, with those about to be added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    ).stdout  # fmt: skip
    return sorted(PurePosixPath(name) for name in listed.split("\0") if name and (ROOT / name).is_file())


@cache
def sources() -> dict[str, ast.Module]:
    """The syntax tree of each module of the product."""
    ours = [path for path in tracked() if path.suffix == ".py" and path.parts[0] in ("chorus", "pages", "app.py")]
    return {str(path): ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path)) for path in ours}


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reads_of_the_environment(tree: ast.Module) -> Iterator[int]:
    """Lines that look at single variables. Handing the whole environment on to a child process is none of these."""
    handed_on: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Dict():  # {**os.environ, "NAME": "value"}
                handed_on |= {id(value) for key, value in zip(node.keys, node.values, strict=True) if key is None}
            case ast.BinOp(op=ast.BitOr()):  # os.environ | {...}
                handed_on |= {id(node.left), id(node.right)}
            case (
                ast.Call(func=ast.Attribute(value=whole, attr="copy"))
                | ast.Call(func=ast.Name(id="dict"), args=[whole])
            ):
                handed_on.add(id(whole))
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb") if id(node) not in handed_on:
                yield node.lineno
            case ast.Attribute(value=ast.Name(id="os"), attr="getenv" | "putenv" | "unsetenv"):
                yield node.lineno
            case ast.ImportFrom(module="os") if {"environ", "getenv"} & {alias.name for alias in node.names}:
                yield node.lineno


@pytest.mark.parametrize("library", HOMES)
def test_each_library_has_one_home(library: str) -> None:
    strays = [
        path
        for path, tree in sources().items()
        if not path.startswith(HOMES[library]) and any(name.split(".")[0] == library for name in imports(tree))
    ]
    assert strays == [], f"{library} belongs to {HOMES[library]}"


def test_pages_stay_thin() -> None:
    for path, tree in sources().items():
        if path.startswith("chorus/"):
            continue
        parts = {name.split(".")[1] for name in imports(tree) if name.startswith("chorus.")}
        assert not parts & NOT_IN_PAGES, f"{path}: leave this to chorus/ui or the studio"


def test_only_settings_reads_the_environment() -> None:
    reads = {path: list(reads_of_the_environment(tree)) for path, tree in sources().items()}
    del reads["chorus/settings.py"]
    assert {path: lines for path, lines in reads.items() if lines} == {}, "make it a setting in chorus/settings.py"


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os\nos.environ['X']", 1),
        ("import os\nos.environ.get('X')", 1),
        ("import os\n'X' in os.environ", 1),
        ("import os\nos.environ['X'] = '1'", 1),
        ("from os import getenv", 1),
        ("import os\nrun(env={**os.environ, 'X': '1'})", 0),
        ("import os\nrun(env=os.environ | {'X': '1'})", 0),
        ("import os\nrun(env=dict(os.environ))", 0),
    ],
)
def test_the_rule_about_the_environment_sees(code: str, found: int) -> None:
    assert len(list(reads_of_the_environment(ast.parse(code)))) == found


def test_html_is_written_in_one_place() -> None:
    strays = [
        path
        for path, tree in sources().items()
        if not path.startswith("chorus/ui/")
        and any(isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html" for node in ast.walk(tree))
    ]
    assert strays == [], "chorus/ui escapes what it shows"


def test_no_module_grows_past_its_size() -> None:
    sizes = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in sources()}
    assert {path: lines for path, lines in sizes.items() if lines > MOST_LINES} == {}


def test_names_say_something() -> None:
    vague = [str(path) for path in tracked() if path.suffix == ".py" and {path.stem, *path.parts[:-1]} & VAGUE]
    assert vague == []


def test_every_package_says_what_it_is_for() -> None:
    folders = {str(PurePosixPath(path).parent) for path in sources() if path.startswith("chorus/")}
    silent = [
        folder
        for folder in sorted(folders)
        if not folder.endswith("/migrations/versions")  # scripts that Alembic finds by their path
        if f"{folder}/__init__.py" not in sources() or not ast.get_docstring(sources()[f"{folder}/__init__.py"])
    ]
    assert silent == []


def test_the_top_level_holds_what_a_visitor_expects() -> None:
    top = {path.parts[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    machine = re.compile(r"/root/|/work/(main|shared)|pypi\.org" + "|python" + "hosted")
    knowing = [
        str(path)
        for path in tracked()
        if path != PurePosixPath("tests/test_architecture.py")
        and path.suffix not in (".png", ".woff2", ".gguf")
        and machine.search((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert knowing == []


def test_no_file_is_too_large_to_clone() -> None:
    sizes = {str(path): Path(ROOT / path).stat().st_size for path in tracked()}
    assert {path: size for path, size in sizes.items() if size > LARGEST_FILE_BYTES} == {}
