"""`phiwire filter test`: what matches, why, and what its exit code says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ENTRIES = (
    {"headline": "Director’s cut: Fox-IT and the pier crisis", "author": "By Marta Quill MP and Owen Tarrant"},
    {"headline": "Jude Warren‑Hale on post-Brexit ferries", "author": "MARTA QUILL", "topic": "Transport"},
)


def tried(folder: Path, *arguments: str, given: bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command on the entries, or on other input."""
    lines = "\n".join(map(json.dumps, ENTRIES)).encode() if given is None else given
    done = subprocess.run(
        [sys.executable, "-m", "bot", "filter", "test", *arguments],
        input=lines,
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert b"Traceback" not in done.stderr
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize(
    ("query", "matching"),
    [
        ("tor", 0),
        ("isis OR fox OR hale", 0),
        ("fox-it", 1),
        ("“post-brexit” warren-hale", 1),
        ('by:"rachel quill" OR by:"marta quill"', 2),
        ("-football quill", 2),
    ],
)
def test_matches_are_printed_and_counted_by_the_exit_code(query: str, matching: int, tmp_path: Path) -> None:
    """Scripts ask whether anything matches."""
    done = tried(tmp_path, query, "--json")
    printed = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(printed) == matching
    assert done.returncode == (0 if matching else 1)
    assert all(each["found"] and list(each["where"]) == each["found"] for each in printed)


@pytest.mark.parametrize(
    ("query", "part"), [("(i?)", "no regular expressions"), ("", "at least one word"), ("-tor", "leave out")]
)
def test_refusal_stands_on_standard_error(query: str, part: str, tmp_path: Path) -> None:
    """With the query and a caret, and nothing where matches would stand."""
    done = tried(tmp_path, query, "--json")
    assert done.returncode == 2
    assert part in done.stderr
    assert "^" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"nonsense",
        b"\xff",
        b'{"headline": "quill \\ud800"}',
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_line_that_is_no_entry_is_named(line: bytes, tmp_path: Path) -> None:
    """Exit code 1 would say that nothing matches."""
    done = tried(tmp_path, "quill", "--json", given=line)
    assert done.returncode == 2
    assert "Line 1 of standard input is no JSON object" in done.stderr


def test_aliases_hold_here_too(tmp_path: Path) -> None:
    """What is tried is what will be."""
    (tmp_path / "aliases.toml").write_text('"Marta Quill" = ["MQ"]\n', "utf-8")
    (tmp_path / ".env").write_text("PHIWIRE_ALIASES=aliases.toml\n", "utf-8")
    assert tried(tmp_path, "author:mq").returncode == 0
