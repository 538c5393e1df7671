"""Settings from the environment and .env, read once, with every error at once."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    field_validator,
)

from bot import durations, settings_needs
from bot.languages import ENGLISH, LANGUAGES
from bot.model import Credentials, Operator

_LAST_PORT = 65_535
_SHORTEST_INTERVAL = timedelta(seconds=1)
_SHORTEST_KEPT = timedelta(days=1)
# Docker and systemd hand secrets over as files: NAME_FILE names the file that holds NAME.
_FILE = "_FILE"
# core.telegram.org/bots/api#setwebhook
_TELEGRAM = "api.telegram.org"
_TELEGRAM_PORTS = (443, 80, 88, 8443)
Duration = Annotated[timedelta, BeforeValidator(lambda value: durations.parse_duration(str(value)))]

_OPERATOR = re.compile(r"(telegram):(\d{1,15})|(slack):([UW][A-Z0-9]{2,20})")


def _words(written: object) -> tuple[str, ...]:
    return tuple(each for each in re.split(r"[,\s]+", str(written or "").strip()) if each)


def _operators(written: object) -> tuple[Operator, ...]:
    found = [(each, _OPERATOR.fullmatch(each)) for each in _words(written)]
    for each, match in found:
        if match is None:
            raise ValueError(f'"{each}" is nobody: write telegram: or slack: and the id of a person, telegram:123456')
    return tuple(Operator(match[1] or match[3], match[2] or match[4]) for _, match in found if match is not None)


def _host_and_port(written: object) -> tuple[str, int] | None:
    host, _, port = str(written or "").strip().rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= _LAST_PORT and host):
        raise ValueError("it is no address to listen on: write host:port, such as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def _keep(written: object) -> timedelta | None:
    """Read for how long something is kept; 0 is for ever."""
    if str(written).strip() == "0":
        return None
    kept = durations.parse_duration(str(written))
    if kept < _SHORTEST_KEPT:
        raise ValueError("less than a day would forget what is still on its way: write 1d or more, or 0 for ever")
    return kept


Kept = Annotated[timedelta | None, BeforeValidator(_keep)]


class SettingsError(Exception):
    """Settings that cannot be used: one sentence for each, with its remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseModel):
    """Everything an operator can set; `.env.example` says why."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    telegram_bot_token: SecretStr | None = Field(None, alias="TELEGRAM_BOT_TOKEN")
    telegram_api_url: HttpUrl = Field(HttpUrl(f"https://{_TELEGRAM}"), alias="TELEGRAM_API_URL")
    telegram_updates: Literal["poll", "webhook"] = Field("poll", alias="PHIWIRE_TELEGRAM_UPDATES")
    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    slack_requests: Literal["socket", "http"] = Field("socket", alias="PHIWIRE_SLACK_REQUESTS")
    slack_api_url: HttpUrl = Field(HttpUrl("https://slack.com/api/"), alias="SLACK_API_URL")
    database: Path = Field(Path("phiwire.db"), alias="PHIWIRE_DATABASE")
    sources: Path | None = Field(None, alias="PHIWIRE_SOURCES")
    aliases: Path | None = Field(None, alias="PHIWIRE_ALIASES")
    every: Duration = Field(timedelta(minutes=2), alias="PHIWIRE_EVERY")
    timezone: str = Field("Europe/London", alias="PHIWIRE_TIMEZONE")
    language: str = Field(ENGLISH, alias="PHIWIRE_LANGUAGE")
    user_agent: str = Field("PhiWireBot/0.1 (political news relay)", alias="PHIWIRE_USER_AGENT")
    operators: Annotated[tuple[Operator, ...], BeforeValidator(_operators)] = Field((), alias="PHIWIRE_OPERATORS")
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field((), alias="PHIWIRE_ALLOWED_HOSTS")
    burst: int = Field(10, alias="PHIWIRE_BURST", ge=1, le=1000)
    ambiguous: Literal["retry", "drop"] = Field("retry", alias="PHIWIRE_AMBIGUOUS")
    listen: Annotated[tuple[str, int] | None, BeforeValidator(_host_and_port)] = Field(None, alias="PHIWIRE_LISTEN")
    public_url: HttpUrl | None = Field(None, alias="PHIWIRE_PUBLIC_URL")
    ignore_robots: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field((), alias="PHIWIRE_IGNORE_ROBOTS")
    keep_entries: Kept = Field(timedelta(days=90), alias="PHIWIRE_KEEP_ENTRIES")
    keep_deliveries: Kept = Field(timedelta(days=30), alias="PHIWIRE_KEEP_DELIVERIES")
    keep_audit: Kept = Field(timedelta(days=365), alias="PHIWIRE_KEEP_AUDIT")
    session_source: str = Field("phiwire", alias="PHIWIRE_SESSION_SOURCE")
    session_cookie: SecretStr | None = Field(None, alias="PHIWIRE_SESSION_COOKIE")
    session_form: HttpUrl | None = Field(None, alias="PHIWIRE_SESSION_FORM")
    session_user: SecretStr | None = Field(None, alias="PHIWIRE_SESSION_USER")
    session_password: SecretStr | None = Field(None, alias="PHIWIRE_SESSION_PASSWORD")
    session_fields: str = Field("username,password", alias="PHIWIRE_SESSION_FIELDS")
    log_level: Literal["debug", "info", "warning", "error"] | None = Field(None, alias="PHIWIRE_LOG_LEVEL")
    log_format: Literal["text", "json"] = Field("text", alias="PHIWIRE_LOG_FORMAT")

    @field_validator("telegram_bot_token")
    @classmethod
    def _looks_like_telegram(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            number, colon, rest = token.get_secret_value().partition(":")
            if not (number.isdecimal() and colon and rest) or set(rest) & set(" /?#"):
                raise ValueError("it does not look like a bot token (123456:ABC…): copy it again from @BotFather")
        return token

    @field_validator("slack_bot_token")
    @classmethod
    def _looks_like_bot(cls, token: SecretStr | None) -> SecretStr | None:
        return _prefixed(token, "xoxb-", "OAuth & Permissions")

    @field_validator("slack_app_token")
    @classmethod
    def _looks_like_app(cls, token: SecretStr | None) -> SecretStr | None:
        return _prefixed(token, "xapp-", "Basic Information, App-Level Tokens")

    @field_validator("every")
    @classmethod
    def _not_too_often(cls, every: timedelta) -> timedelta:
        if every < _SHORTEST_INTERVAL:
            raise ValueError("sources can be polled once a second at the most: write 30s, 2m or 1h")
        return every

    @field_validator("session_cookie")
    @classmethod
    def _one_line(cls, cookie: SecretStr | None) -> SecretStr | None:
        if cookie is not None and not re.fullmatch(r"[\x21-\x7e]+=[\x20-\x7e]*", cookie.get_secret_value()):
            raise ValueError("it is no cookie: write name=value, as a browser shows it, several with ; between")
        return cookie

    @field_validator("session_fields")
    @classmethod
    def _two_names(cls, fields: str) -> str:
        if len([name for name in fields.split(",") if name.strip()]) != 2:  # noqa: PLR2004 (user and password)
            raise ValueError("it takes the names of two fields of the form, such as email,password")
        return fields

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError("it is no time zone: write one like Europe/London or America/New_York") from None
        return name

    @field_validator("language")
    @classmethod
    def _known_language(cls, code: str) -> str:
        if code not in LANGUAGES:
            raise ValueError(f"it is no language that the bot speaks: write one of {', '.join(LANGUAGES)}")
        return code

    def session(self) -> Credentials | None:
        """Give what signs the subscriber's source in; None where nothing does."""
        if self.session_cookie is None and self.session_form is None:
            return None
        user, password = (name.strip() for name in self.session_fields.split(","))
        return Credentials(
            slug=self.session_source,
            cookie=_revealed(self.session_cookie),
            form=str(self.session_form or ""),
            user=_revealed(self.session_user),
            password=_revealed(self.session_password),
            fields=(user, password),
        )

    def secrets(self) -> tuple[str, ...]:
        """List the values that must never be shown."""
        tokens = (
            self.telegram_bot_token,
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.session_cookie,
            self.session_password,
            self.session_user,
        )
        return tuple(token.get_secret_value() for token in tokens if token is not None)


NAMES = tuple(str(field.alias) for field in Settings.model_fields.values())
SECRET_NAMES = tuple(
    str(field.alias) for field in Settings.model_fields.values() if "SecretStr" in str(field.annotation)
)


def read(environment: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Read the settings; the environment wins over the file. Raises SettingsError with every problem."""
    environment = os.environ if environment is None else environment
    problems: list[str] = []
    values = {name: value for name, value in _env_file(env_file, problems).items() if value}
    values |= {name: value for name, value in environment.items() if value}
    _read_secret_files(values, problems)
    for name in values:
        if name.startswith("PHIWIRE_") and name not in NAMES:
            nearest = difflib.get_close_matches(name, NAMES, n=1)
            meant = f" Did you mean {nearest[0]}?" if nearest else " .env.example lists all."
            problems.append(f"{name} is no setting.{meant}")
    problems += settings_needs.missing(values)
    known: dict[str, Any] = {name: values[name] for name in NAMES if name in values}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        problems += [_sentence(each["loc"], each["msg"]) for each in error.errors()]
    else:
        problems += _webhook_problems(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def _webhook_problems(settings: Settings) -> list[str]:
    """Say why Telegram could not call the bot. Which addresses a Bot API server of one's own calls, it knows itself."""
    if settings.telegram_updates == "poll" or settings.telegram_bot_token is None:
        return []
    needs, address = "PHIWIRE_TELEGRAM_UPDATES=webhook needs", settings.public_url
    if address is None:
        return [f"PHIWIRE_PUBLIC_URL is missing: {needs} it, with PHIWIRE_LISTEN, for Telegram calls the bot there."]
    if settings.telegram_api_url.host != _TELEGRAM:
        return []
    if address.scheme != "https":
        return [f"PHIWIRE_PUBLIC_URL: {needs} an https address, for Telegram calls no other."]
    if address.port not in _TELEGRAM_PORTS:
        return [f"PHIWIRE_PUBLIC_URL: {needs} port 443, 80, 88 or 8443, for Telegram calls no other."]
    return []


def _revealed(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


def _prefixed(token: SecretStr | None, prefix: str, page: str) -> SecretStr | None:
    if token is not None and not token.get_secret_value().startswith(prefix):
        raise ValueError(f"it must begin with {prefix}: copy it again from your Slack app's page, {page}")
    return token


def _env_file(path: Path, problems: list[str]) -> dict[str, str | None]:
    try:
        return dotenv_values(path) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path} cannot be read ({error}): make it a text file that this user may read.")
        return {}


def _read_secret_files(values: dict[str, str], problems: list[str]) -> None:
    for name in SECRET_NAMES:
        path = values.get(name + _FILE)
        if path is None or name in values:
            continue
        try:
            values[name] = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{name}{_FILE} names {path}, which cannot be read ({type(error).__name__}).")


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ").rstrip(".")
    if "URL" in message:
        message = "it is no web address: begin it with https:// or http://"
    if message.startswith("Input should be "):
        message = f"it should be {message.removeprefix('Input should be ')}"
    return f"{location[0]}: {message}." if location else f"{message}."
