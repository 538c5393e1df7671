"""Draw messages as SVG: bubbles, real text, nothing from elsewhere. Each function gives the drawing and its height."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from tests.pictures.layout import QUOTE_INDENT, QUOTE_MARGIN, SIZE, Line, lines_of, plain_lines, shortened, width_of
from tests.pictures.shots import Bubble, Keys, Note, Rows, Toast

WIDTH, MARGIN = 640, 14
WIDEST_TEXT = 452.0
PAD_X, PAD_Y = 13, 8
AVATAR = 34
STAMP, KEY, TICKS = 11.5, 13.5, 16.0
BLOCK_PAD = 3
KEY_HEIGHT, KEY_GAP = 32, 4
# What people and chats are coloured by: a face, and the name, which must be legible on white.
_FACES = ("#d9663c", "#3f8f56", "#7a5fc2", "#2c86a8", "#b8548c", "#8a6d1f")
_NAMES = ("#b3471f", "#2c7240", "#6548b3", "#1c6b89", "#9c3b72", "#715811")
BOT_FACE, BOT_NAME = "#1f3a5f", "#1a6fb8"
BOT = "PhiWire"
Drawn = tuple[str, float]


def text(words: str, x: float, y: float, size: float, *, kind: str = "", anchor: str = "", fill: str = "") -> str:
    """Draw plain words, as long as they were measured to be."""
    width = width_of(words, size, bold=kind == "b")
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    attributes += f' style="fill:{fill}"' if fill else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f"<text{attributes} {place}>{escape(words, quote=False)}</text>"


def box(x: float, y: float, width: float, height: float, radius: float, fill: str, more: str = "") -> str:
    """Draw a rectangle with round corners."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} rx="{radius}" fill="{fill}"{more}/>'


def face(name: str, x: float, y: float, radius: float) -> str:
    """Draw whoever wrote something as a disc with an initial."""
    fill = BOT_FACE if name == BOT else _FACES[_number(name)]
    letter = "Φ" if name == BOT else name[:1]
    initial = f'<text x="{x:.1f}" y="{y + radius * 0.36:.1f}" font-size="{radius:.1f}" text-anchor="middle"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{fill}"/>{initial} style="fill:#fff">{letter}</text>'


def _number(name: str) -> int:
    return sum(map(ord, name)) % len(_FACES)


def _line(line: Line, x: float, y: float, room: float = 0) -> str:
    """Draw a line; one that is from right to left begins at the right of its room."""
    if not line.characters:
        return ""
    direction = ' direction="rtl"' if line.from_right else ""
    x += room if line.from_right else 0
    spans = []
    for classes, group in groupby(line.characters, lambda character: character[1] - set("qxk")):
        words = escape("".join(letter for letter, _ in group), quote=False)
        spans.append(f'<tspan class="{" ".join(sorted(classes))}">{words}</tspan>' if classes else words)
    fixed = f'textLength="{line.text_width:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{SIZE}"{direction} {fixed}>{"".join(spans)}</text>'


def _hidden(line: Line, x: float, y: float) -> Iterator[str]:
    """Cover what is a spoiler."""
    for is_hidden, group in groupby(line.characters, lambda character: "p" in character[1]):
        run = Line(list(group))
        if is_hidden:
            yield box(x, y - 13, run.text_width, 17, 4, "#8d9aa5")
        x += run.text_width


def _block(kind: str, lines: Sequence[Line], message: Bubble, x: float, y: float, width: float) -> Iterator[str]:
    """Draw lines that belong together, and what is behind them."""
    tint, bar = ("#cdeab4", "#67a84f") if message.mine else ("#eaf3fb", "#5b9bd5")
    tall = _tall(lines)
    if kind:
        yield box(x, y, width, tall, 4, "#f1f4f6" if kind == "k" else tint)
    if kind and kind != "k":
        yield box(x, y, 3, tall, 1.5, bar)
    if kind == "x":  # an arrow that opens it, or closes it again
        down = -4 if message.opened else 4
        arrow = f"M{x + width - 17:.1f} {y + tall - 8 - down / 2:.1f}l4 {down} 4 {-down}"
        yield f'<path d="{arrow}" fill="none" stroke="{bar}" stroke-width="1.8" stroke-linecap="round"/>'
    y += bool(kind) * BLOCK_PAD
    for line in lines:
        indent = QUOTE_INDENT if kind else 0
        yield _line(line, x + indent, y + 15, width - indent - (QUOTE_MARGIN if kind else 0))
        yield from _hidden(line, x + indent, y + 15)
        y += line.height


def paragraphs(lines: Sequence[Line], left: float, top: float, width: float) -> Drawn:
    """Draw lines that stand alone, with what is behind those that belong together."""
    parts, y = list[str](), top
    for kind, group in groupby(lines, lambda line: line.block):
        block = list(group)
        parts += filter(None, _block(kind, block, Bubble("", "", ""), left, y, width))
        y += _tall(block)
    return "\n".join(parts), y - top


def _tall(lines: Sequence[Line]) -> float:
    """Tell how high lines are, with what is above and below those of a block."""
    blocks = sum(1 for block, _ in groupby(lines, lambda line: line.block) if block)
    return sum(line.height for line in lines) + blocks * 2 * BLOCK_PAD


def _answered(message: Bubble, widest: float) -> list[Line]:
    """Say what a message answers, as a quotation above it."""
    if message.answers is None:
        return []
    name, start = message.answers
    start = shortened(start, SIZE, widest - 24)
    answered = [[(letter, frozenset("bl")) for letter in name], [(letter, frozenset("g")) for letter in start]]
    return [*(Line(line, "q") for line in answered), Line(())]


def _least(rows: Rows) -> float:
    """Tell how wide buttons must be to hold what stands on them."""
    widest = (max(width_of(each.text, KEY) for each in row) + 24 for row in rows)
    return max((len(row) * (width + KEY_GAP) for row, width in zip(rows, widest, strict=True)), default=0)


def keys(rows: Rows, pressed: str, left: float, top: float, width: float) -> Drawn:
    """Draw rows of buttons; the pressed one is darker, and ringed where the finger is."""
    parts, y = ['<g class="k">'], top
    for row in rows:
        each = (width - KEY_GAP * (len(row) - 1)) / len(row)
        for place, button in enumerate(row):
            x = left + place * (each + KEY_GAP)
            is_pressed = bool(pressed) and button.text == pressed
            parts.append(box(x, y, each, KEY_HEIGHT, 8, "#5f93b8" if is_pressed else "#f4f9fc"))
            label = shortened(button.text, KEY, each - 10)
            fill = "#ffffff" if is_pressed else "#1d5a86"
            parts.append(text(label, x + each / 2, y + 20.5, KEY, anchor="middle", fill=fill))
            if button.leads_out:
                arrow = f"M{x + each - 11:.1f} {y + 10:.1f}l4 -4m-3.6 0h3.6v3.6"
                parts.append(f'<path d="{arrow}" fill="none" stroke="#1d5a86" stroke-width="1.1"/>')
            if is_pressed:
                at = min(x + each / 2 + width_of(label, KEY) / 2 + 15, x + each - 11)
                ring = f'cx="{at:.1f}" cy="{y + 22:.1f}" r="8"'
                parts.append(f'<circle {ring} fill="#ffffff" fill-opacity=".45" stroke="#ffffff" stroke-width="1.5"/>')
        y += KEY_HEIGHT + KEY_GAP
    return "\n".join([*parts, "</g>"]), y - top - KEY_GAP


def bubble(message: Bubble, top: float) -> Drawn:
    """Draw a message with its buttons."""
    widest = WIDEST_TEXT
    name = message.author if message.named and not message.mine else ""
    lines = [*_answered(message, widest), *lines_of(message, widest)]
    stamp = f"edited {message.clock}" if message.edited else message.clock
    stamp_width = width_of(stamp, STAMP) + message.mine * TICKS
    last = lines[-1].width + 10 + stamp_width
    below = bool(lines[-1].block) or last > widest  # the time has no room behind the last word
    above = f"via @{message.via}" if message.via else name
    inner = max(
        *(line.width for line in lines),
        width_of(above, 14, bold=True),
        stamp_width if below else last,
        _least(message.rows) - 2 * PAD_X,
    )
    width = inner + 2 * PAD_X
    height = _tall(lines) + below * 15 + 2 * PAD_Y + bool(above) * 19
    left = WIDTH - MARGIN - width if message.mine else MARGIN + message.named * (AVATAR + 8)
    foot = top + height
    fill = "#e1f7cd" if message.mine else "#ffffff"
    # The tail points outward at the foot: to the right for the person, mirrored for the others.
    corner, outward = (left + width, 1) if message.mine else (left, -1)
    tail = f"M{corner - 18 * outward:.1f} {foot:.1f}h{24 * outward}q{-6 * outward} -4 {-6 * outward} -14z"
    parts = [
        f'<g class="{"m" if message.mine else "o"}">',
        f'<path d="{tail}" fill="{fill}"/>',
        box(left, top, width, height, 13, fill),
    ]
    if name:
        parts.append(face(name, MARGIN + AVATAR / 2, foot - AVATAR / 2, AVATAR / 2))
    y = top + PAD_Y
    if above:
        tone = BOT_NAME if message.via or name == BOT else _NAMES[_number(name)]
        parts.append(text(above, left + PAD_X, y + 13, 14, kind="b", fill=tone))
        y += 19
    for kind, group in groupby(lines, lambda line: line.block):
        block = list(group)
        parts += filter(None, _block(kind, block, message, left + PAD_X, y, width - 2 * PAD_X))
        y += _tall(block)
    parts += _stamp(stamp, left + width - PAD_X, foot, mine=message.mine)
    if message.rows:
        drawn, tall = keys(message.rows, message.pressed, left, foot + KEY_GAP, width)
        parts.append(drawn)
        height += KEY_GAP + tall
    return "\n".join([*parts, "</g>"]), height


def _stamp(stamp: str, end: float, foot: float, *, mine: bool) -> Iterator[str]:
    yield text(stamp, end - mine * TICKS, foot - 8, STAMP, kind="t", anchor="end")
    if mine:
        ticks = f"M{end - 12:.1f} {foot - 12:.1f}l3 3 5 -6m-1.5 6l.5 .5 5 -6.5"
        yield f'<path d="{ticks}" fill="none" stroke="#4c8a3f" stroke-width="1.3" stroke-linecap="round"/>'


def changed_keys(shot: Keys, top: float) -> Drawn:
    """Draw the buttons of a message above as they are now, at their message's side."""
    left = MARGIN + shot.named * (AVATAR + 8)
    arrow = f'<path d="M{left + 150:.1f} {top:.1f}v11m-5 -5l5 5 5 -5" fill="none" stroke="#5c7a8e" stroke-width="1.6"/>'
    drawn, tall = keys(shot.rows, shot.pressed, left, top + 19, max(_least(shot.rows), 300))
    return f"{arrow}\n{drawn}", tall + 19


def note(shot: Note, top: float) -> Drawn:
    """Draw a line between the messages."""
    words = shortened(shot.text, 13, WIDTH - 80)
    width = width_of(words, 13) + 26
    drawn = [box((WIDTH - width) / 2, top, width, 25, 12.5, "#5c7a8e"), ""]
    drawn[1] = text(words, WIDTH / 2, top + 17, 13, anchor="middle", fill="#ffffff")
    return "\n".join(drawn), 25


def toast(shot: Toast, top: float) -> Drawn:
    """Draw what pops up: a dark strip that goes by itself, or an alert that has to be closed."""
    lines = plain_lines(shot.text, 400)
    width = max(*(line.width for line in lines), 240 if shot.alert else 0) + 36
    height = sum(line.height for line in lines) + (50 if shot.alert else 20)
    left, kind = (WIDTH - width) / 2, "a" if shot.alert else "w"
    edge = ' stroke="#b9c7d1"' if shot.alert else ' fill-opacity=".92"'
    parts = [f'<g class="{kind}">', box(left, top, width, height, 12, "#ffffff" if shot.alert else "#26323c", edge)]
    y = top + (14 if shot.alert else 10)
    for line in lines:
        parts.append(_line(line, left + 18, y + 15))
        y += line.height
    if shot.alert:
        parts.append(text("OK", left + width - 20, top + height - 14, 14, kind="b", anchor="end", fill=BOT_NAME))
    return "\n".join([*filter(None, parts), "</g>"]), height
