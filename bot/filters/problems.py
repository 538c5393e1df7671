"""What is wrong with queries, and what to type instead: sentences for whoever typed them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.languages import say, sentence

DASHES = r"\-‐‑‒–—−"
_SINGLE = "'‘’‚`"
_ODD = re.compile(r"[?\\^\[\]{}|~<>=!+&/$*:]|^\W+$")
# What people write who think of search engines, programs or regular expressions, and what to write instead.
_SIGNS = (
    (
        re.compile(r"\|+|/"),
        sentence('"{word}" cannot be looked for: write {choice} between words of which one is enough.'),
    ),
    (
        re.compile(r"[^\s|]+(?:\|+[^\s|]+)+"),
        sentence('"{word}" cannot be looked for: write {choice} with spaces around it in place of {bar}.'),
    ),
    (
        re.compile(r"&+|\+"),
        sentence('"{word}" cannot be looked for: words side by side must all be there: leave it out.'),
    ),
    (
        re.compile(rf"[{DASHES}]+"),
        sentence(
            '"{word}" cannot be looked for: a {minus} to leave a word out stands right before it, without a space.'
        ),
    ),
    (
        re.compile(r":.*"),
        sentence('"{word}" cannot be looked for: a field stands right before its colon, without a space: {example}.'),
    ),
    (re.compile(r"!.+"), sentence('"{word}" cannot be looked for: to leave a word out, write a {minus} before it.')),
    (
        re.compile(r"\+.+"),
        sentence('"{word}" cannot be looked for: every word must be there anyway: leave out the {plus}.'),
    ),
    (
        re.compile(r".*[?\\^\[\]{}|~<>=].*|/.+/[a-z]*|.*\.[*+].*|\$\D*|.*\D\$"),
        sentence('"{word}" cannot be looked for: filters are words and no regular expressions: leave such signs out.'),
    ),
)


def of_signs(word: str) -> str:
    """Say what to write in place of a word that is meant as a sign; empty where it is a word."""
    if not _ODD.search(word):
        return ""
    meant = next((message for sign, message in _SIGNS if sign.fullmatch(word)), "")
    return say(meant, word=word, choice="OR", bar="|", minus="-", plus="+", example="author:reeves")


def no_field(name: str, meant: str, known: Sequence[str]) -> str:
    """Say that there is no such field, and which one may have been meant."""
    if meant:
        return say(
            'There is no field "{name}". Did you mean {meant}:? Words with a colon stand in quotation marks.',
            name=name,
            meant=meant,
        )
    fields = ", ".join(f"{each}:" for each in known)
    return say(
        'There is no field "{name}". There are {fields}. Words with a colon stand in quotation marks.',
        name=name,
        fields=fields,
    )


def hints(words: Sequence[str]) -> tuple[str, ...]:
    """Say which words of a readable query may be meant otherwise than they are read."""
    found = [
        say(
            "“{word}” is looked for as a word; as an operator it is written {operator}.",
            word=word,
            operator=word.upper(),
        )
        for word in dict.fromkeys(words)
        if word in {"or", "and", "not"}
    ]
    if any(word[0] in _SINGLE for word in words) and any(word[-1] in _SINGLE for word in words):
        found.append(say('Single quotation marks mean nothing: words that stand side by side go in "double" ones.'))
    if any(word.endswith((",", ";")) for word in words):
        found.append(
            say(
                "A comma means nothing here: all words must be there. Write {choice} where one is enough.",
                choice="OR",
            )
        )
    return tuple(found)
