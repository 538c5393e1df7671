"""A reverse index: each filter is filed under keys of which a matching entry has at least one, then verified.

    document ──words, rows, names──▶ decided: hits · with conditions: hits where the other keys allow · less the blocked

A filter that needs several keys is filed where the fewest are filed already, so that common words do not gather them
all; one that avoids a key is filed there, too, to be blocked by it. A plain one waits unread under its first word until
an entry has that: most filters ask for rare words, and need no more than a line of text until then. What is found under
a word is remembered, for words return all the time. Numbers stand for filters; what they mean is the caller's.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Container, Iterable, KeysView, Sequence
from itertools import chain

from bot.filters.asked import Asked, Remembered
from bot.filters.clauses import HEADLINE, Clause, Keys, is_of_names
from bot.filters.document import Byline, Document, keys_of_byline, words_of_byline
from bot.filters.reading import clauses_of, required_word
from bot.filters.shelf import Conditions, Found, Hashes, Other, Shelf
from bot.model import SubscriptionKind

# Under one word: an entry must not wait until thousands are read.
MOST_UNREAD = 100
# About as many as all words of a month, and as all by-lines.
MOST_WORDS, MOST_BYLINES = 50_000, 4_096
# Under one key: so many are looked at whenever an entry repeats a word, and kept for every word with a beginning; more
# are looked at once, and shared.
MOST_COPIED = 200


class Index:
    """Filters by number, kept up to date one by one."""

    def __init__(self) -> None:
        self._filed: dict[SubscriptionKind, dict[int, str]] = {"follow": {}, "match": {}, "mute": {}}
        # Filters by a word that an entry must have, and the words that the entry at hand has of these.
        self._unread: dict[str, array[int]] = {}
        self._met: list[str] = []
        self._shelf = Shelf()
        self._asked = Asked()
        self._of_headline = Remembered(self._by_headline, MOST_WORDS)
        self._of_texts = Remembered(self._by_text, MOST_WORDS)
        self._shared = Remembered(self._by_key, MOST_WORDS)
        self._of_bylines = Remembered(self._by_byline, MOST_BYLINES)
        # Words with hyphens that are remembered: what is filed for their parts changes what they find.
        self._compounds: list[str] = []

    def __len__(self) -> int:
        return sum(map(len, self._filed.values()))

    def of_kind(self, kind: SubscriptionKind) -> KeysView[int]:
        """Give the numbers of the filters of a kind."""
        return self._filed[kind].keys()

    def put(self, number: int, kind: SubscriptionKind, written: str) -> None:
        """File a filter, unless it is filed already. Raises QueryError where its query is none."""
        filed = self._filed[kind]
        if number in filed:
            return
        word = required_word(kind, written)
        unread = None if word is None else self._unread.get(word)
        if word is None or (unread is not None and len(unread) == MOST_UNREAD):
            self._read(number, kind, written)
        elif unread is None:
            self._unread[word] = array("q", (number,))
        else:
            unread.append(number)
        filed[number] = written
        if word is not None:
            self._forget((word,))

    def _read(self, number: int, kind: SubscriptionKind, written: str) -> None:
        read = clauses_of(kind, written)
        for clause in read:
            if isinstance(clause, Clause):
                self._file(number, clause, alone=len(read) == 1)
            elif clause.none and len(read) > 1:
                self._check(clause.one, number, Clause(avoid=clause.none))
            else:
                self._decide(clause.one, number, clause.none)

    def _read_met(self) -> None:
        """Read the filters that wait for words of the entry at hand."""
        for word in self._met:
            for number in self._unread.pop(word, ()):
                kind = next(kind for kind, filed in self._filed.items() if number in filed)
                self._read(number, kind, self._filed[kind][number])
        self._met.clear()

    def _ask(self, keys: Keys) -> None:
        self._asked.add(keys)
        self._forget(keys)

    def _decide(self, one: Keys, number: int, none: Keys) -> None:
        self._ask(one)
        self._shelf.decide(one, number)
        if none:
            self._ask(none)
            self._shelf.decide(none, -number)

    def _file(self, number: int, clause: Clause, *, alone: bool) -> None:
        """File a clause under the option where the fewest are."""
        need, avoid, groups, apart, rest, _ = clause
        if not (groups or rest):
            chosen: Keys = (self._shelf.emptiest(need),)
        elif len(groups) == 1 and not rest:
            # More places than one of the needed would be, and quicker to check.
            (chosen,), groups = groups, ()
        else:
            chosen = min(clause.options(), key=self._crowd)
            groups = tuple([group for group in groups if group is not chosen])
        if need and len(chosen) == 1:
            need = tuple([key for key in need if key != chosen[0]])
        if groups or apart or rest or not alone:
            self._check(chosen, number, Clause(need, avoid, groups, apart, rest))
        elif need:
            self._ask(chosen)
            self._shelf.need(chosen, number, self._condition(need))
            if avoid:
                self._ask(avoid)
                self._shelf.decide(avoid, -number)
        else:
            self._decide(chosen, number, avoid)

    def _crowd(self, keys: Keys) -> int:
        return sum(map(self._shelf.crowd, keys))

    def _check(self, chosen: Keys, number: int, clause: Clause) -> None:
        need, avoid, groups, apart, rest, _ = clause
        other = Other(
            number,
            self._condition(need),
            self._condition(avoid),
            tuple(map(self._condition, groups)),
            tuple(map(self._condition, apart)),
            rest,
        )
        self._ask(chosen)
        self._shelf.check(chosen, other)

    def _condition(self, keys: Keys) -> Hashes:
        """Take note of keys that conditions name."""
        self._ask(keys)
        hashes = tuple(map(hash, keys))
        self._asked.conditions.update(hashes)
        return hashes

    def remove(self, number: int) -> None:
        """Forget a filter; it may be unknown."""
        for kind, filed in self._filed.items():
            if (written := filed.pop(number, None)) is not None:
                word = required_word(kind, written)
                unread = None if word is None else self._unread.get(word)
                if word is not None and unread is not None and number in unread:
                    unread.remove(number)
                    if not unread:
                        del self._unread[word]
                else:
                    for clause in clauses_of(kind, written):
                        self._shelf.remove(chain(clause.unwanted(), *clause.options()), number)
                    self._forget_all()
        if not len(self):
            self._asked = Asked()

    def _forget(self, keys: Keys) -> None:
        """Forget what was found under keys."""
        # Every headline has an end at least, which is nobody's word.
        if not self._of_headline:
            return
        self._of_bylines.clear()
        for key in keys:
            self._shared.pop(hash(key), None)
            if is_of_names(key):
                continue
            word = key if isinstance(key, str) else key[0]
            if word.startswith(HEADLINE) or word[-1] == "*":
                self._forget_all()
                return
            self._of_headline.pop(word, None)
            self._of_texts.pop(word, None)
        for word in self._compounds:
            self._of_headline.pop(word, None)
            self._of_texts.pop(word, None)
        self._compounds.clear()

    def _forget_all(self) -> None:
        self._of_headline.clear()
        self._of_texts.clear()
        self._shared.clear()
        self._of_bylines.clear()
        self._compounds.clear()

    def _by_headline(self, word: str) -> Found | None:
        return self._by_word(word, self._asked.of_headline(word))

    def _by_text(self, word: str) -> Found | None:
        return self._by_word(word, self._asked.of_word(word))

    def _by_word(self, word: str, keys: Hashes) -> Found | None:
        self._meet(word)
        found = self._find((*keys, *self._asked.beginnings(word)), self._asked.seconds(word))
        return found if any(found) else None

    def _by_byline(self, byline: Byline) -> Found:
        """Find what is filed under the names of an entry, be it as words or in their fields."""
        words, asked = words_of_byline(byline), self._asked
        for word in words:
            self._meet(word)
        begun = [at for at, word in enumerate(words[:-1]) if words[at + 1] in asked.seconds(word)]
        keys = {*map(hash, keys_of_byline(byline)), *asked.rows(words, begun)}
        keys.update(key for word in words for key in (*asked.of_word(word), *asked.beginnings(word)))
        return self._find(keys)

    def _meet(self, word: str) -> None:
        """Take note of filters that wait for a word, and of a word with hyphens."""
        parts = word.split("-")
        if len(parts) > 1:
            self._compounds.append(word)
        if self._unread:
            self._met += [each for each in {word, *parts} if each in self._unread]

    def _find(self, keys: Collection[int], seconds: Container[str] = ()) -> Found:
        crowded = [key for key in keys if self._shelf.crowd_of_hash(key) > MOST_COPIED]
        shared = tuple([self._shared[key] for key in crowded])
        own = tuple([key for key in keys if key not in crowded]) if crowded else tuple(keys)
        return self._shelf.find(own, self._named(own), seconds, shared)

    def _by_key(self, key: int) -> Found:
        return self._shelf.find((key,), self._named((key,)))

    def _named(self, keys: Hashes) -> Hashes:
        return tuple(filter(self._asked.conditions.__contains__, keys))

    def _known(self, document: Document) -> tuple[Found, list[Found | None]]:
        """Say what is known of the by-line and of each word; filters that waited for one are read first."""
        headline, others = document.texts()
        while True:
            byline = self._of_bylines[document.byline()]
            known = [*map(self._of_headline.__getitem__, headline)]
            if others:
                known += map(self._of_texts.__getitem__, others)
            if not self._met:
                return byline, known
            self._read_met()

    def hits(self, document: Document) -> set[int]:
        """Find every filter that the document satisfies."""
        (_, of_byline, decided, blocked, more), known = self._known(document)
        headline, others = document.texts()
        words = [*headline, *others] if others else headline
        keys, hits, blocks, conditions = set(of_byline), set(decided), set(blocked), [more]
        begun: list[int] = []
        # Matching spends its time here: most words are known to be nothing, most others have one or two of these.
        for at, found in enumerate(known):
            if found is not None:
                seconds, of_word, decided, blocked, more = found
                if words[at + 1] in seconds:
                    begun.append(at)
                if of_word:
                    keys.update(of_word)
                if decided:
                    hits.update(decided)
                if blocked:
                    blocks.update(blocked)
                if more is not None:
                    conditions.append(more)
        if begun or self._shared:
            for each in self._further(conditions, words, begun):
                keys.update(each.keys)
                hits.update(each.decided)
                blocks.update(each.blocked)
                conditions.append(each.conditions)
        _satisfy(hits, conditions, keys, document)
        hits -= blocks
        return hits

    def _further(
        self, conditions: Iterable[Conditions | None], words: Sequence[str], begun: Sequence[int]
    ) -> list[Found]:
        """Find what words share, each once, and the rows that some words begin."""
        shared = [each for more in conditions if more is not None and more.shared for each in more.shared]
        further = [*{id(each): each for each in shared}.values()]
        if begun and (rows := self._asked.rows(words, begun)):
            further.append(self._shelf.find(rows, self._named(rows)))
        return further


def _satisfy(hits: set[int], conditions: Collection[Conditions | None], keys: set[int], document: Document) -> None:
    """Add the filters with conditions that a document satisfies by its keys."""
    if len(conditions) > MOST_COPIED:
        conditions = {id(each): each for each in conditions}.values()
    for each in conditions:
        if each is not None:
            _, needed, others, gate, _ = each
            if not keys.isdisjoint(needed):
                hits |= each.satisfied(keys)
            if others and not (gate and keys.isdisjoint(gate)):
                hits.update([other.number for other in others if other.is_satisfied(keys, document)])
