"""Catalogues hold what the code says now, all of it translated, and the bot reads what translators wrote."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.languages import ENGLISH, LANGUAGES
from deploy import catalogues

OTHERS = [each for each in LANGUAGES if each != ENGLISH]
AGAIN = "python3 deploy/catalogues.py {} makes it anew"
Fields = frozenset[tuple[str, str, str]]


def place(language: str) -> Path:
    """Say where a language's translations are."""
    return catalogues.CATALOGUES / language / "LC_MESSAGES/phiwire.po"


def fields(message: str) -> Fields:
    """List the fields of a message, each with how it is shown."""
    parts = Formatter().parse(message)
    return frozenset((name, form or "", conversion or "") for _, name, form, conversion in parts if name is not None)


def forms(texts: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """List the forms of a message or a translation: several where it counts."""
    return (texts,) if isinstance(texts, str) else tuple(texts or ())


def problems(catalogue: Catalog) -> Iterator[str]:
    """Say what is missing in a catalogue, and what is wrong."""
    for message in catalogue:
        if message.id:
            yield from (f"{problem}: {message.id}" for problem in _problems(message, catalogue.num_plurals))


def _problems(message: Message, plurals: int) -> Iterator[str]:
    translations = forms(message.string)
    if len(translations) != (1 if isinstance(message.id, str) else plurals) or not all(translations):
        yield "not translated"
        return
    if message.fuzzy:
        yield "not sure"
    # A form for one may leave the number out where English does.
    known = {fields(each) for each in forms(message.id)}
    for translation in translations:
        try:
            if fields(translation) not in known:
                yield f"other fields in {translation!r}"
        except ValueError as error:
            yield f"{error} in {translation!r}"


def read(written: str) -> Catalog:
    """Read a catalogue of these lines, with the six forms of Welsh."""
    return read_po(io.BytesIO(written.encode()), locale="cy")


def test_template_is_what_the_code_says() -> None:
    """Translators translate what is there, and all of it."""
    assert catalogues.extract() == catalogues.TEMPLATE.read_bytes(), AGAIN.format("extract")


def test_no_message_is_half_a_sentence() -> None:
    """A blank at an end glues it to another one, which other languages put elsewhere."""
    template = read_po(io.BytesIO(catalogues.TEMPLATE.read_bytes()))
    messages = [each for message in template if message.id for each in forms(message.id)]
    assert [each for each in messages if each != each.strip()] == []
    assert [each for each in messages if each.endswith((",", " as in", " and", " or"))] == []


def test_every_language_has_a_catalogue() -> None:
    """And every catalogue is spoken, but for those that are being written."""
    assert set(OTHERS) <= {language for language, _ in catalogues.languages()}


@pytest.mark.parametrize("language", OTHERS)
def test_catalogue_has_what_the_template_has(language: str) -> None:
    """No more, no less, in the same order."""
    written = place(language).read_bytes()
    again = catalogues.update(catalogues.TEMPLATE.read_bytes(), written, language)
    assert again == written, AGAIN.format("update")


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_read_is_what_was_written(language: str) -> None:
    """The compiled catalogue is kept beside it, so that nobody needs to compile who installs."""
    path = place(language)
    assert catalogues.compiled(path.read_bytes(), language) == path.with_suffix(".mo").read_bytes(), AGAIN.format(
        "compile"
    )


@pytest.mark.parametrize("language", OTHERS)
def test_language_is_complete(language: str) -> None:
    """Half a language is none: it is not offered before everything is translated."""
    found = list(problems(read_po(io.BytesIO(place(language).read_bytes()), locale=language)))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", OTHERS)
def test_language_counts_as_its_speakers_do(language: str) -> None:
    """Its plural forms are Unicode's (CLDR), in the order of the catalogue, which gettext evaluates."""
    rule = Locale.parse(language).plural_form
    names = [each for each in ("zero", "one", "two", "few", "many", "other") if each in {*rule.tags, "other"}]
    lines = "".join(f'msgstr[{number}] "{name}"\n' for number, name in enumerate(names))
    written = f'msgid "one"\nmsgid_plural "many"\n{lines}'.encode()
    spoken = gettext.GNUTranslations(io.BytesIO(catalogues.compiled(written, language)))
    for number in range(200):
        assert spoken.ngettext("one", "many", number) == rule(number)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('msgid "no filters"\nmsgstr ""\n', "not translated"),
        ('#, fuzzy\nmsgid "no filters"\nmsgstr "dim hidlwyr"\n', "not sure"),
        ('msgid "Removed: {filter}."\nmsgstr "Tynnwyd: {hidlydd}."\n', "other fields"),
        ('msgid "Removed: {filter}."\nmsgstr "Tynnwyd."\n', "other fields"),
        ('msgid "Removed: {filter}."\nmsgstr "Tynnwyd: {filter."\n', "expected '}'"),
        ('msgid "{number:,} left"\nmsgstr "{number} ar ôl"\n', "other fields"),
        ('msgid "one {a}"\nmsgid_plural "many {a}"\nmsgstr[0] "{a}"\nmsgstr[1] "{a}"\n', "not translated"),
        (
            'msgid "one {a}"\nmsgid_plural "many {a}"\n'
            + "".join(f'msgstr[{n}] "{{{"b" if n == 5 else "a"}}}"\n' for n in range(6)),
            "other fields",
        ),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_found(lines: str, problem: str) -> None:
    """A field that is not there would break the answer in which it is said."""
    assert [problem in each for each in problems(read(lines))] == [True]


def test_right_catalogue_has_no_problems() -> None:
    """Words in another order, a number that one form leaves out."""
    plural = "".join(f'msgstr[{n}] "{"un" if n == 1 else "{number:,} x"}"\n' for n in range(6))
    lines = f'msgid "a {{b}} {{c}}"\nmsgstr "{{c}} {{b}} a"\n\nmsgid "one"\nmsgid_plural "{{number:,}} x"\n{plural}'
    assert list(problems(read(lines))) == []


def test_what_is_new_stands_in_the_catalogue_empty() -> None:
    """Nothing is guessed from what is alike; what was translated stays, what is not said any more goes."""
    template = b'msgid ""\nmsgstr ""\n\nmsgid "no filters"\nmsgstr ""\n\nmsgid "no filter"\nmsgstr ""\n'
    known = b'msgid "no filters"\nmsgstr "dim hidlwyr"\n\nmsgid "gone"\nmsgstr "wedi mynd"\n'
    updated = read_po(io.BytesIO(catalogues.update(template, known, "cy")), locale="cy")
    assert {each.id: (each.string, each.fuzzy) for each in updated if each.id} == {
        "no filters": ("dim hidlwyr", False),
        "no filter": ("", False),
    }


def test_another_language_begins_empty() -> None:
    """With its own way of counting; there is none without a code."""
    template = catalogues.TEMPLATE.read_bytes()
    begun = read_po(io.BytesIO(catalogues.begin(template, "gd")), locale="gd")
    assert begun.num_plurals == 4
    assert not any(any(forms(each.string)) for each in begun if each.id)
    with pytest.raises(UnknownLocaleError):
        catalogues.begin(template, "xx")
