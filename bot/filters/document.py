"""An entry as queries see it: folded words by field, and the keys under which the index looks for filters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot import text
from bot.filters import people
from bot.filters.people import NO_ALIASES, Aliases
from bot.model import Entry, Item

Key = str | tuple[str, ...]
"""A folded word, or two or three in a row; in a field, the first begins with its name: "author:reeves"."""

TEXT_FIELDS = ("headline", "author", "organisation", "topic", "summary", "body")
SHORTEST_BEGINNING = 3
SHORTEST_ROW, LONGEST_ROW = 2, 3
# Between texts, so that no phrase runs from one into the next.
_END = "|"
# What these hold comes back all the time, and not all of it stands in a text: it has keys of its own.
NAMED_FIELDS = ("author", "org", "source", "topic", "kind")
FIELDS = ("headline", *NAMED_FIELDS)


Byline = tuple[str, str, str, str, str, str, Aliases]
"""Author, organisation, topic, source with its short and its full name, kind, and the aliases that hold."""


class Document:
    """The words of an entry. A field is a string of folded words, with "|" between what belongs apart."""

    __slots__ = ("_aliases", "_fields", "_item", "_source", "_source_name", "_texts")

    def __init__(self, item: Item, source: str = "", source_name: str = "", aliases: Aliases = NO_ALIASES) -> None:
        self._item = item
        self._source = source
        self._source_name = source_name
        self._aliases = aliases
        self._fields: dict[str, str] | None = None
        self._texts: tuple[list[str], list[str]] | None = None

    def field(self, name: str) -> str:
        """Give the words of a field as queries name it; all texts where the name is empty."""
        if self._fields is None:
            self._fields = {}
        if (words := self._fields.get(name)) is None:
            words = self._fields[name] = self._read(name)
        return words

    def text_of(self, part: str) -> str:
        """Give the words of one text of the entry, such as its summary."""
        return " ".join(text.words(getattr(self._item, part)))

    def texts(self) -> tuple[list[str], list[str]]:
        """List the words of the headline, and those of summary and body; each text ends with "|"."""
        if self._texts is None:
            item = self._item
            headline = text.words(item.headline)
            headline.append(_END)
            others: list[str] = []
            if item.summary:
                others += text.words(item.summary)
                others.append(_END)
            if item.body:
                others += text.words(item.body)
                others.append(_END)
            self._texts = headline, others
        return self._texts

    def byline(self) -> Byline:
        """Give what the entry has beside its texts, most of which returns all the time."""
        item = self._item
        source, name = self._source, self._source_name
        return item.author, item.organisation, item.topic, source, name, item.kind, self._aliases

    def words(self) -> list[str]:
        """List the words of all texts in their order."""
        headline, others = self.texts()
        return [*headline, *words_of_byline(self.byline()), *others]

    def archived(self) -> set[str]:
        """Give the words that an archive must know to find every entry that a query may want.

        They are those of the texts, the parts of names with hyphens, and the words of the fields of names.
        """
        words, (author, organisation, topic, _, _, kind, aliases) = self.words(), self.byline()
        fields = keys_of_byline((author, organisation, topic, "", "", kind, aliases))
        keys: set[Key] = {*words, *_of_compounds(words), *fields} - {_END}
        return {key for key in keys if isinstance(key, str) and key[-1] != "*"}

    def _read(self, name: str) -> str:
        item = self._item
        match name:
            case "":
                return " ".join(self.words())
            case "headline":
                return " ".join(self.texts()[0][:-1])
            case "author":
                return _listed(people.names(item.author, self._aliases))
            case "org":
                return _listed(people.organisation(item.organisation, self._aliases))
            case "source":
                return _listed(_source_words(self._source, self._source_name))
            case "kind":
                return item.kind
            case _:
                return self.text_of(name)


def _listed(names: Iterable[str]) -> str:
    return f" {_END} ".join(names)


def parts_of_compound(word: str) -> Iterator[Key]:
    """Give each part of a name with hyphens, with a "~" as it does not stand free, and the row of them."""
    parts = word.split("-")
    if len(parts) > 1:
        yield from (f"~{part}" for part in parts)
        if len(parts) <= LONGEST_ROW:
            yield tuple(parts)


def _around_compound(words: Sequence[str], at: int) -> Iterator[tuple[str, ...]]:
    """Give the rows that reach into a name with hyphens from the word before it, and out of it to the next."""
    parts = words[at].split("-")
    if len(parts) < LONGEST_ROW:
        for row in ((*words[max(at - 1, 0) : at], *parts), (*parts, *words[at + 1 : at + 2])):
            if len(row) > len(parts) and "-" not in "".join(row):
                yield row


def _of_compounds(words: Sequence[str]) -> Iterator[Key]:
    for at, word in enumerate(words):
        if "-" in word:
            yield from parts_of_compound(word)
            yield from _around_compound(words, at)


def words_of_byline(byline: Byline) -> list[str]:
    """List the words of author, organisation and topic; each ends with "|"."""
    return [word for name in byline[:3] if name for word in (*text.words(name), _END)]


def _source_words(source: str, name: str) -> tuple[str, ...]:
    # A source's short name is words and nobody's surname: `source:bbc` finds "bbc-politics".
    return tuple(filter(None, (text.fold(source.replace("-", " ")), text.fold(name))))


def keys_of_byline(byline: Byline) -> set[Key]:
    """Give the keys of the fields of names, with those of all beginnings of their words."""
    author, organisation, topic, source, source_name, kind, aliases = byline
    fields = {
        "author": people.names(author, aliases) if author else (),
        "org": people.organisation(organisation, aliases) if organisation else (),
        "source": _source_words(source, source_name),
        "topic": (" ".join(text.words(topic)),),
        "kind": (kind,),
    }
    return {key for field, names in fields.items() for key in _marked(f"{field}:", _listed(names).split())}


def _marked(mark: str, words: Sequence[str]) -> Iterator[Key]:
    begun = (f"{word[:length]}*" for word in words for length in range(SHORTEST_BEGINNING, len(word) + 1))
    for key in (
        *words,
        *begun,
        *pairwise(words),
        *zip(words, words[1:], words[2:], strict=False),
        *_of_compounds(words),
    ):
        yield f"{mark}{key}" if isinstance(key, str) else (f"{mark}{key[0]}", *key[1:])


def holds(words: str, phrase: Sequence[str], *, prefix: bool) -> bool:
    """Tell whether folded words hold a phrase; with `prefix` its last word may go on."""
    wanted = " ".join(phrase)
    if not prefix:
        return text.contains(words, wanted)
    if f" {wanted}" in f" {words}":
        return True
    if "-" not in words or len(phrase) == 1 or wanted not in words.replace("-", " "):
        return False
    joined = re.escape(wanted).replace(r"\ ", "[ -]")
    return re.search(f"(?<![^ ]){joined}", words) is not None


def searchable(item: Item) -> str:
    """Write the words under which the archive keeps an item; `narrowing` asks for them."""
    return " ".join(sorted(Document(item).archived()))


def of_entry(entry: Entry, aliases: Aliases = NO_ALIASES) -> Document:
    """Make the document of an entry."""
    return Document(entry, entry.source, entry.source_name, aliases)
