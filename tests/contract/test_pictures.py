"""The pictures in docs/ are what the bot says now, they are legible, and docs/telegram.md shows them all."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.pictures.conversations.catalogue import CONVERSATIONS, Conversation
from tests.pictures.drawing import WIDTH
from tests.pictures.layout import lines_of
from tests.pictures.shots import Bubble, Picture, Window
from tests.pictures.windows import draw

DOCS = Path(__file__).parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
AGAIN = "the bot says something else now: look at what `python -m tests.pictures` draws, and commit it"
each = pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda each: each.play.__name__)


@each
async def test_picture_is_what_the_bot_says(conversation: Conversation) -> None:
    """A picture that is not drawn anew shows a bot that was."""
    picture = await conversation.drawn()
    assert picture == (DOCS / conversation.file).read_text("utf-8"), AGAIN


@each
def test_no_text_leaves_its_bubble(conversation: Conversation) -> None:
    """Widths are measured, so that whatever font draws it keeps to them."""
    root = ET.parse(DOCS / conversation.file).getroot()  # noqa: S314 (our own file)
    boxes = 0
    for group in root.iter(f"{SVG}g"):
        if group.get("class") in {"o", "m", "a", "w", "k"}:
            boxes += 1
            _check_texts(group, is_keys=group.get("class") == "k")
    assert boxes
    for text in root.iter(f"{SVG}text"):
        start, end = _reach(text)
        assert 0 <= start < end <= WIDTH, text.itertext()


def _check_texts(group: ET.Element, *, is_keys: bool) -> None:
    box: ET.Element | None = None
    for child in group:
        if child.tag == f"{SVG}rect" and (box is None or is_keys):
            box = child
        if child.tag == f"{SVG}text" and child.get("textLength"):
            assert box is not None
            left, width = float(box.get("x", "")), float(box.get("width", ""))
            start, end = _reach(child)
            assert left <= start, "".join(child.itertext())
            assert end <= left + width + 0.1, "".join(child.itertext())


def _reach(text: ET.Element) -> tuple[float, float]:
    """Say from where to where a text goes; the initials in faces have no measured length."""
    x, length = float(text.get("x", "")), float(text.get("textLength", "10"))
    begins = 1.0 if text.get("direction") == "rtl" else 0.0
    start = x - length * {"start": begins, "middle": 0.5, "end": 1.0 - begins}[text.get("text-anchor", "start")]
    return start, start + length


@each
def test_picture_stands_alone(conversation: Conversation) -> None:
    """It loads nothing, runs nothing, and tells everything to whoever does not see it."""
    root = ET.parse(DOCS / conversation.file).getroot()  # noqa: S314 (our own file)
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert not names & {"script", "image", "use", "foreignObject", "a"}
    assert not [key for element in root.iter() for key in element.attrib if key.endswith("href")]
    assert "url(" not in (root.findtext(f"{SVG}style") or "")
    assert root.findtext(f"{SVG}title") == conversation.title
    told = root.findtext(f"{SVG}desc") or ""
    for text in root.iter(f"{SVG}text"):
        shown = "".join(text.itertext()).rstrip("…")
        assert len(shown) < 2 or shown == "OK" or shown.split()[0].rstrip(",") in told, shown


@pytest.mark.parametrize("platform", ["telegram", "slack"])
def test_document_shows_every_picture_with_its_words(platform: str) -> None:
    """Whoever does not see a picture reads what it is of; and none is drawn for nothing, or missing."""
    document = (DOCS / f"{platform}.md").read_text("utf-8")
    beginning = f"pictures/{platform}-"
    shown = {
        name: unescape(alt) for name, alt in re.findall(r'<img src="([^"]+)" alt="([^"]+)" width="\d+">', document)
    }
    assert len(shown) == document.count("<img")
    assert shown == {each.file: each.title for each in CONVERSATIONS if each.file.startswith(beginning)}
    assert {f"pictures/{path.name}" for path in (DOCS / "pictures").glob(f"{platform}-*")} == shown.keys()


def test_readme_shows_the_first() -> None:
    """It is the first thing that people see of the bot."""
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    assert f'src="docs/{CONVERSATIONS[0].file}"' in readme
    assert "docs/telegram.md" in readme


FORMATS = {
    "a word here": ("bold", "italic", "underline", "strikethrough", "spoiler", "code", "text_link"),
    "a\nword\nhere": ("pre", "blockquote", "expandable_blockquote"),
}


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for text, kinds in FORMATS.items() for kind in kinds])
def test_every_format_is_drawn(text: str, kind: str) -> None:
    """Also those that no conversation has at the moment."""
    entity = {"type": kind, "offset": 2, "length": 4}
    plain = draw(Picture("x", (Window("x", "y", [Bubble("PhiWire", text, "09:00")]),)))
    marked = draw(Picture("x", (Window("x", "y", [Bubble("PhiWire", text, "09:00", (entity,))]),)))
    assert plain != marked
    assert ET.fromstring(marked) is not None  # noqa: S314 (our own)


def test_expandable_quotation_shows_its_beginning_until_it_is_opened() -> None:
    """As in the chat, where it is there for those who want it."""
    text = "\n".join(f"Line {number}" for number in range(9))
    entity = {"type": "expandable_blockquote", "offset": 0, "length": len(text)}
    assert len(lines_of(Bubble("PhiWire", text, "09:00", (entity,)), 400)) == 3
    assert len(lines_of(Bubble("PhiWire", text, "09:00", (entity,), opened=True), 400)) == 9


def test_beginning_of_a_quotation_is_three_lines_with_words() -> None:
    """What is cut ends where the arrow has room."""
    text = "One\n\n" + "two " * 60
    entity = {"type": "expandable_blockquote", "offset": 0, "length": len(text)}
    lines = lines_of(Bubble("PhiWire", text, "09:00", (entity,)), 400)
    assert [bool(line.characters) for line in lines] == [True, False, True, True]
    assert "".join(letter for letter, _ in lines[-1].characters).endswith("…")
    assert lines[-1].text_width <= 400 - 12 - 24


def test_long_message_shows_its_beginning_and_its_end() -> None:
    """Nobody looks at a picture of sixty lines; whoever does not see it hears them all."""
    message = Bubble("PhiWire", "\n".join(f"Line {number}" for number in range(60)), "09:00")
    shown = ["".join(letter for letter, _ in line.characters) for line in lines_of(message, 400)]
    assert shown == [*(f"Line {n}" for n in range(5)), "⋮", *(f"Line {n}" for n in range(55, 60))]
    assert "Line 30" in draw(Picture("x", (Window("x", "y", [message]),)))


@pytest.mark.parametrize(
    ("text", "is_from_right"),
    [
        ("📰 ميناء now", True),
        ("מעבורת", True),
        ("Now ميناء", False),
        ("• \u2068ميناء\u2069 | now", False),
        ("12", False),
    ],
)
def test_paragraph_runs_as_its_first_word(text: str, is_from_right: bool) -> None:
    """As Telegram shows it; what is isolated decides nothing."""
    (line,) = lines_of(Bubble("PhiWire", text, "09:00"), 400)
    assert line.from_right == is_from_right
    assert (' direction="rtl"' in draw(Picture("x", (Window("x", "y", [Bubble("PhiWire", text, "09:00")]),)))) == (
        is_from_right
    )


def test_words_longer_than_a_line_are_broken() -> None:
    """Such as addresses, and names in other scripts."""
    for text in ("https://example.org/" + "a" * 200, "漢字" * 60, "👩‍👩‍👧" * 40):
        lines = lines_of(Bubble("PhiWire", text, "09:00"), 300)
        assert "".join(letter for line in lines for letter, _ in line.characters) == text
        assert max(line.width for line in lines) <= 300
