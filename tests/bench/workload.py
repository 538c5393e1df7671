"""Queries and texts of invented words, as often as people's words are: by Zipf's law, the same at every run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import NamedTuple

from bot.model import Entry, EntryKind, SubscriptionKind

VOCABULARY = 50_000
# Nobody subscribes to "the".
TOO_COMMON = 50
AUTHORS = 2000
ORGANISATIONS = 60
FOLLOWS = 0.1
WORDS_A_SENTENCE = 12
SENTENCES = 49
# What people write rarely is rare here, too.
_MIXED = (
    *3 * ("{first} ({some})", "({some}) {first}", "{first} -({some})"),
    "{first} OR {row}",
    "{first} -({row})",
)


class Wanted(NamedTuple):
    """A subscription: its number as the matcher forms it, its kind and its query."""

    number: int
    kind: SubscriptionKind
    query: str


class _Drawn:
    """Draws things, the first ones most often."""

    def __init__(self, chance: random.Random, things: Sequence[str], flatter: int = 1) -> None:
        self._chance = chance
        self._things = things
        self._weights = list(accumulate(1 / (rank + flatter) for rank in range(len(things))))

    def some(self, count: int) -> list[str]:
        return self._chance.choices(self._things, cum_weights=self._weights, k=count)

    def one(self) -> str:
        return self.some(1)[0]


class Workload:
    """Gives one query or text after the other."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self.vocabulary = [_word(rank) for rank in range(VOCABULARY)]
        self._words = _Drawn(self._chance, self.vocabulary)
        self._asked = _Drawn(self._chance, self.vocabulary[TOO_COMMON:], 1 + TOO_COMMON)
        names = [f"{first} {last}" for first, last in zip(self._rare(AUTHORS), self._rare(AUTHORS), strict=True)]
        self._authors = _Drawn(self._chance, [name.title() for name in names], 100)
        self._organisations = [f"{each} Office".title() for each in self._rare(ORGANISATIONS)]
        self._topics = self._rare(ORGANISATIONS)
        self._numbers = 0

    def subscriptions(self, count: int) -> list[Wanted]:
        """Draw subscriptions, ten a channel."""
        return [self._subscription() for _ in range(count)]

    def headlines(self, count: int) -> list[Entry]:
        """Draw entries of a headline and an author."""
        return [
            _entry("wire", self._sentence(), author=f"By {self._authors.one()}{self._rarely(', Political Editor')}")
            for _ in range(count)
        ]

    def releases(self, count: int) -> list[Entry]:
        """Draw entries of six hundred words, with organisation and topic."""
        return [
            _entry(
                "release",
                self._sentence(),
                organisation=self._chance.choice(self._organisations),
                topic=self._chance.choice(self._topics).capitalize(),
                body="\n\n".join(f"{self._sentence()}." for _ in range(SENTENCES)),
            )
            for _ in range(count)
        ]

    def _rare(self, count: int) -> list[str]:
        return self._chance.sample(self.vocabulary[200:], count)

    def _rarely(self, what: str) -> str:
        return what if self._chance.random() < 0.1 else ""

    def _subscription(self) -> Wanted:
        self._numbers += 1
        number = (self._numbers // 10 + 1) << 32 | self._numbers
        if self._chance.random() < FOLLOWS:
            return Wanted(number, "follow", self._authors.one())
        return Wanted(number, "match", self._query())

    def _query(self) -> str:
        """Draw a query, written as filters are stored."""
        first, *others = (self._term() for _ in range(self._chance.randint(1, 4)))
        if not others:
            return first
        row, some = " ".join(others), " OR ".join(others)
        match self._chance.choice(("and", "or", "not", "mixed")):
            case "and":
                return f"{first} {row}"
            case "or":
                return f"{first} OR {some}"
            case "mixed" if len(others) > 1:
                return self._chance.choice(_MIXED).format(first=first, row=row, some=some)
            case _:
                return f"{first} -{' -'.join(others)}"

    def _term(self) -> str:
        """Draw a term: a few in a hundred are beginnings of words, and a few look into one field."""
        kind = self._chance.random()
        if kind < 0.03:
            return f"{self._asked.one()[:-1]}*"
        if kind < 0.05:
            author = self._authors.one().lower()
            return f'author:"{author}"' if kind < 0.04 else f"author:{author.split()[1]}"
        if kind < 0.06:
            return f"headline:{self._asked.one()}"
        if kind < 0.07:
            return f'org:"{self._chance.choice(self._organisations).lower()}"'
        words = self._asked.some(self._chance.randint(1, 3))
        return words[0] if len(words) == 1 else f'"{" ".join(words)}"'

    def _sentence(self) -> str:
        """Draw the words of a sentence; some words are capitalised, possessive, or two in a name with a hyphen."""
        words = self._words.some(WORDS_A_SENTENCE)
        words[0] = words[0].capitalize()
        at = self._chance.randrange(1, WORDS_A_SENTENCE - 1)
        words[at] = words[at].capitalize() + self._rarely("’s") + self._rarely(",")
        if self._rarely("-"):
            words[at : at + 2] = ["-".join(words[at : at + 2]).title().replace("’S", "’s")]
        return " ".join(words)


def _entry(
    kind: EntryKind, headline: str, author: str = "", organisation: str = "", topic: str = "", body: str = ""
) -> Entry:
    return Entry(
        id=1,
        source="wire",
        source_name="The Wire",
        first_seen_at=datetime(2026, 11, 1, tzinfo=UTC),
        key="1",
        kind=kind,
        headline=headline,
        author=author,
        organisation=organisation,
        topic=topic,
        body=body,
    )


def _word(rank: int) -> str:
    """Spell a number as syllables."""
    left, spelt = rank + 3000, ""
    while left:
        left, syllable = divmod(left, 90)
        spelt += "bcdfghjklmnprstvwz"[syllable % 18] + "aeiou"[syllable // 18]
    return spelt
