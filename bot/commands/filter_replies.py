"""Compose replies about filters: what they say and what they bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.commands.caught import Seen
from bot.commands.replies import code, command, line
from bot.filters.query import QueryError
from bot.filters.store import Mark, Undone
from bot.languages import say, say_count, sentence
from bot.model import Subscription, SubscriptionKind
from bot.moments import at, moment
from bot.ports import Line, Reply
from bot.sentences import say_line, say_line_count

VERBS: Mapping[str, str] = {"follow": "follow", "match": "subscribe", "mute": "mute"}
MOST_OFFERED = 8
_SAVED: Mapping[SubscriptionKind, str] = {
    "follow": sentence("Following {query}."),
    "match": sentence("Subscribed to {query}."),
    "mute": sentence("Muted {query}."),
}
_SAVED_ALREADY: Mapping[SubscriptionKind, str] = {
    "follow": sentence("Following {query}, as it was already."),
    "match": sentence("Subscribed to {query}, as it was already."),
    "mute": sentence("Muted {query}, as it was already."),
}
_SAVED_UNTIL: Mapping[SubscriptionKind, str] = {
    "follow": sentence("Following {query} until {moment}."),
    "match": sentence("Subscribed to {query} until {moment}."),
    "mute": sentence("Muted {query} until {moment}."),
}
_MARKED: Mapping[tuple[Mark, bool], str] = {
    ("urgent", True): sentence("{filter} is urgent: what it brings is never held back."),
    ("urgent", False): sentence("{filter} is as the others, and not urgent."),
    ("silent", True): sentence("{filter} is silent: what only it brings comes without a sound on Telegram."),
    ("silent", False): sentence("{filter} is as the others, and not silent."),
}
_UNDONE = {
    "add": sentence("{filter} is removed again"),
    "remove": sentence("{filter} is back"),
}
# What is so again, or no more: whether a filter ends, is urgent, is silent.
_UNDONE_ONE = {
    ("end", True): sentence("{filter} ends again {time}"),
    ("end", False): sentence("{filter} does not end any more"),
    ("urgent", True): sentence("{filter} is urgent again"),
    ("urgent", False): sentence("{filter} is not urgent any more"),
    ("silent", True): sentence("{filter} is silent again"),
    ("silent", False): sentence("{filter} is not silent any more"),
}
# Of a filter in the list: whether it ends, and whether it is silent.
_ABOUT = {
    (False, False): sentence("(by {name})"),
    (True, False): sentence("(by {name}, until {moment})"),
    (False, True): sentence("(by {name}, silent)"),
    (True, True): sentence("(by {name}, until {moment}, silent)"),
}


def query_error(error: QueryError) -> Reply:
    """Show a query with a caret under what is wrong."""
    query, caret, problem = error.lines()
    return (line(code(query)), line(code(caret)), line(problem), say_line("Nothing was changed."))


def saved(kind: SubscriptionKind, query: str, until: str, *, is_new: bool) -> Line:
    """Confirm a filter."""
    if until:
        return say_line(_SAVED_UNTIL[kind], query=code(query), moment=until)
    return say_line((_SAVED if is_new else _SAVED_ALREADY)[kind], query=code(query))


def urgent() -> Line:
    """Say what an urgent filter does."""
    return say_line("It is urgent: what it brings is never held back, however much comes.")


def removed(subscription: Subscription) -> Line:
    """Confirm that a filter is gone."""
    return say_line(
        "Removed: {filter}. {undo} brings it back.", filter=code(written(subscription)), undo=command("undo")
    )


def marked(subscription: Subscription, mark: Mark) -> Reply:
    """Say whether what a filter brings is held back, or comes without a sound."""
    on = subscription.urgent if mark == "urgent" else subscription.silent
    return (say_line(_MARKED[mark, on], filter=code(written(subscription))),)


def written(subscription: Subscription) -> str:
    """Write a filter as it was asked for."""
    return f"{VERBS[subscription.kind]}{'!' if subscription.urgent else ''} {subscription.query}"


def which_author(name: str, seen: Sequence[Seen]) -> Reply:
    """Offer the authors that a name may mean."""
    more = len(seen) - MOST_OFFERED
    return (
        say_line("Several are called {name} on this wire. Whom do you mean?", name=code(name)),
        *(line("• ", command(f"follow {each.name}"), f" — {_in_a_year(each.entries)}") for each in seen[:MOST_OFFERED]),
        *_more(more),
        say_line("All of them: {follow}. Nothing was changed.", follow=command(f'follow "{name}"')),
    )


def _in_a_year(entries: int) -> str:
    return say_count(entries, "{number:,} entry in a year", "{number:,} entries in a year")


def _more(number: int) -> Reply:
    return (say_line_count(number, "and {number:,} more", "and {number:,} more"),) if number > 0 else ()


def never_seen() -> str:
    """Say that the name may be misspelt."""
    return say("Nobody of that name has been seen on this wire yet.")


def only_one(asked: str, found: str) -> str:
    """Say who was taken for the one that was asked for."""
    return say("{found} is the only one called “{asked}” on this wire so far.", found=found, asked=asked)


def undone(change: Undone | None, timezone: str, now: datetime) -> Reply:
    """Say what was taken back."""
    if change is None:
        return (say_line("There is no change of filters here to take back."),)
    shown = [_undone(action, each, timezone, now) for action, each in change.taken_back[:MOST_OFFERED]]
    return (
        say_line("Took back what {name} did {moment}:", name=change.actor, moment=at(change.at, timezone, now)),
        *(line("• ", *each) for each in shown),
        *_more(len(change.taken_back) - MOST_OFFERED),
    )


def _undone(action: str, subscription: Subscription, timezone: str, now: datetime) -> Line:
    shown, end = code(written(subscription)), subscription.expires_at
    if action in _UNDONE:
        return say_line(_UNDONE[action], filter=shown)
    is_so = {"end": end is not None, "urgent": subscription.urgent, "silent": subscription.silent}[action]
    time = "" if end is None else at(end, timezone, now)
    return say_line(_UNDONE_ONE[action, is_so], filter=shown, time=time)


def paused(until: str) -> Line:
    """Say that the channel is paused; empty is until somebody lets messages through."""
    resume = command("resume")
    if not until:
        return say_line("Paused until you resume: {resume} lets messages through.", resume=resume)
    return say_line("Paused until {moment}: {resume} lets messages through.", moment=until, resume=resume)


def full(most: int) -> Reply:
    """Say that there can be no more filters."""
    return (say_line("This channel has {most} filters, the most there can be: remove one first.", most=most),)


def no_such(asked: str) -> Line:
    """Say that no filter is meant, above the list of them."""
    return say_line("There is no such filter here: {filter}. Nothing was changed.", filter=code(asked))


def which(mark: Mark) -> Line:
    """Ask which filter is meant, above the list of them."""
    return say_line("Which filter? {mark} takes its number. Nothing was changed.", mark=command(f"{mark} 1"))


def filters(
    subscriptions: Sequence[Subscription], week: Mapping[int, int], dead: Iterable[int], timezone: str, now: datetime
) -> Reply:
    """List a channel's filters with their numbers and what each brought in the last week."""
    if not subscriptions:
        return (
            say_line(
                "No filters yet. Try {follow} or {subscribe}.",
                follow=command("follow Isabel Hardman"),
                subscribe=command("subscribe nhs"),
            ),
        )
    quiet = set(dead)
    listed = []
    for number, each in enumerate(subscriptions, 1):
        until = "" if each.expires_at is None else moment(each.expires_at, timezone, now)
        about = say(_ABOUT[bool(until), each.silent], name=each.created_by, moment=until)
        hits = (
            say("⚠ nothing in 30 days")
            if each.id in quiet
            else say("{number:,} in the last 7 days", number=week.get(each.id, 0))
        )
        verb = f"{VERBS[each.kind]}{'!' if each.urgent else ''}"
        listed.append(line(f"{number}. {verb} ", code(each.query), f" {about} — {hits}"))
    if quiet:
        query, one = say("QUERY"), say("NUMBER")
        listed.append(
            say_line(
                "What brings nothing may be misspelt: {preview} tries another, {unsubscribe} removes.",
                preview=command(f"preview {query}"),
                unsubscribe=command(f"unsubscribe {one}"),
            )
        )
    return tuple(listed)
