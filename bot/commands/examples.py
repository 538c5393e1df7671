"""Choose what a welcome offers: an author, a word and the newest of today's wire, each a tap away."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot import text
from bot.buttons import Choice, authors
from bot.commands.caught import MANY_A_DAY
from bot.filters import people, query
from bot.filters.tree import Term, format_query
from bot.languages import say, sentence
from bot.model import Entry

# A word that fewer entries hold is nobody's topic of the day.
OFTEN = 2
SHORTEST = 4
LONGEST = 28


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What headlines are full of whatever happens.
_COMMON = _set(
    """
    about above across after again against ahead amid among announced announces another around asked asks away back
    based because been before begin begins behind being below better between beyond both bring brings call called calls
    came change changes come comes coming could country days deal does doing done down during each early ever every
    everything face faces fail fails fear fears final find finds first five following four from gave gets getting give
    given gives goes going government hard have having head help here high hits hold holds home hour hours into issue
    issues join just keep keeps know known last late latest lead leader leaders leads left less like likely live long
    look looks lose loses made major make makes making many meet meeting meets might minister ministers minute minutes
    month months more most move moves much must name named near need needs never news next night nothing only open opens
    other over part past people plan plans push pushes quit quits real release report reports right said same says seek
    seeks seen sets should show shows side since some soon start starts state statement still stop stops such take takes
    talks tell tells than that their them then there these they thing things think this those three through time times
    today told tomorrow took top under until update urges used very wants warn warning warns week weeks well went were
    what when where whether which while will wins with within without work world would year years yesterday your
    """
)


@dataclass(frozen=True, slots=True)
class Example:
    """One tap: what it says, of what or whom, what is typed for it, and the entry that it was taken from, 0 for none.

    It says a message, of which `name` may be a field.
    """

    message: str
    words: str
    entry: int = 0
    name: str = ""

    @property
    def label(self) -> str:
        """Say what stands on its button."""
        return say(self.message, name=self.name)

    @property
    def mark(self) -> str:
        """Name the example by its words."""
        return Choice(self.label, self.words).mark


_FOLLOW = sentence("Follow {name}")
_SUBSCRIBE = sentence("Subscribe to {name}")
LATEST = Example(sentence("The latest five"), "latest 5")
# For a wire on which nothing is yet.
FIXED = (
    Example(_FOLLOW, 'follow "Isabel Hardman"', name="Isabel Hardman"),
    Example(_SUBSCRIBE, "subscribe nhs", name="NHS"),
    Example(_SUBSCRIBE, 'subscribe "net zero"', name="“net zero”"),
)


def choose(entries: Sequence[Entry], taken: Collection[str] = ()) -> tuple[Example, ...]:
    """Choose up to three examples from the day's entries, newest first; `taken` are `key`s of what is there already.

    An author, what several entries are about, and the newest themselves; fixed ones where there are no entries.
    """
    free = [each for each in FIXED if key(each.words) not in taken]
    if not entries:
        return tuple(free)
    follow = _most(entries, _follows, taken, least=1)
    subjects = _most(entries, _subjects, {*taken, *_words_of_names(entries)}, least=OFTEN)
    found = [each for each in (follow, subjects) if each is not None]
    # A day on which nothing is said twice still has something to subscribe to.
    found += free[-1:] if len(found) == 1 and follow is not None else free[:2] if not found else []
    return (*found, LATEST)


def of_entry(entry: Entry | None) -> tuple[Example, ...]:
    """List the examples that an entry could have been chosen for; of none, the fixed ones."""
    return FIXED if entry is None else (*_follows(entry), *_subjects(entry))


def find(offered: Iterable[Example], mark: str) -> Example | None:
    """Find the example that a button means; None where the entry has been revised and has it no more."""
    return next((each for each in offered if each.mark == mark), None)


def key(words: str) -> str:
    """Name a filter so that two that say the same have one name: `follow "Marta Quill"`, `subscribe nhs`."""
    verb, _, argument = words.partition(" ")
    if verb == "follow":
        return f"{verb} {people.name(argument.strip(query.QUOTES)).replace('-', ' ')}"
    with contextlib.suppress(query.QueryError):
        return f"{verb} {format_query(query.parse(argument))}"
    return words


def _most(
    entries: Sequence[Entry], offered: Callable[[Entry], Iterable[Example]], taken: Collection[str], least: int
) -> Example | None:
    """Find what most entries offer, the newest of several, and nothing that would flood whoever takes it."""
    counts: Counter[str] = Counter()
    first: dict[str, Example] = {}
    for entry in entries:
        for each in {key(each.words): each for each in offered(entry)}.items():
            counts[each[0]] += 1
            first.setdefault(*each)
    fitting = (name for name in first if least <= counts[name] <= MANY_A_DAY and name not in taken)
    best = max(fitting, key=lambda name: counts[name], default=None)
    return None if best is None else first[best]


def _follows(entry: Entry) -> Iterator[Example]:
    for each in authors(entry):
        if len(each.label) <= LONGEST:
            yield Example(_FOLLOW, f"follow {each.words}", entry.id, each.label)


def _subjects(entry: Entry) -> Iterator[Example]:
    """List a release's topics and what the headline is about; its author is somebody to follow."""
    for topic in filter(None, map(str.strip, entry.topic.split(","))):
        if len(topic) <= LONGEST and not set(topic) & set(query.QUOTES):
            yield from _readable(topic, f'topic:"{topic}"', entry)
    for start, end, folded in text.spans(entry.headline):
        written = entry.headline[start:end]
        if len(folded) == 1 and _is_telling(written, folded[0]):
            yield from _readable(written if written.isupper() else folded[0], folded[0], entry)


def _readable(label: str, words: str, entry: Entry) -> Iterator[Example]:
    with contextlib.suppress(query.QueryError):
        if isinstance(query.parse(words), Term):
            yield Example(_SUBSCRIBE, f"subscribe {words}", entry.id, label)


def _is_telling(written: str, word: str) -> bool:
    if not word.isalpha() or word in _COMMON or len(word) > LONGEST:
        return False
    return len(word) >= SHORTEST or (written.isupper() and len(word) == SHORTEST - 1)


def _words_of_names(entries: Iterable[Entry]) -> set[str]:
    """Name what a part of an author's name would be as a subject."""
    names = {each.label for entry in entries for each in authors(entry)}
    return {f"subscribe {word}" for name in names for word in text.tokens(name)}
