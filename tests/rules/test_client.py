"""Where a redirect leads, and what is sent there: credentials are for the server that they were given for."""

from __future__ import annotations

import httpx
import pytest

from bot.sources.client import Client, redirected

TIMEOUT = httpx.Timeout(5.0)
OURS = "Basic YWRhOnMzY3JldA=="
THEIRS = "Basic Ym9iOng="


def answer(url: str, location: str | None, status: int = 302) -> httpx.Response:
    """Give the answer to a request that carried a validator and a cookie."""
    client = Client(httpx.AsyncHTTPTransport(), "PhiWireBot/1", TIMEOUT)
    request = client.get(httpx.URL(url), {"If-None-Match": '"one"', "Cookie": "session=ours"})
    headers = {} if location is None else {"Location": location}
    return httpx.Response(status, headers=headers, request=request)


@pytest.mark.parametrize(
    ("url", "location", "leads_to"),
    [
        ("http://a.example/feeds/1", "2", "http://a.example/feeds/2"),
        ("http://a.example/feeds/1", "/2", "http://a.example/2"),
        ("http://a.example/feeds/1", "//b.example/2", "http://b.example/2"),
        ("http://a.example/feeds/1", "https://a.example/feeds/1", "https://a.example/feeds/1"),
        ("http://a.example/feeds/1", "http:///2", "http://a.example/2"),
        ("http://a.example/feeds/1", "?page=2", "http://a.example/feeds/1?page=2"),
    ],
)
def test_redirect_is_resolved_against_the_address_that_was_asked(url: str, location: str, leads_to: str) -> None:
    """Servers write whole addresses, paths, and less."""
    request = redirected(answer(url, location))
    assert request is not None
    assert str(request.url) == leads_to
    assert request.headers["Host"] == httpx.URL(leads_to).host


@pytest.mark.parametrize(("status", "location"), [(302, None), (300, "/2"), (304, "/2"), (200, "/2"), (404, "/2")])
def test_other_answers_lead_nowhere(status: int, location: str | None) -> None:
    """What has no address, or is no redirect, is the answer itself."""
    assert redirected(answer("http://a.example/", location, status)) is None


def test_address_that_is_none_is_an_error() -> None:
    """The caller says so in words."""
    with pytest.raises(httpx.InvalidURL):
        redirected(answer("http://a.example/", "http://a.example:port/"))


@pytest.mark.parametrize(
    ("url", "location", "authorization"),
    [
        ("http://ada:s3cret@a.example/", "/2", OURS),
        ("http://ada:s3cret@a.example/", "http://a.example/2", OURS),
        ("http://ada:s3cret@a.example/", "https://a.example/2", OURS),
        ("https://ada:s3cret@a.example/", "http://a.example/2", ""),
        ("http://ada:s3cret@a.example/", "http://a.example:8080/2", ""),
        ("http://ada:s3cret@a.example:8080/", "https://a.example/2", ""),
        ("http://ada:s3cret@a.example/", "http://b.example/2", ""),
        ("http://ada:s3cret@a.example/", "http://bob:x@b.example/2", THEIRS),
        ("http://a.example/", "/2", ""),
        ("http://ada:s%33cret@a.example/", "/2", OURS),
    ],
)
def test_credentials_go_to_the_server_they_are_for(url: str, location: str, authorization: str) -> None:
    """A redirect to anybody else must not tell our password, nor to the same host in the clear."""
    request = redirected(answer(url, location))
    assert request is not None
    assert request.headers.get("Authorization", "") == authorization


def test_redirect_is_asked_as_the_first_was_without_its_cookie() -> None:
    """Validators are the document's, wherever it lies; a cookie is the host's, and set anew by whoever knows it."""
    request = redirected(answer("http://a.example/", "http://b.example/"))
    assert request is not None
    assert request.headers["If-None-Match"] == '"one"'
    assert request.headers["User-Agent"] == "PhiWireBot/1"
    assert "Cookie" not in request.headers
    assert request.extensions["timeout"] == TIMEOUT.as_dict()
