"""Many Slack workspaces: how they install the bot, and how they live beside each other."""
