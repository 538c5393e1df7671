"""Draw what stands in Slack's messages and views. Each function gives the drawing and its height."""

from __future__ import annotations

from collections.abc import Sequence

from tests.pictures.drawing import Drawn, box, paragraphs, text
from tests.pictures.layout import lines_of, plain_lines, shortened, width_of
from tests.pictures.shots import Bubble
from tests.pictures.slack_shots import Buttons, Input, Part, Rule, Words

LINK, EDGE, GREY, RED, GREEN = "#1264a3", "#c9ced3", "#616061", "#b3261e", "#007a5a"
KEY, KEY_HEIGHT, GAP = 13.0, 29.0, 6.0
MENU_WIDTH = 170.0


def part(shown: Part, left: float, top: float, width: float, pressed: str) -> Drawn:
    """Draw a part of a message or a view."""
    match shown:
        case Words():
            return _words(shown, left, top, width, pressed)
        case Buttons():
            return _buttons(shown, left, top, width, pressed)
        case Input():
            return _input(shown, left, top, width)
        case Rule():
            return f'<path d="M{left:.1f} {top + 7:.1f}h{width:.1f}" stroke="#dddddd"/>', 14


def _words(shown: Words, left: float, top: float, width: float, pressed: str) -> Drawn:
    if shown.title:
        return text(shortened(shown.text, 17, width, bold=True), left, top + 19, 17, kind="b"), 26
    if shown.small:
        return _context(shown, left, top, width)
    beside = 40.0 if shown.menu else width_of(shown.button, KEY) + 40 if shown.button else 0.0
    lines = lines_of(Bubble("", shown.text, "", shown.entities, opened=True), width - beside)
    drawn, tall = paragraphs(lines, left, top, width - beside)
    parts = [drawn]
    if shown.button:
        key, _ = _key(shown.button, left + width - beside + 16, top, is_pressed=shown.button == pressed)
        parts.append(key)
    if shown.menu:
        menu, deep = _menu(shown.menu, left + width - 30, top, pressed)
        parts.append(menu)
        tall = max(tall, deep)
    return "\n".join(parts), max(tall, KEY_HEIGHT if beside else 0)


def _context(shown: Words, left: float, top: float, width: float) -> Drawn:
    """Draw the grey lines below a message, with a source's icon before them."""
    parts, start = [], left
    if shown.icon:
        parts.append(box(left, top + 2, 14, 14, 3, "#7a5fc2"))
        start += 20
    y = top
    for line in plain_lines(shown.text, (width - (start - left)) * 15 / 12.5):
        words = "".join(letter for letter, _ in line.characters)
        parts.append(text(words, start, y + 13, 12.5, fill=GREY))
        y += 17
    return "\n".join(parts), y - top


def _menu(options: Sequence[str], left: float, top: float, pressed: str) -> Drawn:
    """Draw the three dots, and where one of what is behind them was pressed, all of it."""
    dots = "".join(f'<circle cx="{left + 9 + 6 * n:.1f}" cy="{top + 14:.1f}" r="1.6" fill="{GREY}"/>' for n in range(3))
    parts = [box(left, top, 30, 27, 5, "#ffffff", f' stroke="{EDGE}"'), dots]
    if pressed not in options:
        return "\n".join(parts), 27
    x, y = left + 30 - MENU_WIDTH, top + 31
    parts += ['<g class="k">', box(x, y, MENU_WIDTH, 26 * len(options) + 8, 6, "#ffffff", f' stroke="{EDGE}"')]
    for number, option in enumerate(options):
        is_pressed = option == pressed
        at = y + 4 + 26 * number
        if is_pressed:
            parts.append(box(x, at, MENU_WIDTH, 26, 0, LINK))
        label = shortened(option, 13.5, MENU_WIDTH - 24)
        parts.append(text(label, x + 12, at + 18, 13.5, fill="#ffffff" if is_pressed else ""))
    return "\n".join([*parts, "</g>"]), 31 + 26 * len(options) + 8


def _key(label: str, left: float, top: float, *, is_pressed: bool, main: bool = False, drops: bool = False) -> Drawn:
    """Draw a button; the second value is its width."""
    width = width_of(label, KEY, bold=True) + 24 + 14 * drops
    fill = "#d8e4ee" if is_pressed else GREEN if main else "#ffffff"
    parts = [box(left, top, width, KEY_HEIGHT, 6, fill, f' stroke="{LINK if is_pressed else EDGE}"')]
    ink = "#ffffff" if main and not is_pressed else ""
    parts.append(text(label, left + 12, top + 19, KEY, kind="b", fill=ink))
    if drops:
        parts.append(f'<path d="M{left + width - 18:.1f} {top + 13:.1f}l4 4 4 -4" fill="none" stroke="{GREY}"/>')
    return "\n".join(parts), width


def _buttons(shown: Buttons, left: float, top: float, width: float, pressed: str) -> Drawn:
    parts, x, y = ['<g class="k">'], left, top + 2
    for each in shown.labels:
        label = shortened(each, KEY, width - 40, bold=True)
        wide = width_of(label, KEY, bold=True) + 24 + 14 * (each in shown.drops)
        if x > left and x + wide > left + width:
            x, y = left, y + KEY_HEIGHT + GAP
        drawn, _ = _key(label, x, y, is_pressed=each == pressed, main=each in shown.main, drops=each in shown.drops)
        parts.append(drawn)
        x += wide + GAP
    return "\n".join([*parts, "</g>"]), y + KEY_HEIGHT + 2 - top


def _input(shown: Input, left: float, top: float, width: float) -> Drawn:
    parts, y = [text(shortened(shown.label, 14, width, bold=True), left, top + 15, 14, kind="b")], top + 23
    for label, chosen in shown.choices:
        mark = f'<circle cx="{left + 8:.1f}" cy="{y + 10:.1f}" r="7" fill="#ffffff" stroke="{GREY}"/>'
        parts.append(mark + (f'<circle cx="{left + 8:.1f}" cy="{y + 10:.1f}" r="4" fill="{LINK}"/>' if chosen else ""))
        parts.append(text(shortened(label, 14, width - 28), left + 24, y + 15, 14))
        y += 23
    if not shown.choices:
        edge = RED if shown.error else "#8d9398"
        parts.append(box(left, y, width, 32, 5, "#ffffff", f' stroke="{edge}"'))
        value = shortened(shown.value, 14, width - 44)
        parts.append(text(value, left + 11, y + 21, 14, fill=GREY if shown.is_hint else ""))
        if shown.drops:
            parts.append(f'<path d="M{left + width - 22:.1f} {y + 14:.1f}l4 4 4 -4" fill="none" stroke="{GREY}"/>')
        y += 36
    for words, ink in ((shown.error, RED), (shown.below, GREY)):
        for line in plain_lines(words, width * 15 / 12.5) if words else ():
            parts.append(text("".join(letter for letter, _ in line.characters), left, y + 13, 12.5, fill=ink))
            y += 17
    return "\n".join(parts), y + 4 - top
