"""Draw a picture of Slack: conversations one above the other, each with what happened in it, and all of it as words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.pictures.drawing import BOT_FACE, MARGIN, WIDTH, Drawn, box, text
from tests.pictures.layout import shortened, width_of
from tests.pictures.slack_drawing import EDGE, GREEN, GREY, part
from tests.pictures.slack_shots import Buttons, Happened, Input, Part, Post, Rule, Screen, Seen, Sheet, Typed, Words
from tests.pictures.windows import svg

HEADER, BETWEEN = 48, 16
FACE, INDENT = 36, 48
_FACES = ("#d9663c", "#3f8f56", "#7a5fc2", "#2c86a8", "#b8548c", "#8a6d1f")


def draw(title: str, screens: Sequence[Screen]) -> str:
    """Draw a picture."""
    parts: list[str] = []
    top = 0.0
    for number, screen in enumerate(screens):
        drawn, height = _screen(screen, top, number)
        parts.append(drawn)
        top += height + BETWEEN
    return svg(title, [_told(screen) for screen in screens], parts, top - BETWEEN)


def _screen(screen: Screen, top: float, number: int) -> Drawn:
    shown: list[str] = []
    y = top + HEADER + 10
    for seen in screen.seen:
        drawn, height = _seen(seen, y)
        shown.append(drawn)
        y += height + 10
    tall = y - top + 4
    corners = f'<clipPath id="w{number}">{box(0, top, WIDTH, tall, 10, "#000")}</clipPath>'
    parts = [
        corners,
        f'<g clip-path="url(#w{number})">',
        f'<rect y="{top:.1f}" width="{WIDTH}" height="{tall:.1f}" fill="#ffffff"/>',
        f'<path d="M0 {top + HEADER:.1f}H{WIDTH}" stroke="#dddddd"/>',
        text(shortened(screen.title, 16, WIDTH - 60, bold=True), MARGIN, top + 21, 16, kind="b"),
        text(shortened(screen.subtitle, 12.5, WIDTH - 60), MARGIN, top + 38, 12.5, kind="g"),
        *shown,
        "</g>",
        box(0.5, top + 0.5, WIDTH - 1, tall - 1, 9.5, "none", f' stroke="{EDGE}"'),
    ]
    return "\n".join(parts), tall


def _seen(seen: Seen, top: float) -> Drawn:
    match seen:
        case Post():
            return _post(seen, top)
        case Sheet():
            return _sheet(seen, top)
        case Typed():
            return _typed(seen, top)
        case Happened():
            words = shortened(seen.text, 13, WIDTH - 80)
            return text(words, WIDTH / 2, top + 14, 13, anchor="middle", fill=GREY), 20


def _parts(shown: Iterable[Part], left: float, top: float, width: float, pressed: str) -> Drawn:
    drawings: list[str] = []
    y = top
    for each in shown:
        drawn, tall = part(each, left, y, width, pressed)
        drawings.append(drawn)
        y += tall + 5
    return "\n".join(drawings), y - top


def _post(post: Post, top: float) -> Drawn:
    left = MARGIN + (INDENT if post.reply else 0)
    start = left + INDENT
    y = top + 4
    parts = []
    if post.only_you:
        parts.append(text("Only visible to you", start, y + 11, 12, fill=GREY))
        y += 18
    fill = BOT_FACE if post.app else _FACES[sum(map(ord, post.author)) % len(_FACES)]
    letter = "Φ" if post.app else post.author[:1]
    place = f'x="{left + FACE / 2:.1f}" y="{y + 24:.1f}" font-size="18" text-anchor="middle"'
    parts += [
        box(left, y, FACE, FACE, 6, fill),
        f'<text {place} style="fill:#fff">{letter}</text>',
        text(post.author, start, y + 13, 15, kind="b"),
    ]
    x = start + width_of(post.author, 15, bold=True) + 7
    if post.app:
        parts += [box(x, y + 1, 30, 15, 3, "#e8e8e8"), text("APP", x + 4, y + 12.5, 10.5, fill=GREY)]
        x += 37
    parts.append(text(f"{post.clock} (edited)" if post.edited else post.clock, x, y + 13, 12, kind="t"))
    drawn, tall = _parts(post.parts, start, y + 20, WIDTH - MARGIN - start, post.pressed)
    height = max(y + 20 + tall, y + FACE) - top
    behind = box(0, top, WIDTH, height + 2, 0, "#fdf8ee" if post.only_you else "#ffffff")
    line = f'<path d="M{MARGIN + 18} {top - 6:.1f}v{height:.1f}" stroke="#dddddd"/>' if post.reply else ""
    return "\n".join(['<g class="o">', behind, line, *parts, drawn, "</g>"]), height


def _sheet(sheet: Sheet, top: float) -> Drawn:
    left = MARGIN if sheet.home else 46
    width = WIDTH - 2 * left
    inner = width - 40
    drawn, tall = _parts(sheet.parts, left + 20, top + (16 if sheet.home else 62), inner, sheet.pressed)
    foot = 0 if sheet.home else 56
    height = tall + foot + (26 if sheet.home else 66)
    parts = [
        '<g class="o">',
        box(left, top, width, height, 9, "#ffffff", f' stroke="{EDGE}" stroke-width="1.5"'),
    ]
    if not sheet.home:
        parts += [
            text(shortened(sheet.title, 17, inner - 30, bold=True), left + 20, top + 32, 17, kind="b"),
            f'<path d="M{left:.1f} {top + 48:.1f}h{width:.1f}" stroke="#dddddd"/>',
            f'<path d="M{left + width - 34:.1f} {top + 20:.1f}l12 12m0 -12l-12 12" stroke="{GREY}"/>',
        ]
        parts += _foot(sheet, left + width - 20, top + height - 42)
    return "\n".join([*filter(None, parts), drawn, "</g>"]), height


def _foot(sheet: Sheet, end: float, top: float) -> list[str]:
    """Draw the buttons of a view, from the right."""
    parts = []
    for label, is_main in ((sheet.submit, True), (sheet.close, False)):
        if not label:
            continue
        width = width_of(label, 14, bold=True) + 28
        fill = ("#004d39" if label == sheet.pressed else GREEN) if is_main else "#ffffff"
        parts.append(box(end - width, top, width, 32, 6, fill, f' stroke="{GREEN if is_main else EDGE}"'))
        ink = "#ffffff" if is_main else ""
        parts.append(text(label, end - width + 14, top + 21, 14, kind="b", fill=ink))
        end -= width + 10
    return parts


def _typed(typed: Typed, top: float) -> Drawn:
    parts = [
        '<g class="o">',
        box(MARGIN, top, WIDTH - 2 * MARGIN, 38, 8, "#ffffff", ' stroke="#8d9398"'),
        text(shortened(typed.text, 15, WIDTH - 100), MARGIN + 13, top + 25, 15),
        box(WIDTH - MARGIN - 36, top + 6, 28, 26, 5, GREEN),
        f'<path d="M{WIDTH - MARGIN - 28} {top + 12:.1f}l13 7 -13 7 3 -7z" fill="#ffffff"/>',
        "</g>",
    ]
    return "\n".join(parts), 42


def _told(screen: Screen) -> str:
    """Tell a conversation in words, for whoever does not see it."""
    return "\n".join([f"{screen.title}, {screen.subtitle}.", *map(_told_seen, screen.seen)])


def _told_seen(seen: Seen) -> str:
    match seen:
        case Post():
            reader = " (Only visible to you)" if seen.only_you else ""
            place = " in the thread" if seen.reply else ""
            author = f"{seen.author}{' (APP)' if seen.app else ''}"
            said = "\n".join(map(_told_part, seen.parts))
            edited = " (edited)" if seen.edited else ""
            return f"{author}, {seen.clock}{edited}{place}{reader}: {said}{_pressed(seen.pressed)}"
        case Sheet():
            said = "\n".join(map(_told_part, seen.parts))
            foot = "".join(f" [{each}]" for each in (seen.close, seen.submit) if each)
            return f"A view, {seen.title}: {said}{foot}{_pressed(seen.pressed)}"
        case Typed():
            return f"Typed: {seen.text}"
        case Happened():
            return seen.text


def _pressed(label: str) -> str:
    return f" Pressed: {label}." if label else ""


def _told_part(shown: Part) -> str:
    match shown:
        case Words():
            behind = "".join(f" [{each}]" for each in (*shown.menu, shown.button) if each)
            return shown.text + behind
        case Buttons():
            return " ".join(f"[{each}]" for each in (*shown.labels, *shown.menu))
        case Input():
            choices = "".join(f" [{'x' if chosen else ' '}] {label}" for label, chosen in shown.choices)
            below = "".join(f"\n{words}" for words in (shown.error, shown.below) if words)
            return f"{shown.label}: {shown.value}{choices}{below}"
        case Rule():
            return ""
