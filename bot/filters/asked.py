"""What filters ask entries for: the words they know, rows of words, beginnings of words, and words of headlines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from bot.filters.clauses import HEADLINE, Keys
from bot.filters.document import SHORTEST_BEGINNING, parts_of_compound

Hashes = tuple[int, ...]

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Remembered(dict[Question, Answer], Generic[Question, Answer]):
    """Answers that are worked out once, for what is asked returns all the time; forget those that may have changed."""

    def __init__(self, answer: Callable[[Question], Answer], most: int) -> None:
        super().__init__()
        self._answer = answer
        self._most = most

    def __missing__(self, question: Question) -> Answer:
        if len(self) >= self._most:
            self.clear()
        answer = self[question] = self._answer(question)
        return answer


class Asked:
    """All keys of texts that some filter asks for, or once did: too many cost time, and no more.

    Most words of an entry and nearly all its rows of words mean nothing to any filter: these can be left aside at once.
    """

    def __init__(self) -> None:
        # The hashes of keys that conditions name.
        self.conditions: set[int] = set()
        # The second words of rows by their first ones; most have one.
        self._seconds: dict[str, str | set[str]] = {}
        self._beginnings: defaultdict[str, set[str]] = defaultdict(set)
        self._of_headlines: set[str] = set()

    def add(self, keys: Keys) -> None:
        """Take note of keys; those of the fields of names and single words need none."""
        seconds = self._seconds
        for key in keys:
            if isinstance(key, tuple):
                first, second = key[0], key[1]
                if ":" in first:
                    continue
                if (there := seconds.get(first)) is None:
                    seconds[first] = second
                elif isinstance(there, set):
                    there.add(second)
                elif there != second:
                    seconds[first] = {there, second}
            elif key.startswith(HEADLINE):
                self._of_headlines.add(key)
            elif key[-1] == "*" and ":" not in key:
                self._beginnings[key[:SHORTEST_BEGINNING]].add(key)

    def seconds(self, word: str) -> Container[str]:
        """Give the words with which a word, where they follow it, may make a row."""
        if "-" in word:
            return _EVERY_WORD
        seconds = self._seconds.get(word, ())
        return (seconds,) if isinstance(seconds, str) else seconds

    def of_word(self, word: str) -> Hashes:
        """Give the hashes of a word's keys: itself, and of a name with hyphens its parts; without beginnings."""
        return tuple(map(hash, (word, *parts_of_compound(word))))

    def beginnings(self, word: str) -> Hashes:
        """Give the hashes of a word's beginnings."""
        begun = self._beginnings.get(word[:SHORTEST_BEGINNING], ())
        return tuple([hash(key) for key in begun if word.startswith(key[:-1])])

    def of_headline(self, word: str) -> Hashes:
        """Give the hashes of the keys of a word in a headline."""
        key = HEADLINE + word
        return (*self.of_word(word), hash(key)) if key in self._of_headlines else self.of_word(word)

    def rows(self, words: Sequence[str], begun: Iterable[int]) -> Hashes:
        """Give the hashes of rows of two and three words, of which some of the words, but not the last, are the first.

        Such a word may be two in a name with hyphens, into which a row reaches from before, or out of it.
        """
        rows: list[int] = []
        for at in begun:
            word, after = words[at], words[at + 1]
            first, _, second = word.partition("-")
            if not second:
                rows += (hash((word, after)), hash(tuple(words[at : at + 3])))
            elif "-" not in second:
                if at and self._follows(words[at - 1], first):
                    rows.append(hash((words[at - 1], first, second)))
                if self._follows(first, second):
                    rows.append(hash((first, second, after)))
        return tuple(dict.fromkeys(rows))

    def _follows(self, first: str, second: str) -> bool:
        seconds = self._seconds.get(first, ())
        return second == seconds if isinstance(seconds, str) else second in seconds


class _EveryWord:
    """Names with hyphens may make rows with every word."""

    def __contains__(self, word: object) -> bool:
        return True


_EVERY_WORD = _EveryWord()
