"""Slack tells that a workspace took the app away, or its token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncBoltContext

from bot.adapters.slack_installed import ManyWorkspaces
from bot.outbox.reasons import REMOVED, REVOKED

log = structlog.get_logger("bot.slack")

# Slack tells whole seconds. What was installed later is another installation; its end the next send tells.
MARGIN = timedelta(seconds=1)


class Leaving:
    """Switches off what was taken away, and nothing that was installed after that: Slack tells late, and twice."""

    def __init__(self, workspaces: ManyWorkspaces) -> None:
        self._workspaces = workspaces

    def listen(self, app: AsyncApp) -> None:
        """Have an app hand over what Slack tells."""
        app.event("app_uninstalled")(self._on_uninstalled)
        app.event("tokens_revoked")(self._on_revoked)

    async def _on_uninstalled(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await self._remove(body, context, REMOVED)

    async def _on_revoked(self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
        # Tokens of people are none of ours.
        if (event.get("tokens") or {}).get("bot"):
            await self._remove(body, context, REVOKED)

    async def _remove(self, body: dict[str, Any], context: AsyncBoltContext, reason: str) -> None:
        owner = (context.enterprise_id if context.is_enterprise_install else context.team_id) or ""
        told_at = datetime.fromtimestamp(float(body.get("event_time") or 0), UTC)
        installed_at = await self._workspaces.installed_at(owner)
        if installed_at is None or installed_at > told_at + MARGIN:
            log.info("slack_removal_is_old", workspace=owner)
            return
        await self._workspaces.remove(owner, reason, installed_at)
