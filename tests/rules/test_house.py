"""The house keeps its own rules: documents and code say the same, and callers stand above what they call."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import settings
from bot.cli import phiwire
from bot.commands.parser import COMMANDS
from bot.sources import kinds

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for path in (ROOT / "bot").rglob("*.py"))


def read(name: str) -> str:
    """Read a file of the project."""
    return (ROOT / name).read_text("utf-8")


def test_callers_stand_above_what_they_call() -> None:
    """import-linter reads the layers in pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_setting_stands_in_the_example_with_its_reason() -> None:
    """An operator reads .env.example and nothing else."""
    lines = read(".env.example").splitlines()
    named = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(named) == sorted(settings.NAMES)
    for number, line in enumerate(lines):
        if line and not line.startswith("#"):
            assert lines[number - 1].startswith("# "), line


def test_example_is_a_valid_file_of_settings() -> None:
    """What is copied must work as it is, with the defaults."""
    assert settings.read({}, ROOT / ".env.example") == settings.read({}, ROOT / "absent")


def test_readme_names_every_command_of_the_command_line() -> None:
    """Whatever is not there is not found."""
    readme = read("README.md")
    for name in phiwire.commands:
        assert f"phiwire {name}" in readme


@pytest.mark.parametrize("document", ["README.md"])
def test_readme_names_every_command_of_the_chats(document: str) -> None:
    """The words are the same everywhere."""
    for name in COMMANDS:
        assert re.search(rf"`/?{name}\b", read(document)), name


def test_architecture_has_every_module_with_its_purpose() -> None:
    """The table is the first line of each module's docstring."""
    architecture = read("docs/architecture.md")
    for path in MODULES:
        docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert docstring, path
        if path.name != "__init__.py":
            name = path.relative_to(ROOT / "bot").as_posix()
            assert f"| `{name}` | {docstring.splitlines()[0]} |" in architecture


def test_architecture_gives_every_dependency_its_reason() -> None:
    """Each one is code that somebody else may break."""
    architecture = read("docs/architecture.md")
    project = tomllib.loads(read("pyproject.toml"))["project"]
    for requirement in project["dependencies"]:
        name = re.split(r"[<>=\[]", requirement)[0]
        assert f"| {name} |" in architecture


def test_sources_document_names_every_kind() -> None:
    """An operator chooses among them there."""
    for kind in kinds.KINDS:
        assert f"`{kind}`" in read("docs/sources.md")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_stay_small(path: Path) -> None:
    """A module of more than 300 lines is two."""
    assert len(path.read_text("utf-8").splitlines()) <= 300


def test_pins_carry_hashes_and_no_addresses() -> None:
    """Whoever installs gets what was tested, from wherever they get it."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        pins = read(name)
        assert "://" not in pins
        pinned = re.findall(r"^[\w.-]+==", pins, re.MULTILINE)
        assert pinned
        assert len(pinned) == len(re.findall(r"^[\w.-]+==.*\\\n    --hash=sha256:", pins, re.MULTILINE))


def test_ci_script_may_be_run() -> None:
    """CI calls it as a program."""
    assert os.access(ROOT / ".ci/run", os.X_OK)


@pytest.mark.parametrize("group", [(), ("source",), ("filter",)])
def test_help_lists_every_command_in_a_whole_sentence(group: tuple[str, ...]) -> None:
    """In a terminal of 80 columns; what is cut helps nobody."""
    shown = CliRunner().invoke(phiwire, [*group, "--help"], terminal_width=80)
    assert shown.exit_code == 0
    assert "..." not in shown.output.partition("Commands:")[2]
