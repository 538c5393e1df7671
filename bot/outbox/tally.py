"""Count what a platform answered since the start, for those who watch."""

from __future__ import annotations

from collections import Counter

from bot.outcomes import Ambiguous, Outcome, Throttled, Unavailable


class Tally:
    """One platform's answers: `answers` by outcome, `unanswered` sends in a row, and how many moved the queue on."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.unanswered = 0
        self.moved = 0

    def count(self, outcome: Outcome) -> None:
        """Take note of an outcome. What a platform asks to wait for is an answer, and moves nothing."""
        self.answers[type(outcome).__name__.lower()] += 1
        if isinstance(outcome, Ambiguous) or (isinstance(outcome, Unavailable) and outcome.scope == "token"):
            self.unanswered += 1
            return
        self.unanswered = 0
        self.moved += not isinstance(outcome, Throttled)
