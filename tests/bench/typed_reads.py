"""What the portal is compared with: the same reads through the SDK's typed methods, over the HTTP client it picks itself.

Pages need our own structs, so those are kept from the first answer and handed out again after each typed read: turning
typed objects into structs is not counted, which flatters the typed SDK a little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stripe

from portal_embed.billing.stripe.client import API_VERSION, StripeClient

if TYPE_CHECKING:
    from collections.abc import Awaitable


class TypedReads(StripeClient):
    """A gateway's client whose reads build the SDK's objects."""

    def __init__(self, *, secret_key: str, api_base: str, account: str | None = None) -> None:
        """As the gateway's own."""
        super().__init__(secret_key=secret_key, api_base=api_base, account=account)
        self.sdk = stripe.StripeClient(
            secret_key, stripe_version=API_VERSION, base_addresses={"api": api_base}, max_network_retries=2
        )
        self.kept: dict[str, Any] = {}

    async def get(self, kind: Any, path: str, **params: Any) -> Any:
        """Read with the SDK; answer with the struct of the first time."""
        name = f"{path} {params}"
        if name not in self.kept:
            self.kept[name] = await super().get(kind, path, **params)
            return self.kept[name]
        found = await self.typed(path, params)
        assert isinstance(found, stripe.StripeObject)
        return self.kept[name]

    def typed(self, path: str, params: dict[str, Any]) -> Awaitable[Any]:
        """The typed call for an address."""
        v1 = self.sdk.v1
        match path.removeprefix("/v1/").split("/"):
            case ["customers", customer]:
                return v1.customers.retrieve_async(customer, params)
            case ["customers", customer, "payment_methods"]:
                return v1.customers.payment_methods.list_async(customer, params)
            case ["subscriptions"]:
                return v1.subscriptions.list_async(params)
            case ["invoices"]:
                return v1.invoices.list_async(params)
            case ["products"]:
                return v1.products.list_async(params)
        raise AssertionError(f"no typed call for {path}")
