"""Compose replies about filters: what they say and what they bring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import text
from bot.commands.caught import MANY_A_DAY, Caught, Seen
from bot.commands.replies import bold, code, command, entry, line
from bot.filters.query import QueryError
from bot.filters.store import Mark, Undone
from bot.filters.tree import Query, format_query
from bot.model import Subscription, SubscriptionKind
from bot.moments import at, moment
from bot.ports import Line, Reply, Span

VERBS: Mapping[str, str] = {"follow": "follow", "match": "subscribe", "mute": "mute"}
URGENT: Reply = ((Span("It is urgent: what it brings is never held back, however much comes."),),)
NEVER_SEEN = ("Nobody of that name has been seen on this wire yet.",)
MOST_OFFERED = 8
_BARS = "▁▂▃▄▅▆▇█"


def query_error(error: QueryError) -> Reply:
    """Show a query with a caret under what is wrong."""
    query, caret, problem = error.lines()
    return (line(code(query)), line(code(caret)), line(problem), line("Nothing was changed."))


def saved(kind: SubscriptionKind, query: str, until: str, *, is_new: bool) -> Line:
    """Confirm a filter."""
    what = {"follow": "Following ", "match": "Subscribed to ", "mute": "Muted "}[kind]
    already = "" if is_new or until else ", as it was already"
    return line(what, code(query), f" until {until}." if until else f"{already}.")


def removed(subscription: Subscription) -> Line:
    """Confirm that a filter is gone."""
    return line("Removed: ", code(written(subscription)), ". ", command("undo"), " brings it back.")


def marked(subscription: Subscription, mark: Mark) -> Reply:
    """Say whether what a filter brings is held back, or comes without a sound."""
    how = {
        ("urgent", True): " is urgent: what it brings is never held back.",
        ("urgent", False): " is as the others, and not urgent.",
        ("silent", True): " is silent: what only it brings comes without a sound on Telegram.",
        ("silent", False): " is as the others, and not silent.",
    }
    on = subscription.urgent if mark == "urgent" else subscription.silent
    return (line(code(written(subscription)), how[mark, on]),)


def written(subscription: Subscription) -> str:
    """Write a filter as it was asked for."""
    return f"{VERBS[subscription.kind]}{'!' if subscription.urgent else ''} {subscription.query}"


def which_author(name: str, seen: Sequence[Seen]) -> Reply:
    """Offer the authors that a name may mean."""
    more = len(seen) - MOST_OFFERED
    return (
        line("Several are called ", code(name), " on this wire. Whom do you mean?"),
        *(
            line("• ", command(f"follow {each.name}"), f" — {text.count(each.entries, 'entry', 'entries')} in a year")
            for each in seen[:MOST_OFFERED]
        ),
        *_more(more),
        line("All of them: ", command(f'follow "{name}"'), ". Nothing was changed."),
    )


def _more(number: int) -> Reply:
    return (line(f"and {number:,} more"),) if number > 0 else ()


def only_one(asked: str, found: str) -> str:
    """Say who was taken for the one that was asked for."""
    return f"{found} is the only one called “{asked}” on this wire so far."


def undone(change: Undone | None, timezone: str, now: datetime) -> Reply:
    """Say what was taken back."""
    if change is None:
        return (line("There is no change of filters here to take back."),)
    again = {
        "add": " is removed again",
        "remove": " is back",
        "end": " ends again as before",
        "urgent": " is held back or not as before",
        "silent": " comes with a sound or not as before",
    }
    return (
        line("Took back what ", change.actor, f" did {at(change.at, timezone, now)}:"),
        *(line("• ", code(written(each)), again[action]) for action, each in change.taken_back[:MOST_OFFERED]),
        *_more(len(change.taken_back) - MOST_OFFERED),
    )


def caught(caught: Caught, kind: SubscriptionKind, timezone: str, now: datetime) -> Reply:
    """Say briefly what a filter would have caught lately, with the newest examples."""
    verb = "would have been muted by" if kind == "mute" else "would have matched"
    if not caught.moments:
        return (line(f"Nothing in the last {caught.days} days {verb} it{_reach(caught)}."),)
    counted = text.count(len(caught.moments), "entry", "entries")
    such_as = ", such as:" if len(caught.moments) > len(caught.examples) else ":"
    return (
        line(f"In the last {caught.days} days {counted} {verb} it{_reach(caught)}{such_as}"),
        *(entry(each, timezone, now) for each in caught.examples),
    )


def preview(query: str, month: Caught, week: Caught, timezone: str, now: datetime) -> Reply:
    """Show what a query would have caught in a month and in a week, day by day, with the newest examples."""
    if not month.moments:
        nothing = f" would have matched nothing in the last {month.days} days{_reach(month)}."
        return (line(code(query), nothing),)
    zone = ZoneInfo(timezone)
    by_day = Counter(each.astimezone(zone).date() for each in month.moments)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=ago) for ago in range(month.days - 1, -1, -1)]
    in_week = len(week.moments)
    total = text.count(len(month.moments), "entry", "entries")
    return (
        line(
            code(query), f" would have matched {total} in the last {month.days} days, {in_week:,} of them in the last 7"
        ),
        line(
            code(_bars([by_day[day] for day in days])), f" a day, {max(by_day.values()):,} at the most{_reach(month)}"
        ),
        line(" · ".join(_day(day, by_day[day]) for day in days[-week.days :])),
        *(entry(each, timezone, now) for each in month.examples),
    )


def _day(day: date, count: int) -> str:
    return f"{day:%a} {day.day}: {count:,}"


def _bars(counts: Sequence[int]) -> str:
    """Draw a bar for each count; a day without any is a dot."""
    most = max(counts) or 1
    return "".join(_BARS[-(-count * len(_BARS) // most) - 1] if count else "·" for count in counts)


def _reach(caught: Caught) -> str:
    """Say so where the wire does not reach back as far as was asked."""
    if caught.reach >= caught.days - 1:
        return ""
    return f" (this wire reaches back {text.count(max(round(caught.reach), 1), 'day')})"


def too_many(caught: Caught, narrower: Sequence[tuple[Query, Caught]]) -> Reply:
    """Warn of a filter that brings more than anybody reads, and say how to narrow it."""
    return (
        line(
            "⚠ ",
            bold(f"That is about {caught.a_day:,.0f} a day."),
            f" More than {MANY_A_DAY} a day is more than most people read.",
        ),
        line(
            "Narrow it with ",
            code("subscribe"),
            " and another word, all of which must be there, or leave something out with a -",
            *((", such as:",) if narrower else (".",)),
        ),
        *(line("• ", code(format_query(each)), f" brings about {less.a_day:,.0f} a day") for each, less in narrower),
    )


def paused(until: str) -> Reply:
    """Say that the channel is paused."""
    return (line("Paused ", until, ": ", command("resume"), " lets messages through."),) if until else ()


def filters(
    subscriptions: Sequence[Subscription], week: Mapping[int, int], dead: Iterable[int], timezone: str, now: datetime
) -> Reply:
    """List a channel's filters with their numbers and what each brought in the last week."""
    if not subscriptions:
        return (line("No filters yet. Try ", command("follow Isabel Hardman"), " or ", command("subscribe nhs"), "."),)
    quiet = set(dead)
    listed = []
    for number, each in enumerate(subscriptions, 1):
        until = "" if each.expires_at is None else f", until {moment(each.expires_at, timezone, now)}"
        hits = "⚠ nothing in 30 days" if each.id in quiet else f"{week.get(each.id, 0):,} in the last 7 days"
        about = f" (by {each.created_by}{until}{', silent' if each.silent else ''}) — {hits}"
        listed.append(line(f"{number}. {VERBS[each.kind]}{'!' if each.urgent else ''} ", code(each.query), about))
    if quiet:
        remedy = "What brings nothing may be misspelt: "
        listed.append(
            line(remedy, command("preview QUERY"), " tries another, ", command("unsubscribe NUMBER"), " removes.")
        )
    return tuple(listed)


def exported(pages: Sequence[str], number: int) -> Reply:
    """Show a page of filters as lines to copy."""
    if not pages:
        return (line("No filters yet: there is nothing to export."),)
    more = (line("The next ones: ", command(f"export {number + 1}"), "."),) if number < len(pages) else ()
    return (
        line("Edit these lines and send them, here or in another channel, after ", command("import"), ":"),
        (Span(pages[number - 1].rstrip("\n"), block=True),),
        *more,
    )


def how_to_import() -> Reply:
    """Say what import reads."""
    return (
        line(command("import"), " reads filters, one a line, as ", command("export"), " writes them:"),
        (Span("import\nfollow Isabel Hardman\nsubscribe nhs -football\nmute football", block=True),),
        line("What is here already stays; ", command("import replace"), " removes what the lines do not name."),
    )


def imported(*, added: int, changed: int, kept: int, removed: int, ended: int, unnamed: int) -> Reply:
    """Say what an import did."""
    done = [f"{text.count(added, 'filter')} added"]
    counts = (
        (changed, "with a new end"),
        (kept, "there already"),
        (removed, "removed"),
        (ended, "left out, as it is over"),
    )
    done += [f"{number:,} {what}" for number, what in counts if number]
    undo = (" ", command("undo"), " takes it back.") if added or changed or removed else (" Nothing was changed.",)
    said = line(f"{', '.join(done)}.", *undo)
    if not unnamed:
        return (said,)
    others = f"{text.count(unnamed, 'other filter')} stayed; "
    return (said, line(others, command("import replace"), " keeps only the lines that you send."))


def no_filter_line(number: int, words: str) -> Reply:
    """Say that a line to import is no filter."""
    return (
        line(
            f"Line {number} is no filter: ",
            code(text.shorten(words, 100)),
            ". Lines begin with follow, subscribe or mute, some after the word silent, or with template.",
        ),
        line("Nothing was changed."),
    )


def no_end_line(number: int, words: str) -> Reply:
    """Say how a line names the end of a mute."""
    return (
        line(
            f"Line {number}: ",
            code(text.shorten(words, 100)),
            " seems to end in a duration. Lines name the moment, as in ",
        ),
        line(code("mute football until 2027-01-31 18:00"), ". Nothing was changed."),
    )


def unreadable_line(number: int, error: QueryError) -> Reply:
    """Show what is wrong in a line to import."""
    return (line(f"Line {number} cannot be read:"), *query_error(error))
