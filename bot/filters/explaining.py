"""What of an entry brought it to a channel: fill in the reasons of a delivery what was found."""

from __future__ import annotations

from dataclasses import replace

from bot.filters import document, evaluation, reading
from bot.filters.document import Document
from bot.filters.people import NO_ALIASES, Aliases
from bot.filters.query import QueryError
from bot.model import Delivery, Found, Reason

# A message shows fewer, and a channel of thousands of filters must not hold the others up.
MOST = 20


def explained(delivery: Delivery, aliases: Aliases = NO_ALIASES) -> Delivery:
    """Say for the first reasons of a delivery which terms of their queries the entry has, and where."""
    read = document.of_entry(delivery.entry, aliases)
    first = tuple(replace(reason, found=_found(reason, read)) for reason in delivery.reasons[:MOST])
    return replace(delivery, reasons=first + delivery.reasons[MOST:])


def _found(reason: Reason, read: Document) -> tuple[Found, ...]:
    """Explain a reason; a query that cannot be read any more found nothing."""
    try:
        return evaluation.explain(reading.query_of(reason.kind, reason.query), read)
    except QueryError:
        return ()
