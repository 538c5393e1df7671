"""Draw a picture as one SVG: its windows one above the other, each with a header, and all of it as words, too."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tests.pictures import drawing, foot
from tests.pictures.drawing import MARGIN, WIDTH, Drawn, box, face, text
from tests.pictures.layout import shortened
from tests.pictures.shots import Board, Bubble, Found, Keys, Note, Offered, Picture, Rows, Shot, Toast, Window

HEADER, BETWEEN = 56, 16
_STYLE = """
text{font-family:-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;fill:#16202a}
text{white-space:pre}
.b{font-weight:600}.i{font-style:italic}.l{fill:#1a6fb8}.g{fill:#55636f}.p{fill:none}
.u{text-decoration:underline}.s{text-decoration:line-through}.u.s{text-decoration:underline line-through}
.c{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.93em;fill:#8f2f57}
.t{fill:#5f6d79}.m .t{fill:#3f7a33}.w text{fill:#fff}
"""


def draw(picture: Picture) -> str:
    """Draw a picture."""
    parts: list[str] = []
    top = 0.0
    for number, window in enumerate(picture.windows):
        drawn, height = _window(window, top, number)
        parts.append(drawn)
        top += height + BETWEEN
    return svg(picture.title, [_told(window) for window in picture.windows], parts, top - BETWEEN)


def svg(title: str, told: Sequence[str], parts: Sequence[str], tall: float) -> str:
    """Put windows into one drawing, with all that they show in words."""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{tall:.0f}" \
viewBox="0 0 {WIDTH} {tall:.0f}" role="img" aria-labelledby="title desc" xml:space="preserve">
<title id="title">{escape(title, quote=False)}</title>
<desc id="desc">{escape(f"{chr(10)}{chr(10)}".join(told), quote=False)}</desc>
<style>{_STYLE}</style>
{chr(10).join(parts)}
</svg>
"""


def _window(window: Window, top: float, number: int) -> Drawn:
    shots: list[str] = []
    y = top + HEADER + 14
    before: Shot | None = None
    for shot in window.shots:
        y += _gap(before, shot)
        drawn, height = _shot(shot, y)
        shots.append(drawn)
        y += height
        before = shot
    tall = y - top + (0 if isinstance(before, Found | Board | Offered) else 16)
    middle = top + HEADER / 2
    corners = f'<clipPath id="w{number}">{box(0, top, WIDTH, tall, 14, "#000")}</clipPath>'
    parts = [
        corners,
        f'<g clip-path="url(#w{number})">',
        f'<rect y="{top:.1f}" width="{WIDTH}" height="{tall:.1f}" fill="#cfdfe9"/>',
        f'<rect y="{top:.1f}" width="{WIDTH}" height="{HEADER}" fill="#ffffff"/>',
        face(window.title, MARGIN + 19, middle, 19),
        text(shortened(window.title, 15.5, WIDTH - 100, bold=True), MARGIN + 50, middle - 3, 15.5, kind="b"),
        text(shortened(window.subtitle, 12.5, WIDTH - 100), MARGIN + 50, middle + 15, 12.5, kind="g"),
        *shots,
        "</g>",
        box(0.5, top + 0.5, WIDTH - 1, tall - 1, 13.5, "none", ' stroke="#a9bdca"'),
    ]
    return "\n".join(parts), tall


def _gap(before: Shot | None, shot: Shot) -> int:
    if before is None:
        return 0
    if isinstance(before, Bubble) and isinstance(shot, Bubble) and before.author == shot.author:
        return 10 if before.rows else 4
    return (
        12
        if isinstance(before, Note | Toast) or isinstance(shot, Note | Toast)
        else 8
        if isinstance(shot, Keys)
        else 10
    )


def _shot(shot: Shot, top: float) -> Drawn:
    match shot:
        case Bubble():
            return drawing.bubble(shot, top)
        case Keys():
            return drawing.changed_keys(shot, top)
        case Note():
            return drawing.note(shot, top)
        case Toast():
            return drawing.toast(shot, top)
        case Found():
            return foot.found(shot, top)
        case Board():
            return foot.board(shot, top)
        case Offered():
            return foot.offered(shot, top)


def _told(window: Window) -> str:
    """Tell a window in words, for whoever does not see it."""
    return "\n".join([f"{window.title}, {window.subtitle}.", *map(_told_shot, window.shots)])


def _told_shot(shot: Shot) -> str:
    match shot:
        case Bubble():
            via = f" via @{shot.via}" if shot.via else ""
            edited = ", edited" if shot.edited else ""
            answers = f", answering {shot.answers[0]}" if shot.answers else ""
            said = f"{shot.author}{via}, {shot.clock}{edited}{answers}: {shot.text}"
            return said + _told_keys(shot.rows, shot.pressed)
        case Keys():
            return f"The buttons are now:{_told_keys(shot.rows, shot.pressed)}"
        case Note():
            return shot.text
        case Toast():
            return f"Pops up: {shot.text}"
        case Found():
            found = "\n".join(f"{title}: {line}" for title, line in shot.results)
            return f"Typed: {shot.typed}\nOffered:\n{found}"
        case Board():
            return f"Below “Message”, where one types, is a keyboard:{_told_keys(shot.rows, shot.pressed)}"
        case Offered():
            listed = "\n".join(f"/{name} {does}" for name, does in shot.commands)
            return f"The menu of commands:\n{listed}{f'{chr(10)}and {shot.more} more' if shot.more else ''}"


def _told_keys(rows: Rows, pressed: str) -> str:
    shown = "".join(f" [{each.text}]" for row in rows for each in row)
    return f"{shown}{f' Tapped: {pressed}.' if pressed else ''}"
