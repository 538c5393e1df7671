"""Draw what is at the foot of a chat, where one types: what an inline query finds, a keyboard, the commands."""

from __future__ import annotations

from tests.pictures.drawing import KEY_GAP, MARGIN, WIDTH, Drawn, box, keys, text
from tests.pictures.layout import shortened, width_of
from tests.pictures.shots import Board, Found, Offered

RESULT, COMPOSER, COMMAND = 54, 46, 25


def found(shot: Found, top: float) -> Drawn:
    """Draw the results of an inline query above the line in which it is typed."""
    tall = RESULT * len(shot.results)
    parts = [f'<rect y="{top:.1f}" width="{WIDTH}" height="{tall + COMPOSER:.1f}" fill="#ffffff"/>']
    for number, (title, line) in enumerate(shot.results):
        y = top + number * RESULT
        parts += [
            box(MARGIN, y + 8, 38, 38, 8, "#dce8f1"),
            text(title[:1], MARGIN + 19, y + 34, 18, kind="b", anchor="middle", fill="#1f3a5f"),
            text(shortened(title, 14.5, WIDTH - 90, bold=True), MARGIN + 50, y + 24, 14.5, kind="b"),
            text(shortened(line, 13, WIDTH - 90), MARGIN + 50, y + 43, 13, kind="g"),
            f'<path d="M{MARGIN + 50} {y + RESULT:.1f}H{WIDTH}" stroke="#e3eaef"/>',
        ]
    return "\n".join([*parts, _composer(shot.typed, top + tall)]), tall + COMPOSER


def board(shot: Board, top: float) -> Drawn:
    """Draw a keyboard below the line in which one types, as wide as the chat."""
    drawn, tall = keys(shot.rows, shot.pressed, MARGIN, top + COMPOSER + KEY_GAP, WIDTH - 2 * MARGIN)
    height = COMPOSER + tall + 4 * KEY_GAP
    behind = [
        f'<rect y="{top:.1f}" width="{WIDTH}" height="{height:.1f}" fill="#dfe7ec"/>',
        f'<rect y="{top:.1f}" width="{WIDTH}" height="{COMPOSER}" fill="#ffffff"/>',
    ]
    return "\n".join([*behind, _composer("Message", top, is_hint=True), drawn]), height


def offered(shot: Offered, top: float) -> Drawn:
    """Draw the menu of commands above the line in which it was opened."""
    rows = len(shot.commands) + bool(shot.more)
    tall = 14 + COMMAND * rows
    parts = ['<g class="o">', box(0, top, WIDTH, tall + COMPOSER, 0, "#ffffff")]
    y = top + 24
    for name, does in shot.commands:
        shown = f"/{name}"
        x = MARGIN + width_of(shown, 14, bold=True) + 9
        parts.append(text(shown, MARGIN, y, 14, kind="b"))
        parts.append(text(shortened(does, 13.5, WIDTH - MARGIN - x), x, y, 13.5, kind="g"))
        y += COMMAND
    if shot.more:
        parts.append(text(f"and {shot.more} more", MARGIN, y, 13.5, kind="g"))
    parts.append(f'<path d="M0 {top + tall:.1f}H{WIDTH}" stroke="#e3eaef"/>')
    return "\n".join([*parts, _composer("/", top + tall), "</g>"]), tall + COMPOSER


def _composer(typed: str, y: float, *, is_hint: bool = False) -> str:
    """Draw the line in which one types, and the arrow that sends it where something is typed."""
    parts = [box(MARGIN, y + 6, WIDTH - 2 * MARGIN - (0 if is_hint else 44), 34, 17, "#f0f4f7")]
    parts.append(text(typed, MARGIN + 16, y + 28, 15, kind="g" if is_hint else ""))
    if not is_hint:
        send = f"M{WIDTH - 46} {y + 33:.1f}l26 -10 -26 -10v7.5l15 2.5 -15 2.5z"
        parts.append(f'<path d="{send}" fill="#3d8fce"/>')
    return "\n".join(parts)
