"""Whether news flows, from the sources to the chats."""
