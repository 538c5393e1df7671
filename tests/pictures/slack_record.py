"""Read Block Kit as people see it (docs.slack.dev/reference/block-kit, and formatting of mrkdwn)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.pictures.slack_shots import Buttons, Input, Part, Rule, Words

ZONE = ZoneInfo("Europe/London")
Json = Mapping[str, Any]
Run = tuple[str, tuple[str, ...]]
_STYLES = {"bold": "bold", "italic": "italic", "strike": "strikethrough", "code": "code"}
_MARKS = {"*": "bold", "_": "italic", "~": "strikethrough"}
# Links and dates, blocks of code, code, and the marks of styles, which stand beside white space or signs.
_MRKDWN = re.compile(
    r"<(?P<link>[^>|]+)(?:\|(?P<label>[^>]*))?>|```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`"
    r"|(?<!\w)(?P<mark>[*_~])(?P<marked>[^\s].*?)(?<=\S)(?P=mark)(?!\w)",
    re.DOTALL,
)
_DATE = re.compile(r"!date\^(\d+)\^([^^]+)")
_FORMATS = {
    "{date_short_pretty}": "%-d %b",
    "{date_short}": "%-d %b %Y",
    "{date_num}": "%Y-%m-%d",
    "{date}": "%-d %B %Y",
    "{time}": "%H:%M",
}


def parts(blocks: Iterable[Json]) -> tuple[Part, ...]:
    """Read blocks."""
    return tuple(part for block in blocks for part in _block(block))


def plain(mrkdwn: str) -> tuple[Part, ...]:
    """Read a message that has no blocks."""
    return (_words(_mrkdwn(mrkdwn)),)


def _block(block: Json) -> Iterator[Part]:
    match block["type"]:
        case "divider":
            yield Rule()
        case "header":
            yield Words(block["text"]["text"], title=True)
        case "context":
            texts = [
                run for each in block["elements"] if each["type"] != "image" for run in [*_object(each), (" ", ())]
            ]
            yield _words(texts[:-1], small=True, icon=any(each["type"] == "image" for each in block["elements"]))
        case "actions":
            yield _buttons(block["elements"])
        case "input":
            yield _input(block)
        case "section":
            yield from _section(block)
        case "rich_text":
            yield _words([run for each in block["elements"] for run in _rich(each)])


def _section(block: Json) -> Iterator[Part]:
    beside = block.get("accessory") or {}
    menu = tuple(each["text"]["text"] for each in beside.get("options", ())) if beside.get("type") == "overflow" else ()
    button = beside["text"]["text"] if beside.get("type") == "button" else ""
    runs = list(_object(block["text"])) if "text" in block else []
    for each in block.get("fields", ()):
        runs += [("\n", ()), *_object(each)] if runs else _object(each)
    yield _words(runs, menu=menu, button=button)
    if beside and not menu and not button:
        yield _buttons([beside])


def _buttons(elements: Iterable[Json]) -> Buttons:
    labels, drops, main = [], set(), set()
    for each in elements:
        label = _shown(each)
        labels.append(label)
        if each["type"] != "button":
            drops.add(label)
        if each.get("style") == "primary":
            main.add(label)
    return Buttons(tuple(labels), frozenset(drops), frozenset(main))


def _shown(element: Json) -> str:
    """Tell what stands on a button, or in a list that is closed."""
    if element["type"] == "overflow":
        return "⋯"
    chosen = element.get("initial_option")
    words = chosen["text"] if chosen else element.get("text") or element.get("placeholder") or {"text": ""}
    return str(words["text"])


def _input(block: Json) -> Input:
    element = block["element"]
    kind, hint = element["type"], (block.get("hint") or {}).get("text", "")
    if kind in {"radio_buttons", "checkboxes"}:
        chosen = [each["value"] for each in element.get("initial_options", ())]
        chosen += [element["initial_option"]["value"]] if "initial_option" in element else []
        choices = tuple((each["text"]["text"], each["value"] in chosen) for each in element["options"])
        return Input(block["label"]["text"], "", below=hint, choices=choices)
    if kind == "plain_text_input":
        value, hinted = element.get("initial_value", ""), (element.get("placeholder") or {}).get("text", "")
        return Input(block["label"]["text"], value or hinted, is_hint=not value, below=hint)
    return Input(block["label"]["text"], _shown(element), "initial_option" not in element, hint, drops=True)


def _object(text: Json) -> Iterator[Run]:
    if text["type"] == "mrkdwn":
        yield from _mrkdwn(text["text"])
    else:
        yield text["text"], ()


def _rich(element: Json) -> Iterator[Run]:
    style = {"rich_text_quote": ("blockquote",), "rich_text_preformatted": ("pre",)}.get(element["type"], ())
    for each in element["elements"]:
        named = tuple(_STYLES[name] for name, is_on in (each.get("style") or {}).items() if is_on and name in _STYLES)
        link = ("text_link",) if each["type"] == "link" else ()
        yield each.get("text") or each.get("url") or f":{each.get('name', '')}:", (*style, *named, *link)
    if style:
        yield "\n", ()


def _mrkdwn(written: str) -> Iterator[Run]:
    for number, line in enumerate(re.split(r"\n(?=&gt;|> )", written)):
        quoted = re.match(r"(?:&gt;|>) ?", line)
        style = ("blockquote",) if quoted else ()
        if number:
            yield "\n", ()
        for words, styles in _inline(line[quoted.end() :] if quoted else line):
            yield words, (*style, *styles)


def _inline(written: str) -> Iterator[Run]:
    at = 0
    for found in _MRKDWN.finditer(written):
        yield html.unescape(written[at : found.start()]), ()
        at = found.end()
        if found["link"]:
            yield _linked(found["link"], found["label"])
        elif found["mark"]:
            style = _MARKS[found["mark"]]
            for words, styles in _inline(found["marked"]):
                yield words, (style, *styles)
        else:
            pre = found["pre"]
            yield html.unescape((pre or found["code"]).strip("\n")), ("pre" if pre else "code",)
    yield html.unescape(written[at:]), ()


def _linked(link: str, label: str | None) -> Run:
    date = _DATE.match(link)
    if date is None:
        return html.unescape(label or link), ("text_link",)
    shown, local = date[2], datetime.fromtimestamp(int(date[1]), ZONE)
    for token, form in _FORMATS.items():
        shown = shown.replace(token, f"{local:{form}}")
    return shown, ()


def _words(runs: Iterable[Run], **more: Any) -> Words:
    text, at = "", 0
    entities: list[dict[str, Any]] = []
    for words, styles in runs:
        length = len(words.encode("utf-16-le")) // 2
        entities += [{"type": style, "offset": at, "length": length} for style in styles if length]
        text, at = text + words, at + length
    return Words(text.rstrip("\n"), tuple(each for each in entities if each["offset"] < at), **more)
