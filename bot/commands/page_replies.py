"""Cut long answers into pages, each of which fits into one message, with buttons that turn them."""

from __future__ import annotations

from bot.buttons import button
from bot.ports import Line, Reply, Span, is_row
from bot.sentences import say_line, say_line_count

# Less than Telegram's 4,096 characters and 100 marks, so that a line that names the channel fits above.
LONGEST = 3600
MOST_MARKS = 84
# As much of one run of text as is shown.
_LONGEST_SPAN = 1000


def pages(reply: Reply) -> tuple[Reply, ...]:
    """Cut a reply where lines end; what fits stays whole, and a line that is longer than a page is a page."""
    found: list[Reply] = []
    page: list[Line] = []
    length = marks = 0
    for each in reply:
        longer, more = _size(each)
        if page and (length + longer > LONGEST or marks + more > MOST_MARKS):
            found.append(tuple(page))
            page, length, marks = [], 0, 0
        page.append(each)
        length, marks = length + longer, marks + more
    return (*found, tuple(page))


def _size(shown: Line) -> tuple[int, int]:
    """Count the characters of a line and what Telegram counts of its marks."""
    if is_row(shown):
        return 0, 0
    length = sum(min(len(span.text), len(span.text) if span.block else _LONGEST_SPAN) + 1 for span in shown) + 1
    return length, sum(map(_marks, shown))


def _marks(span: Span) -> int:
    return span.bold + span.code + span.command + span.block + bool(span.url)


def page(cut: tuple[Reply, ...], number: int, channel: int, answer: int) -> Reply:
    """Show a page, counted from 0, above the buttons that lead to the others; the middle one shows it as it is now."""
    if len(cut) == 1:
        return cut[0]

    def to(label: str, other: int) -> Span:
        return button(label, "page", channel, str(answer), str(other))

    return (
        *cut[number],
        (
            *((to("‹", number - 1),) if number else ()),
            to(f"{number + 1}/{len(cut)}", number),
            *((to("›", number + 1),) if number < len(cut) - 1 else ()),
        ),
    )


def shorter(number: int) -> Reply:
    """Say that there are fewer pages by now."""
    return (
        say_line_count(
            number,
            "That has {number:,} page by now: this is the last.",
            "That has {number:,} pages by now: this is the last.",
        ),
    )


def too_old() -> Reply:
    """Say that nobody knows any more what was asked."""
    return (say_line("This answer is too old for its buttons: type the command again."),)
