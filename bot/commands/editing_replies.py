"""Compose what an editor of filters shows: rows, what a draft would have matched, and who was faster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot import bidi, buttons, text
from bot.commands import filter_replies, preview_replies
from bot.commands.caught import Caught, Seen
from bot.commands.filter_replies import VERBS, query_error, saved
from bot.commands.replies import bold, code, command, line
from bot.editing_ports import Name, Problem, Row
from bot.filters.query import QueryError
from bot.filters.store import Touch
from bot.languages import say, say_count, sentence
from bot.model import Channel, Subscription, SubscriptionKind
from bot.moments import at, moment
from bot.ports import Line, Reply
from bot.sentences import say_line, say_line_count

# Of a query, and of a name: a row is to be read at a glance.
LONGEST_SHOWN = 200
# Of the sentence beside a field that is wrong.
LONGEST_BRIEF = 300
_TOUCHED = {
    "remove": sentence("{name} removed {filter} {moment}."),
    "lapse": sentence("{name} added {filter} anew {moment}, for it had ended."),
    "add": sentence("{name} brought {filter} back {moment}."),
    "end": sentence("{name} gave {filter} another end {moment}."),
    "urgent": sentence("{name} changed whether {filter} is urgent {moment}."),
    "silent": sentence("{name} changed whether {filter} is silent {moment}."),
}


def written(subscription: Subscription) -> str:
    """Write a filter as it was asked for, short enough for a line."""
    return filter_replies.written(_short(subscription))


def _short(subscription: Subscription) -> Subscription:
    return replace(subscription, query=text.shorten(subscription.query, LONGEST_SHOWN))


def head(channel: Channel, number: int) -> Reply:
    """Say whose filters these are, and that no change is for good."""
    undo = say_line("{undo} takes back each change, also what is deleted here.", undo=command("undo"))
    name = bold(channel.title)
    if not channel.title and not number:
        return (say_line("There are no filters here yet. Add one, and news comes."),)
    if not channel.title:
        return (say_line_count(number, "There is {number:,} filter here.", "There are {number:,} filters here."), undo)
    if not number:
        return (say_line("{channel} has no filters yet. Add one, and news comes.", channel=name),)
    counted = say_line_count(
        number, "{channel} has {number:,} filter.", "{channel} has {number:,} filters.", channel=name
    )
    return (counted, undo)


def row(number: int, each: Subscription, hits: int, timezone: str, now: datetime) -> Row:
    """Show a filter: what it is, what it brought, what is particular about it, and whose it is."""
    facts = [say("{number:,} in the last 7 days", number=hits)]
    if each.expires_at is not None:
        facts.append(say("until {moment}", moment=moment(each.expires_at, timezone, now)))
    facts += [say("urgent")] * each.urgent + [say("silent")] * each.silent
    facts.append(say("by {name}", name=bidi.isolate(each.created_by)))
    about = (line(f"{number}. ", code(written(each))), line(" · ".join(facts)))
    return Row(number, each.id, about, is_urgent=each.urgent, may_be_urgent=each.kind != "mute")


def nothing_written(kind: SubscriptionKind) -> Reply:
    """Say what a draft without words wants."""
    if kind == "follow":
        return (say_line("Choose whom to follow, or type a name that nobody here has had so far."),)
    return (say_line("Type words to look for, such as {query}.", query=code("nhs -football")),)


def wrong(error: QueryError) -> Reply:
    """Show a query as it is typed, with a caret under what is wrong."""
    return query_error(error)[:3]


def refused(error: QueryError) -> Problem:
    """Refuse to save a query, with a caret in it where it is wrong."""
    query, caret, problem = error.lines()
    place = len(caret) - 1
    marked = f"{query[:place]}‸{query[place:]}"
    brief = f"{bidi.isolate(marked)}: {problem}"
    return Problem(query_error(error), text.shorten(brief if query.strip() else problem, LONGEST_BRIEF))


def would_have(caught: Caught, kind: SubscriptionKind, timezone: str, now: datetime) -> Reply:
    """Say what a draft would have matched, with the newest examples."""
    if not caught.reach and not caught.moments:
        return (say_line("The wire is empty so far: what this would have matched is not known."),)
    return preview_replies.caught(caught, kind, timezone, now)


def never_seen(name: str) -> Line:
    """Say that a name is none that the wire has had."""
    return say_line("Nobody called {name} has been seen on this wire yet.", name=code(text.shorten(name, 100)))


def names(seen: Sequence[Seen], typed: str) -> tuple[Name, ...]:
    """Offer those who were seen, and where it is not empty what was typed."""
    found = [
        Name(each.name, say_count(each.entries, "{number:,} entry in a year", "{number:,} entries in a year"))
        for each in seen
    ]
    return (*found, *([Name(typed, say("not seen on this wire so far"))] if typed else []))


def done(kind: SubscriptionKind, query: str, until: str, remarks: Sequence[Line], *, is_new: bool) -> Reply:
    """Confirm that a draft is saved."""
    undo = (say_line("{undo} takes it back.", undo=command("undo")),) if is_new else ()
    return (saved(kind, text.shorten(query, LONGEST_SHOWN), until, is_new=is_new), *remarks, *undo)


def removed(subscription: Subscription) -> Reply:
    """Confirm that a filter is gone."""
    return (filter_replies.removed(_short(subscription)),)


def marked(subscription: Subscription) -> Reply:
    """Confirm that a filter is urgent, or is not."""
    return filter_replies.marked(_short(subscription), "urgent")


def full(most: int) -> Reply:
    """Say that there can be no more filters."""
    return (*filter_replies.full(most), say_line("Nothing was changed."))


def overtaken(touch: Touch, subscription: Subscription, timezone: str, now: datetime) -> Reply:
    """Say who changed a filter while somebody else edited it, and what it is now."""
    words = sentence("{name} changed {filter} {moment}.") if touch.heir else _TOUCHED[touch.action]
    filter_ = code(written(subscription))
    said = say_line(words, name=bold(touch.actor), filter=filter_, moment=at(touch.at, timezone, now))
    now_it_is = (say_line("Now it is {filter}.", filter=code(written(touch.heir))),) if touch.heir else ()
    return (said, *now_it_is, say_line("Nothing of yours was saved."))


def ended(subscription: Subscription) -> Reply:
    """Say that a mute has ended while somebody edited it."""
    return (
        say_line("{filter} has ended by itself.", filter=code(written(subscription))),
        say_line("Nothing of yours was saved."),
    )


def yours(kind: SubscriptionKind, words: str) -> Line:
    """Show what somebody had written, which the filter as it is now takes the place of."""
    return say_line("You had written {filter}.", filter=code(f"{VERBS[kind]} {text.shorten(words, 500)}"))


def as_a_new_one() -> Line:
    """Say what saving does where the filter is gone."""
    return say_line("Save adds what stands here as a new filter.")


def no_such() -> Reply:
    """Say that a filter is not there."""
    return (say_line("That filter is not here any more. Nothing was changed."),)


def elsewhere(*, has_editor: bool) -> Reply:
    """Say how filters are edited where typing cannot open an editor."""
    if has_editor:
        return (say_line("Type {edit} in a channel: it opens an editor for the filters.", edit=command("edit")),)
    return (
        say_line(
            "There is an editor on Slack alone. {filters} lists the filters, {subscribe} adds one, {unsubscribe} "
            "removes one, and {settings} shows what else can be set.",
            filters=command("filters"),
            subscribe=command("subscribe QUERY"),
            unsubscribe=command("unsubscribe NUMBER"),
            settings=command("settings"),
        ),
    )


def opener(channel: Channel) -> Line:
    """Make the button that opens the editor."""
    return (buttons.button(say("Edit filters"), "edit", channel.id),)
