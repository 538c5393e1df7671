"""Keys that entries have only where filters ask for them: beginnings of words, and words of headlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from itertools import chain
from typing import Generic, TypeVar

from bot.filters.clauses import HEADLINE
from bot.filters.document import SHORTEST_BEGINNING, Document

# About as many as all words of a month.
_REMEMBERED = 50_000

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Remembered(dict[Question, Answer], Generic[Question, Answer]):
    """Answers that are worked out once, for what is asked returns all the time; `clear` when they may have changed."""

    def __init__(self, answer: Callable[[Question], Answer]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, question: Question) -> Answer:
        if len(self) >= _REMEMBERED:
            self.clear()
        answer = self[question] = self._answer(question)
        return answer


class Asked:
    """Counts who asks for which of these keys."""

    def __init__(self) -> None:
        self._by_filter: dict[int, list[str]] = {}
        self._count: Counter[str] = Counter()
        self._by_stem: dict[str, set[str]] = {}
        self._of_word = Remembered(self._begun)
        self._of_headline = Remembered(self._begun_or_whole)

    def __len__(self) -> int:
        return len(self._by_filter)

    def put(self, number: int, keys: list[str]) -> None:
        """Take note of what a filter asks for."""
        self._by_filter[number] = keys
        for key in keys:
            if not self._count[key] and not key.startswith(HEADLINE):
                self._by_stem.setdefault(key[:SHORTEST_BEGINNING], set()).add(key)
            self._count[key] += 1
        self._forget()

    def remove(self, number: int) -> None:
        """Forget what a filter asks for; it may be unknown."""
        if (keys := self._by_filter.pop(number, None)) is None:
            return
        for key in keys:
            self._count[key] -= 1
            if not self._count[key]:
                del self._count[key]
                if not key.startswith(HEADLINE):
                    self._by_stem[key[:SHORTEST_BEGINNING]].remove(key)
        self._forget()

    def _forget(self) -> None:
        self._of_word.clear()
        self._of_headline.clear()

    def add(self, keys: set[int], document: Document) -> None:
        """Add to the hashes of a document's keys those that are asked for: it has them, whoever asks."""
        words, length = document.words(), document.headline_length
        keys.update(
            chain.from_iterable(map(self._of_headline.__getitem__, words[:length])),
            chain.from_iterable(map(self._of_word.__getitem__, words[length:])),
        )

    def _begun(self, word: str) -> tuple[int, ...]:
        keys = self._by_stem.get(word[:SHORTEST_BEGINNING], ())
        return tuple(hash(key) for key in keys if word.startswith(key[:-1]))

    def _begun_or_whole(self, word: str) -> tuple[int, ...]:
        whole = HEADLINE + word
        return (hash(whole), *self._begun(word)) if whole in self._count else self._begun(word)
