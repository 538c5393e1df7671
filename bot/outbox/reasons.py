"""Why messages were not sent: written down in English, and said later to whoever asks."""

from __future__ import annotations

import re
from functools import cache
from string import Formatter

from bot.languages import say, sentence, translated

NOBODY_KNOWS = sentence("{reason}; it may have arrived, nobody can tell")
LEFT_OUT = sentence("more came than one wants to read: left to `latest`")
AFTER_A_PAUSE = sentence("older than the catch-up after a pause")
TOO_OLD = sentence("too old when it could be sent; last: {reason}")
NO_ANSWER = sentence("no answer within {seconds} seconds")
UNEXPECTED = sentence("an unexpected {error} in the adapter; please report it")
NO_SLACK = sentence("Slack did not answer ({error})")
SLACK_ANSWERS = sentence("Slack answers {error}")
NO_TOKEN = sentence("Slack answers {error} to SLACK_BOT_TOKEN")
SLACK_ANSWERED = sentence("Slack answered {error}")
NO_HISTORY = sentence("its history cannot be read ({error})")
NOT_AMONG = sentence("it is not among the newest {number} messages of its conversation")
THROTTLED = sentence("throttled for {seconds} s")
# The first that fits is said.
_WITH_FIELDS = (
    TOO_OLD,
    NOBODY_KNOWS,
    NO_ANSWER,
    UNEXPECTED,
    NO_SLACK,
    NO_TOKEN,
    SLACK_ANSWERS,
    SLACK_ANSWERED,
    NO_HISTORY,
    NOT_AMONG,
    THROTTLED,
)


def why_unsent(written: str) -> str:
    """Say a reason that was written down; what a platform answered is said as it came."""
    for message in _WITH_FIELDS:
        if (found := _form(message).fullmatch(written)) is not None:
            fields = found.groupdict()
            if "reason" in fields:
                fields["reason"] = why_unsent(fields["reason"])
            return say(message, **fields)
    return translated(written)


@cache
def _form(message: str) -> re.Pattern[str]:
    pieces = ((re.escape(words), name) for words, name, _, _ in Formatter().parse(message))
    return re.compile("".join(f"{words}(?P<{name}>.*)" if name else words for words, name in pieces), re.DOTALL)
