"""What the emulated Telegram shows of a bot by itself: commands by scope and language, and descriptions by language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.emulators.telegram_access import bad_request
from tests.emulators.telegram_state import Chat, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulators.telegram_access import Params

ADMIN = ("creator", "administrator")


class Menus:
    """The methods of the Bot API about it, over a `state`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def methods(self) -> dict[str, Callable[[Params], Any]]:
        """Name them."""
        commands, shown = self._state.commands, self._state.descriptions
        return {
            "setMyCommands": lambda params: _put(commands, self._known(params), params["commands"]),
            "getMyCommands": lambda params: commands.get(_scope(params), []),
            "deleteMyCommands": lambda params: commands.pop(_scope(params), None) is None or True,
            "setMyName": lambda params: _put(shown, _of("name", params), params.get("name", "")),
            "setMyDescription": lambda params: _put(shown, _of("long", params), params.get("description", "")),
            "setMyShortDescription": lambda params: _put(
                shown, _of("short", params), params.get("short_description", "")
            ),
        }

    def _known(self, params: Params) -> str:
        """Name the scope of a request; one of a chat that nobody has opened is refused."""
        chat = (params.get("scope") or {}).get("chat_id")
        if chat is not None and self._state.find_chat(chat) is None:
            bad_request("chat not found")
        return _scope(params)


def shown_to(state: State, chat: Chat, user: int, language: str = "") -> list[str]:
    """List the commands in somebody's menu: of the narrowest scope and the nearest language there are."""
    for scope in _scopes(chat, user):
        for code in (language, ""):
            if (commands := state.commands.get(f"{scope}:{code}")) is not None:
                return [command["command"] for command in commands]
    return []


def _scopes(chat: Chat, user: int) -> Iterator[str]:
    """List the scopes that fit, narrowest first (core.telegram.org/bots/api, Determining list of commands)."""
    if chat.kind == "private":
        yield from (f"chat:{chat.id}", "all_private_chats", "default")
        return
    is_admin = chat.status(user) in ADMIN
    yield f"chat_member:{chat.id}:{user}"
    yield from [f"chat_administrators:{chat.id}"] * is_admin
    yield f"chat:{chat.id}"
    yield from ["all_chat_administrators"] * is_admin
    yield from ("all_group_chats", "default")


def _put(kept: dict[str, Any], name: str, value: Any) -> bool:
    """Keep it; nothing means none of its own."""
    kept[name] = value
    if not value:
        del kept[name]
    return True


def _of(kind: str, params: Params) -> str:
    return f"{kind}:{params.get('language_code', '')}"


def _scope(params: Params) -> str:
    scope = params.get("scope") or {"type": "default"}
    ids = [str(scope[key]) for key in ("chat_id", "user_id") if key in scope]
    return ":".join([scope["type"], *ids, params.get("language_code", "")])
