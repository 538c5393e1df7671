"""What a site's robots.txt asks of us: RFC 9309, and the widespread Crawl-delay.

Ours and not a library's: the one in Python knows neither wildcards nor the longest match, and those that make regular
expressions of patterns can be held up for minutes by a pattern such as /*a*a*a*a*a*a*b.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

# What is asked of us, and when we ask again: once a day (RFC 9309, 2.4), sooner where there was no answer.
_FRESH = timedelta(days=1)
_TRY_AGAIN = timedelta(minutes=10)
# A server in trouble closes its site (2.3.1.4), but not for ever.
_LONGEST_SILENCE = timedelta(days=30)
# Bytes that are read of a file; what follows is left aside (2.5).
LARGEST = 500 * 1024
_TOKEN = re.compile(r"[A-Za-z_-]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for us: patterns, and whether they allow; `crawl_delay` in seconds, 0 where nothing is asked."""

    patterns: tuple[tuple[str, bool], ...] = ()
    crawl_delay: float = 0.0

    def allow(self, path: str) -> bool:
        """Tell whether a path, with its query, may be read: the longest pattern decides, of equals one that allows."""
        wanted = _normal(path or "/")
        if wanted == "/robots.txt":
            return True
        return max(((len(p), allows) for p, allows in self.patterns if _matches(p, wanted)), default=(0, True))[1]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a site. `rules` is None until it answered; `silent_since` is None while it does."""

    asked_at: datetime
    rules: Rules | None
    silent_since: datetime | None = None

    def asks_again(self, now: datetime) -> bool:
        """Tell whether it is time to look again."""
        return now - self.asked_at >= (_FRESH if self.silent_since is None else _TRY_AGAIN)

    def in_force(self, now: datetime) -> Rules | None:
        """Give the rules that count, None where nothing may be read: a site that never answered, for a month."""
        if self.silent_since is not None and now - self.silent_since >= _LONGEST_SILENCE:
            return Rules()
        return self.rules


def heard(now: datetime, rules: Rules) -> Known:
    """Remember an answer."""
    return Known(now, rules)


def silence(now: datetime, known: Known | None) -> Known:
    """Remember that there was no answer; what was asked of us before still counts."""
    if known is None:
        return Known(now, None, now)
    return Known(now, known.rules, known.silent_since or now)


def token(user_agent: str) -> str:
    """Give the name by which robots.txt calls us: what the user agent begins with."""
    found = _TOKEN.match(user_agent)
    return found[0].lower() if found else "phiwirebot"


def read(body: bytes, agent: str) -> Rules:
    """Read the rules of all groups that name `agent`, as `token` gave it, or else those for everybody."""
    # Of the groups only these two are kept: a file may name ten thousand agents, and ten thousand rules for each.
    groups: dict[str, list[tuple[str, str]]] = {}
    current: set[str] = set()
    naming = False
    for line in re.split(r"[\r\n]+", body[:LARGEST].decode("utf-8-sig", "replace")):
        name, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        name = name.lower()
        if name == "user-agent":
            called = _TOKEN.match(value)
            current = (current if naming else set()) | ({value, called[0].lower() if called else ""} & {"*", agent})
            for each in current:
                groups.setdefault(each, [])
            naming = True
        elif name in {"allow", "disallow", "crawl-delay"}:
            naming = False
            for each in current:
                groups[each].append((name, value))
    ours = groups.get(agent, groups.get("*", []))
    return Rules(
        tuple((_normal(value), name == "allow") for name, value in ours if name != "crawl-delay" and value),
        max((_seconds(value) for name, value in ours if name == "crawl-delay"), default=0.0),
    )


def _seconds(value: str) -> float:
    return float(value[:9]) if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", value, re.ASCII) else 0.0


def _normal(path: str) -> str:
    """Write a path as the others are: escapes in capitals, and none where there need not be one (2.2.2)."""
    path = quote(path, safe="!#$%&'()*+,/:;=?@[]~", errors="replace")

    def unescape(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return letter if _UNRESERVED.match(letter) else found[0].upper()

    return _ESCAPE.sub(unescape, path)


def _matches(pattern: str, path: str) -> bool:
    """Match * and a final $, piece by piece and never back: no pattern takes long."""
    anchored = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    last = pieces.pop() if anchored and pieces else None
    for piece in pieces:
        position = path.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    if last is not None:
        return path.endswith(last) and len(path) - len(last) >= position
    return not anchored or position == len(path)
