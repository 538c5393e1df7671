"""Compose what an editor of filters shows: rows, what a draft would have matched, and who was faster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot import bidi, buttons, text
from bot.commands.caught import MANY_A_DAY, Caught, Seen
from bot.commands.filter_replies import VERBS, query_error, saved
from bot.commands.replies import bold, code, command, entry, line
from bot.editing_ports import Name, Problem, Row
from bot.filters.query import QueryError
from bot.filters.store import Touch
from bot.filters.tree import Query, format_query
from bot.languages import say, say_count, sentence
from bot.model import Channel, Subscription, SubscriptionKind
from bot.moments import at, moment
from bot.ports import Line, Reply
from bot.sentences import say_line, say_line_count

# Of a query, and of a name: a row is to be read at a glance.
LONGEST_SHOWN = 200
# Of the sentence beside a field that is wrong.
LONGEST_BRIEF = 300
_WOULD_HAVE: Mapping[bool, tuple[str, str, str]] = {
    False: (
        sentence("Nothing would have matched in the last {days} days."),
        sentence("{number:,} entry would have matched in the last {days} days:"),
        sentence("{number:,} entries would have matched in the last {days} days, such as:"),
    ),
    True: (
        sentence("Nothing would have been muted in the last {days} days."),
        sentence("{number:,} entry would have been muted in the last {days} days:"),
        sentence("{number:,} entries would have been muted in the last {days} days, such as:"),
    ),
}
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
    mark = "!" if subscription.urgent else ""
    return f"{VERBS[subscription.kind]}{mark} {text.shorten(subscription.query, LONGEST_SHOWN)}"


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
    one, many = sentence("{channel} has {number:,} filter."), sentence("{channel} has {number:,} filters.")
    return (say_line_count(number, one, many, channel=name), undo)


def row(number: int, each: Subscription, hits: int, timezone: str, now: datetime) -> Row:
    """Show a filter: what it is, what it brought, what is particular about it, and whose it is."""
    facts = [say_count(hits, "{number:,} in the last 7 days", "{number:,} in the last 7 days")]
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
    brief = say("{query}: {problem} Nothing was changed.", query=bidi.isolate(marked), problem=problem)
    return Problem(query_error(error), text.shorten(brief if query.strip() else problem, LONGEST_BRIEF))


def would_have(caught: Caught, kind: SubscriptionKind, timezone: str, now: datetime) -> Reply:
    """Say what a draft would have matched, with the newest examples."""
    if not caught.reach and not caught.moments:
        return (say_line("The wire is empty so far: what this would have matched is not known."),)
    nothing, one, many = _WOULD_HAVE[kind == "mute"]
    reach: Reply = ()
    if caught.reach < caught.days - 1:
        days = max(round(caught.reach), 1)
        reach = (say_line_count(days, "This wire reaches back {number} day.", "This wire reaches back {number} days."),)
    if not caught.moments:
        return (say_line(nothing, days=caught.days), *reach)
    counted = say_line_count(len(caught.moments), one, many, days=caught.days)
    return (counted, *(entry(each, timezone, now) for each in caught.examples), *reach)


def too_many(caught: Caught, narrower: Sequence[tuple[Query, Caught]]) -> Reply:
    """Warn of a draft that would bring more than anybody reads, and offer narrower ones."""
    return (
        say_line(
            "⚠ That is about {number} a day; more than {most} are more than most people read.",
            number=f"{caught.a_day:,.0f}",
            most=MANY_A_DAY,
        ),
        *(
            say_line(
                "{query} would bring about {number} a day.",
                query=code(text.shorten(format_query(each), LONGEST_SHOWN)),
                number=f"{less.a_day:,.0f}",
            )
            for each, less in narrower
        ),
    )


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
    filter_, undo = code(written(subscription)), command("undo")
    return (say_line("Deleted {filter}. {undo} brings it back.", filter=filter_, undo=undo),)


def marked(subscription: Subscription) -> Reply:
    """Confirm that a filter is urgent, or is not."""
    urgent, calm = (
        sentence("{filter} is urgent: what it brings is never held back."),
        sentence("{filter} is not urgent."),
    )
    return (say_line(urgent if subscription.urgent else calm, filter=code(written(subscription))),)


def full(most: int) -> Reply:
    """Say that there can be no more filters."""
    return (
        say_line("This channel has {most} filters, the most there can be: delete one first.", most=most),
        say_line("Nothing was changed."),
    )


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
