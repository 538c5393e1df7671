"""Draw a conversation as SVG: bubbles, real text, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from tests.pictures.layout import QUOTE_INDENT, QUOTE_MARGIN, SIZE, WIDEST_TEXT, Line, Message, lines_of, styled

WIDTH, MARGIN, HEADER = 720, 16, 56
PAD_X, PAD_Y = 13, 9
TIME_WIDTH = 34.0
TICKS_WIDTH = 16.0
_STYLE = """
text{font-family:-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;fill:#16202a}
.b{font-weight:600}.u{text-decoration:underline}.i{font-style:italic;fill:#4d5a66}.l{fill:#1a6fb8}.g{fill:#55636f}
.c{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.93em;fill:#a0365f}
.t{font-size:11.5px;fill:#5f6d79}.m .t{fill:#3f7a33}
"""


def _text(line: Line, x: float, y: float) -> str:
    spans = []
    for classes, group in groupby(line.characters, lambda character: character[1] - {"q"}):
        words = escape("".join(letter for letter, _ in group), quote=False)
        spans.append(f'<tspan class="{" ".join(sorted(classes))}">{words}</tspan>' if classes else words)
    x += line.quoted * QUOTE_INDENT
    width = line.width - line.quoted * (QUOTE_INDENT + QUOTE_MARGIN)
    fixed = f'textLength="{width:.1f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{SIZE}" {fixed}>{"".join(spans)}</text>'


def _bubble(message: Message, top: float) -> tuple[str, float]:
    """Draw a bubble and tell its height."""
    lines = list(lines_of(message))
    answered: list[Line] = []
    if message.quoted:
        name, start = [(letter, frozenset("bl")) for letter in "PhiWire"], message.quoted
        answered = [
            Line(name, quoted=True),
            Line([(letter, frozenset("g")) for letter in start], quoted=True),
            Line(()),
        ]
    stamp = TIME_WIDTH + message.mine * TICKS_WIDTH
    widest = max(line.width for line in [*answered, *lines])
    last = lines[-1].width + 10 + stamp
    below = last > WIDEST_TEXT  # the time has no room behind the last word
    width = max(widest, 0 if below else last) + 2 * PAD_X
    height = sum(line.height for line in [*answered, *lines]) + below * 14 + 2 * PAD_Y
    left = WIDTH - MARGIN - width if message.mine else MARGIN
    fill, tint, bar = ("#e1f7cd", "#d3efba", "#67a84f") if message.mine else ("#ffffff", "#eef5fb", "#5b9bd5")
    foot = top + height
    # The tail points outward at the foot: to the right for the person, mirrored for the bot.
    corner, outward = (left + width, 1) if message.mine else (left, -1)
    tail = f"M{corner - 18 * outward:.1f} {foot:.1f}h{24 * outward}q{-6 * outward} -4 {-6 * outward} -14z"
    parts = [
        f'<g class="{"m" if message.mine else "o"}">',
        f'<path d="{tail}" fill="{fill}"/>',
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="13" fill="{fill}"/>',
    ]
    y = top + PAD_Y
    for quoted, group in groupby([*answered, *lines], lambda line: line.quoted):
        block = list(group)
        tall = sum(line.height for line in block)
        if quoted:
            place = f'x="{left + PAD_X:.1f}" y="{y - 2:.1f}" height="{tall + 4}" rx="1.5"'
            parts.append(f'<rect {place} width="{width - 2 * PAD_X:.1f}" fill="{tint}"/>')
            parts.append(f'<rect {place} width="3" fill="{bar}"/>')
        for line in block:
            if line.characters:
                parts.append(_text(line, left + PAD_X, y + 15))
            y += line.height
    end = left + width - PAD_X
    place = f'x="{end - message.mine * TICKS_WIDTH:.1f}" y="{foot - 9:.1f}" text-anchor="end"'
    parts.append(f'<text class="t" {place}>{message.clock}</text>')
    if message.mine:
        ticks = f"M{end - 12:.1f} {foot - 13:.1f}l3 3 5 -6m-1.5 6l.5 .5 5 -6.5"
        parts.append(f'<path d="{ticks}" fill="none" stroke="#4c8a3f" stroke-width="1.3" stroke-linecap="round"/>')
    return "\n".join([*parts, "</g>"]), height


def draw(messages: Sequence[Message]) -> str:
    """Draw the whole conversation."""
    bubbles: list[str] = []
    top = HEADER + 14.0
    for number, message in enumerate(messages):
        if number:
            top += 4 if messages[number - 1].mine == message.mine else 10
        bubble, height = _bubble(message, top)
        bubbles.append(bubble)
        top += height
    tall = top + 16
    heard = "\n".join(
        f"{each.name}, {each.clock}: {''.join(letter for letter, _ in styled(each))}" for each in messages
    )
    middle = HEADER / 2
    drawn = "\n".join(bubbles)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{tall:.0f}" \
viewBox="0 0 {WIDTH} {tall:.0f}" role="img" aria-labelledby="title desc" xml:space="preserve">
<title id="title">A morning with PhiWire Bot in a private Telegram chat</title>
<desc id="desc">{escape(heard, quote=False)}</desc>
<style>{_STYLE}</style>
<rect width="{WIDTH}" height="{tall:.0f}" rx="14" fill="#cfdfe9"/>
<path d="M0 {HEADER}V14a14 14 0 0 1 14 -14H{WIDTH - 14}a14 14 0 0 1 14 14V{HEADER}z" fill="#ffffff"/>
<circle cx="{MARGIN + 19}" cy="{middle}" r="19" fill="#1f3a5f"/>
<text x="{MARGIN + 19}" y="{middle + 7}" font-size="20" text-anchor="middle" style="fill:#fff">Φ</text>
<text class="b" x="{MARGIN + 50}" y="{middle - 2}" font-size="15.5">PhiWire</text>
<text class="g" x="{MARGIN + 50}" y="{middle + 15}" font-size="12.5">bot</text>
{drawn}
<rect x=".5" y=".5" width="{WIDTH - 1}" height="{tall - 1:.0f}" rx="13.5" fill="none" stroke="#a9bdca"/>
</svg>
"""
