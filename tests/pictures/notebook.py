"""Take down, step by step, what people see on an emulated Telegram."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.emulators.telegram import TelegramEmulator
from tests.emulators.telegram_state import Chat, SentMessage
from tests.pictures import record
from tests.pictures.shots import Bubble, Keys, Note, Picture, Shot, Toast, Window

ZONE = ZoneInfo("Europe/London")
Place = tuple[int, int]


class Notebook:
    """The windows of a picture. A message is drawn when it comes, and again each time that it changes."""

    def __init__(self, telegram: TelegramEmulator, viewer: int, clock: Callable[[], datetime]) -> None:
        self._telegram = telegram
        self._viewer = viewer
        self._clock = clock
        self._all: list[Window] = []
        # The one that is open of each chat, or of a topic of it.
        self._windows: dict[tuple[int, int | None], Window] = {}
        self._days: dict[int, date] = {}
        self._times: dict[Place, str] = {}
        self._seen: dict[Place, Bubble] = {}
        # Where each message was drawn last: its window, and the place there.
        self._drawn: dict[Place, tuple[Window, int]] = {}

    def show(self, chat: Chat, title: str, subtitle: str, thread: int | None = None) -> None:
        """Open a window on a chat, or on a topic of it."""
        self._windows[chat.id, thread] = window = Window(title, subtitle)
        self._all.append(window)

    def follow(self, old: Chat, new: Chat) -> None:
        """Show a chat that another has become in the same window."""
        self._windows[new.id, None] = self._windows[old.id, None]

    def picture(self, title: str) -> Picture:
        """Return what was seen."""
        return Picture(title, tuple(window for window in self._all if window.shots))

    def state(self) -> Mapping[Place, object]:
        """Remember how everything stands."""
        return {
            (chat.id, number): (message.get("text"), record.rows(message))
            for chat in self._telegram.state.chats.values()
            for number, message in chat.messages.items()
        }

    def new(self, before: object, contains: str) -> SentMessage | None:
        """Return the bot's first message that is not as it was, and holds something in its text or on a button."""
        assert isinstance(before, dict)
        now = self.state()
        for sent in self._telegram.state.sent:
            place = sent.chat_id, sent.message_id
            shown = self._telegram.state.chats[sent.chat_id].messages[sent.message_id]
            labels = [button.text for row in record.rows(shown) for button in row]
            if now[place] != before.get(place) and any(contains in each for each in (sent.text, *labels)):
                return sent
        return None

    def look(self) -> None:
        """Take down what is new, oldest first."""
        for chat in list(self._telegram.state.chats.values()):
            for number, message in chat.messages.items():
                window = self._windows.get((chat.id, message.get("message_thread_id")))
                if window is not None and "text" in message:
                    self._take_down(window, chat, number)

    def _take_down(self, window: Window, chat: Chat, number: int) -> None:
        place = chat.id, number
        now = self._clock().astimezone(ZONE)
        shown = record.bubble(self._telegram, chat, number, self._times.setdefault(place, f"{now:%H:%M}"), self._viewer)
        before = self._seen.get(place)
        if shown == before:
            return
        self._seen[place] = shown
        if before is not None and replace(before, rows=shown.rows) == shown:
            if shown.rows:
                self._draw(window, place, Keys(shown.rows, named=shown.named))
            return
        if self._days.setdefault(id(window), now.date()) != now.date():
            window.shots.append(Note(f"{now:%A} {now.day} {now:%B}"))
            self._days[id(window)] = now.date()
        self._draw(window, place, shown)

    def _draw(self, window: Window, place: Place, shot: Shot) -> None:
        window.shots.append(shot)
        self._drawn[place] = window, len(window.shots) - 1

    def add(self, chat: Chat, shot: Shot, thread: int | None = None) -> None:
        """Add what no message says."""
        self._windows[chat.id, thread].shots.append(shot)

    def note(self, chat: Chat, words: str) -> None:
        """Say between the messages what happened."""
        self.add(chat, Note(words))

    def clear(self) -> None:
        """Leave out what came so far: it is not what the picture is about."""
        for window in self._all:
            window.shots.clear()

    def redraw(self, chat: Chat, message: SentMessage) -> None:
        """Draw a message once more, as it stands."""
        place = chat.id, message.message_id
        self._draw(self._drawn[place][0], place, self._seen[place])

    def reopen(self, chat: Chat, words: str = "") -> Window:
        """Go on with a chat in a window of its own, with what happened first."""
        before = self._windows[chat.id, None]
        self.show(chat, before.title, before.subtitle)
        window = self._windows[chat.id, None]
        window.shots += [Note(words)] if words else []
        return window

    def open_quotation(self, chat: Chat, message: SentMessage) -> None:
        """Have somebody open the expandable quotation of a message."""
        window, number = self._drawn[chat.id, message.message_id]
        shot = window.shots[number]
        assert isinstance(shot, Bubble)
        window.shots[number] = replace(shot, opened=True)

    def tapped(self, chat: Chat, message: int, label: str, who: str, answer: Mapping[str, Any]) -> None:
        """Mark a button where its message was drawn last, and show what popped up; `who` is empty for the viewer."""
        window, number = self._drawn[chat.id, message]
        shot = window.shots[number]
        assert isinstance(shot, Bubble | Keys)
        labels = [button.text for row in shot.rows for button in row]
        full = label if label in labels else next(each for each in labels if each.startswith(label))
        if shot.pressed:
            window.shots.append(shot := Keys(shot.rows, named=shot.named))
            number = len(window.shots) - 1
            self._drawn[chat.id, message] = window, number
        window.shots[number] = replace(shot, pressed=full)
        if who:
            window.shots.append(Note(f"{who} taps {full}{', and sees:' if answer.get('text') else ''}"))
        if answer.get("text"):
            window.shots.append(Toast(str(answer["text"]), alert=bool(answer.get("show_alert"))))

    def check(self) -> None:
        """Make sure that nothing came after the last look."""
        drawn = sum(len(window.shots) for window in self._all)
        self.look()
        assert drawn == sum(len(window.shots) for window in self._all), "more came than the scene awaited"
