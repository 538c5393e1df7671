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
SLACK_ANSWERED = sentence("Slack answered {error}")
NO_HISTORY = sentence("its history cannot be read ({error})")
_WITH_FIELDS = (NOBODY_KNOWS, TOO_OLD, NO_ANSWER, UNEXPECTED, NO_SLACK, SLACK_ANSWERED, NO_HISTORY)


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
