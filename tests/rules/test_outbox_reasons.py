"""Rules of why a message was not sent: written down in English, said in the language of whoever asks."""

from __future__ import annotations

import gettext

import pytest

from bot.languages import translating
from bot.outbox import reasons
from bot.outbox.policy import doubtful
from bot.outbox.reasons import why_unsent


class Shouting(gettext.NullTranslations):
    """A language that says what it knows in capitals, and has fields as they are."""

    def gettext(self, message: str) -> str:
        """Say a message aloud; only what is one of the bot's."""
        known = {reasons.NOBODY_KNOWS: "PERHAPS: {reason}", reasons.NO_ANSWER: "NOTHING FOR {seconds} SECONDS"}
        return known.get(message, message)


@pytest.mark.parametrize(
    "written",
    [
        reasons.LEFT_OUT,
        doubtful("Slack answered 503"),
        reasons.TOO_OLD.format(reason=doubtful("no answer within 60 seconds")),
        "Forbidden: {chat} was {0} deactivated",
    ],
)
def test_what_was_written_down_is_said_so_in_english(written: str) -> None:
    """Byte for byte, braces of a platform's too."""
    assert why_unsent(written) == written


def test_a_reason_within_a_reason_is_said_in_the_same_language() -> None:
    """One was the last of several tries."""
    written = doubtful(reasons.NO_ANSWER.format(seconds="60"))
    with translating(Shouting()):
        assert why_unsent(written) == "PERHAPS: NOTHING FOR 60 SECONDS"


def test_what_a_platform_answered_is_said_as_it_came() -> None:
    """It is no sentence of ours."""
    with translating(Shouting()):
        assert why_unsent("Bad Request: chat not found") == "Bad Request: chat not found"
