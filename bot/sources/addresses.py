"""Addresses: absolute, and canonical so that the same document compares equal between polls."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_TRACKING = re.compile(
    r"(?:utm_\w*|at_(?:medium|campaign|link\w*|ptr_name|bbc_team|format)|fbclid|gclid|gclsrc|dclid|msclkid|yclid|igshid|"
    r"mc_cid|mc_eid|cmp|ns_(?:source|mchannel|campaign|linkname|fee)|ocid|ftag|smid|xtor|wt\.mc_id|_hs(?:enc|mi))",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r'[\s"<>\\^`{|}\x00-\x20\x7f-\x9f\ud800-\udfff]')


def canonical(url: str) -> str:
    """Drop what changes between polls: tracking parameters, fragment, default port, trailing slash, case of the host.

    Anything but http(s) comes back as it is, without white space around it.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return url
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    user, at, _ = parts.netloc.rpartition("@")
    kept = [p for p in parts.query.split("&") if p.strip() and not _TRACKING.fullmatch(p.partition("=")[0])]
    path = parts.path.rstrip("/ ") if not kept else parts.path
    return urlunsplit((parts.scheme, user + at + host, path, "&".join(kept), "")).strip()


def absolute(base: str, url: str) -> str:
    """Resolve an address against the document it stands in; anything but http(s) with a host gives "".

    Names and passwords are left out: a source's own belong to its request alone, and anybody else's are a trick.
    """
    if not url.strip():
        return ""
    try:
        joined = urljoin(base.strip(), url.strip())
        parts = urlsplit(joined)
        usable = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return ""
    # Feeds write spaces into addresses ("Type=Press Release"); platforms end the link there.
    if not usable:
        return ""
    joined = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return _UNSAFE.sub(lambda unsafe: quote(unsafe[0], errors="replace"), joined)


def host_of(url: str) -> str:
    """Give the host in lower case, "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def without_secrets(url: str) -> str:
    """Give an address that may stand in a message or a log: no user, password, query or fragment."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the address"
    host = parts.hostname or ""
    shown = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{parts.path}" if host else "the address"
    return _UNSAFE.sub("", f"{shown}?…" if host and parts.query else shown)
