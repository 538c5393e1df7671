"""Compose replies about filters that go out and come in as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from bot import text
from bot.commands.filter_replies import query_error
from bot.commands.replies import code, command
from bot.filters.query import QueryError
from bot.languages import say_count
from bot.ports import Reply, Span
from bot.sentences import say_line, say_line_count


def exported(pages: Sequence[str], number: int) -> Reply:
    """Show a page of filters as lines to copy."""
    if not pages:
        return (say_line("No filters yet: there is nothing to export."),)
    more = (say_line("The next ones: {export}.", export=command(f"export {number + 1}")),)
    return (
        say_line(
            "Edit these lines and send them, here or in another channel, after {command}:", command=command("import")
        ),
        (Span(pages[number - 1].rstrip("\n"), block=True),),
        *(more if number < len(pages) else ()),
    )


def no_page(number: int, last: int) -> Reply:
    """Say how many pages there are."""
    return (
        say_line("There is no page {number}: {export} has {last}.", number=number, export=command("export"), last=last),
    )


def how_to_import() -> Reply:
    """Say what import reads."""
    return (
        say_line(
            "{command} reads filters, one a line, as {export} writes them:",
            command=command("import"),
            export=command("export"),
        ),
        (Span("import\nfollow Isabel Hardman\nsubscribe nhs -football\nmute football", block=True),),
        say_line(
            "What is here already stays; {replace} removes what the lines do not name.",
            replace=command("import replace"),
        ),
    )


def imported(*, added: int, changed: int, kept: int, removed: int, ended: int, unnamed: int) -> Reply:
    """Say what an import did."""
    counts = (
        (changed, say_count(changed, "{number:,} with a new end", "{number:,} with a new end")),
        (kept, say_count(kept, "{number:,} there already", "{number:,} there already")),
        (removed, say_count(removed, "{number:,} removed", "{number:,} removed")),
        (ended, say_count(ended, "{number:,} left out, as it is over", "{number:,} left out, as they are over")),
    )
    done = [
        say_count(added, "{number:,} filter added", "{number:,} filters added"),
        *(said for number, said in counts if number),
    ]
    shown = ", ".join(done)
    said = (
        say_line("{done}. {undo} takes it back.", done=shown, undo=command("undo"))
        if added or changed or removed
        else say_line("{done}. Nothing was changed.", done=shown)
    )
    if not unnamed:
        return (said,)
    return (
        said,
        say_line_count(
            unnamed,
            "{number:,} other filter stayed; {replace} keeps only the lines that you send.",
            "{number:,} other filters stayed; {replace} keeps only the lines that you send.",
            replace=command("import replace"),
        ),
    )


def template_too() -> Reply:
    """Say that the template was among the lines."""
    return (say_line("The template is as the lines say."),)


def too_many(number: int, most: int) -> Reply:
    """Say that these are more filters than a channel can have."""
    return (
        say_line_count(
            number,
            "This is {number} filter; {most} are the most. Nothing was changed.",
            "These are {number} filters; {most} are the most. Nothing was changed.",
            most=most,
        ),
    )


def too_many_with_these(most: int) -> Reply:
    """Say that these are too many with what is there."""
    return (say_line("With these this channel would have more than {most} filters. Nothing was changed.", most=most),)


def no_filter_line(number: int, words: str) -> Reply:
    """Say that a line to import is no filter."""
    return (
        say_line(
            "Line {number} is no filter: {line}. Lines begin with {follow}, {subscribe} or {mute}, some after the word "
            "{silent}, or with {template}.",
            number=number,
            line=code(text.shorten(words, 100)),
            follow="follow",
            subscribe="subscribe",
            mute="mute",
            silent="silent",
            template="template",
        ),
        say_line("Nothing was changed."),
    )


def no_end_line(number: int, words: str) -> Reply:
    """Say how a line names the end of a mute."""
    return (
        say_line(
            "Line {number}: {line} seems to end in a duration. Lines name the moment, as in {example}. "
            "Nothing was changed.",
            number=number,
            line=code(text.shorten(words, 100)),
            example=code("mute football until 2027-01-31 18:00"),
        ),
    )


def unreadable_line(number: int, error: QueryError) -> Reply:
    """Show what is wrong in a line to import."""
    return (say_line("Line {number} cannot be read:", number=number), *query_error(error))
