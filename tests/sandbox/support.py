"""What the tests of the sandbox share: the SDK pointed at a world, bare HTTP, and catching refusals."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
import requests
import stripe

from portal_embed.sandbox import SandboxWorld


def sdk(world: SandboxWorld, key: str = "sk_test_tests12345", **options: Any) -> stripe.StripeClient:
    """A client of the SDK on this world; `options` as `StripeClient` takes them."""
    session = requests.Session()
    session.trust_env = False  # looking for proxies takes as long as a call
    return stripe.StripeClient(
        key,
        base_addresses={"api": world.api_base, "files": world.api_base, "connect": world.api_base},
        http_client=stripe.RequestsClient(session=session),
        **{"max_network_retries": 0, **options},
    )


class Answer:
    """A bare HTTP answer: status, headers with lower-case names, body bytes and its JSON."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Keep what came."""
        self.status = status
        self.headers = headers
        self.body = body
        self.json: dict[str, Any] = json.loads(body) if body else {}


def http(world: SandboxWorld, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
    """One call without the SDK, to see what it would hide; header names with underscores for dashes."""
    sent = {
        "Authorization": "Bearer sk_test_tests12345",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    request = urllib.request.Request(
        world.api_base + path, None if body is None else body.encode(), sent, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
    except urllib.error.HTTPError as refusal:
        return Answer(refusal.code, {k.lower(): v for k, v in refusal.headers.items()}, refusal.read())


def refusal_of(action: Any, *arguments: Any) -> stripe.StripeError:
    """The StripeError that a call raises; fails when it raises none."""
    with pytest.raises(stripe.StripeError) as caught:
        action(*arguments)
    return caught.value
