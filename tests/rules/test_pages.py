"""Long answers in pages: nothing lost, nothing twice, and each page fits into one of Telegram's messages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters import telegram_markup
from bot.commands import page_replies
from bot.ports import Reply, Span, is_row

SPANS = st.builds(
    Span,
    st.one_of(st.text(max_size=60), st.integers(0, 3000).map(lambda length: "ferry " * (length // 6))),
    bold=st.booleans(),
    code=st.booleans(),
    command=st.booleans(),
    url=st.sampled_from(["", "https://news.example/1"]),
)
LINES = st.lists(SPANS, max_size=3).map(tuple)
REPLIES = st.lists(LINES, max_size=150).map(tuple)


@given(REPLIES)
def test_pages_are_the_reply_and_each_is_one_message(reply: Reply) -> None:
    """A page that were two messages could not be turned."""
    cut = page_replies.pages(reply)
    assert tuple(line for page in cut for line in page) == reply
    for page in cut:
        assert len(list(telegram_markup.replies(page))) <= 1


def test_what_fits_is_one_page_without_buttons() -> None:
    """Most answers are short."""
    reply = ((Span("one"),), (Span("two"),))
    assert page_replies.pages(reply) == (reply,)
    assert page_replies.page((reply,), 0, 3, 9) == reply


def test_buttons_lead_on_and_back_and_say_where_one_is() -> None:
    """There is none that leads nowhere."""
    cut = page_replies.pages(tuple((Span("x" * 900),) for _ in range(12)))
    assert len(cut) == 4

    def row(number: int) -> list[tuple[str, str]]:
        (found,) = [line for line in page_replies.page(cut, number, 3, 9) if is_row(line)]
        return [(span.text, span.press) for span in found]

    assert row(0) == [("1/4", "g:3:9:0"), ("›", "g:3:9:1")]
    assert row(1) == [("‹", "g:3:9:0"), ("2/4", "g:3:9:1"), ("›", "g:3:9:2")]
    assert row(3) == [("‹", "g:3:9:2"), ("4/4", "g:3:9:3")]
