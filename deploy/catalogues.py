"""Keep the catalogues of what the bot says: English from the code, other languages beside it (docs/languages.md).

    python3 deploy/catalogues.py extract         bot/locale/phiwire.pot, from what the code says now
    python3 deploy/catalogues.py update          each language's phiwire.po, from that: what is new stands there empty
    python3 deploy/catalogues.py compile         each language's phiwire.mo, which the bot reads, from its phiwire.po
    python3 deploy/catalogues.py begin LANGUAGE  an empty phiwire.po for another one, by its code (ISO 639-1)

It needs what the tests need: deploy/install.py --dev. The same code and translations make the same files, byte by byte.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "bot"
CATALOGUES = CODE / "locale"
TEMPLATE = CATALOGUES / "phiwire.pot"
# Which arguments of which functions are messages (bot/languages.py, bot/sentences.py).
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "say": None,
    "say_line": None,
    "sentence": None,
    "say_count": (2, 3),
    "say_line_count": (2, 3),
}
_SPEAKS = re.compile(r"^from bot\.(?:languages|sentences) import", re.MULTILINE)
# What catalogues say of themselves: no dates, which would change without anything else, and no addresses.
_HEADERS = frozenset(
    {
        "language",
        "plural-forms",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
)
_COMMENT = "# What PhiWire Bot says. deploy/catalogues.py keeps this file; docs/languages.md says how it is translated."


class _Undated(Catalog):
    """A catalogue without the time at which it was made."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Say of the catalogue what is needed to read it."""
        return [(name, value) for name, value in super().mime_headers if name.casefold() in _HEADERS]

    @mime_headers.setter
    def mime_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        self._set_mime_headers(headers)


def extract() -> bytes:
    """Write the template of what the code says now."""
    template = _empty()
    for path in sorted(CODE.rglob("*.py")):
        if not _SPEAKS.search(path.read_text("utf-8")):
            continue  # what it says, it says in English
        for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS):
            template.add(message, None, [(path.relative_to(ROOT).as_posix(), 1)])
    return _written(template)


def update(template: bytes, known: bytes, language: str) -> bytes:
    """Write a language's catalogue with all that the template has, and nothing else; what is new is empty."""
    catalogue = _read(known, language)
    catalogue.update(read_po(io.BytesIO(template)), no_fuzzy_matching=True)
    return _written(catalogue)


def begin(template: bytes, language: str) -> bytes:
    """Write a language's first catalogue. Raises UnknownLocaleError."""
    return update(template, _written(_empty(language)), language)


def compiled(catalogue: bytes, language: str) -> bytes:
    """Write what the bot reads."""
    file = io.BytesIO()
    write_mo(file, _read(catalogue, language))
    return file.getvalue()


def _empty(language: str | None = None) -> _Undated:
    locale = None if language is None else Locale.parse(language)
    return _Undated(locale, header_comment=_COMMENT, fuzzy=False)


def _read(written: bytes, language: str) -> _Undated:
    catalogue = _empty(language)
    for message in read_po(io.BytesIO(written), locale=language):
        if message.id:
            catalogue[message.id] = message
    return catalogue


def _written(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    # Without the numbers of lines, which change with every other change.
    write_po(file, catalogue, width=120, include_lineno=False, ignore_obsolete=True)
    return file.getvalue()


def languages() -> Iterator[tuple[str, Path]]:
    """List the languages that have a catalogue, with its place."""
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/phiwire.po")):
        yield path.parts[-3], path


def main() -> int:
    """Do what is asked for, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["extract", "update", "compile", "begin"])
    parser.add_argument("language", nargs="?", default="", help="with begin: the code of the language")
    asked = parser.parse_args()
    if (asked.step == "begin") != bool(asked.language):
        parser.error("begin takes the code of a language, and nothing else does")
    if asked.step == "extract":
        _write(TEMPLATE, extract())
    elif asked.step == "begin":
        path = CATALOGUES / asked.language / "LC_MESSAGES/phiwire.po"
        if path.exists():
            parser.error(f"there is {path.relative_to(ROOT)} already; update adds to it what is new")
        try:
            _write(path, begin(TEMPLATE.read_bytes(), asked.language))
        except (UnknownLocaleError, ValueError):
            parser.error(f"{asked.language} is no code of a language: write one such as cy, ga or gd")
    for language, path in languages():
        if asked.step == "update":
            _write(path, update(TEMPLATE.read_bytes(), path.read_bytes(), language))
        elif asked.step == "compile":
            _write(path.with_suffix(".mo"), compiled(path.read_bytes(), language))
    return 0


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    print(path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
