"""An entry as queries see it: folded words by field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bot import text
from bot.filters import people
from bot.model import Entry, Item

_TEXT_FIELDS = ("headline", "author", "organisation", "topic", "summary", "body")


@dataclass(frozen=True)
class Document:
    """The words of an entry. `source` has the words of the source's slug and of its name."""

    anywhere: tuple[tuple[str, ...], ...]
    author: tuple[tuple[str, ...], ...]
    organisation: tuple[str, ...]
    source: tuple[tuple[str, ...], ...]
    kind: str

    @cached_property
    def keys(self) -> frozenset[str]:
        """What the index looks up: every word, and the words of source and kind with their field."""
        words = {word for field in self.anywhere for word in field}
        words |= {word for person in self.author for word in person}
        return frozenset(words | {f"source:{word}" for name in self.source for word in name} | {f"kind:{self.kind}"})

    def holds(self, words: tuple[str, ...], field: str) -> bool:
        """Tell whether the field (empty: any text) holds the words in a row."""
        match field:
            case "":
                # The keys answer most questions; only phrases must be looked for in their order.
                return words[0] in self.keys and any(text.contains(each, words) for each in self.anywhere)
            case "author":
                return any(text.contains(person, words) for person in self.author)
            case "org":
                return text.contains(self.organisation, words)
            case "source":
                return any(text.contains(name, words) for name in self.source)
            case _:
                return words == (self.kind,)

    def by(self, name: tuple[str, ...]) -> bool:
        """Tell whether the named author wrote it, or the named organisation published it."""
        return any(text.contains(person, name) for person in self.author) or text.contains(self.organisation, name)


def of_item(item: Item, *source_names: str) -> Document:
    """Make the document of an item from a source with these names (slug, name)."""
    return Document(
        anywhere=tuple(words for field in _TEXT_FIELDS if (words := text.tokens(getattr(item, field)))),
        author=people.names(item.author),
        organisation=text.tokens(item.organisation),
        source=tuple(text.tokens(name) for name in source_names),
        kind=item.kind,
    )


def of_entry(entry: Entry) -> Document:
    """Make the document of an entry."""
    return of_item(entry, entry.source, entry.source_name)
