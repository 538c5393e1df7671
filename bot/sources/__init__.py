"""The room that fetches sources and reads them into items."""
