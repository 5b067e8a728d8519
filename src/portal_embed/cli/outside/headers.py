"""Which headers of the portal's answers were removed, doubled, changed or added on the way, and what that breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal_embed.billing.stripe.check import Finding
from portal_embed.cli.outside.csp import allowed_by_permissions
from portal_embed.cli.outside.policies import framed_by, own_policies, policy_findings, stripe_hosts_of
from portal_embed.cli.outside.reaching import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal_embed.cli.outside.asking import Answer
    from portal_embed.cli.outside.page import Page

_SENT = {
    "x-content-type-options": ("nosniff", "browsers may take a file for what it is not"),
    "referrer-policy": ("same-origin", "pages of other sites may learn a customer's addresses"),
    "cross-origin-opener-policy": (
        "same-origin-allow-popups",
        "a page that opens the portal keeps a hand on its window",
    ),
    "cross-origin-resource-policy": ("same-origin", "other sites may load the portal's answers"),
}
"""What `access/headers.py` sends with a page, and what becomes possible without it."""

_BREAKS = {
    ("referrer-policy", "no-referrer"): "browsers then send forms without an origin, and the portal refuses them",
    (
        "cross-origin-opener-policy",
        "same-origin",
    ): "the windows of wallets and banks (3-D Secure) are cut off from the page",
}


def written(name: str) -> str:
    """A header's name as people write it: "Cross-Origin-Opener-Policy"."""
    return "-".join(part.capitalize() for part in name.split("-"))


def header_findings(answer: Answer, page: Page, address: str) -> Iterator[Finding]:
    """Everything about the headers of the portal's first page. Nothing to say: it is as the portal sent it."""
    for name in _SENT:
        yield from _as_sent(answer, name)
    yield from _permissions(answer)
    embedder = " ".join(answer.all("cross-origin-embedder-policy"))
    if "require-corp" in embedder or "credentialless" in embedder:
        yield Finding(
            "problem",
            f"Cross-Origin-Embedder-Policy: {shown(embedder)} is added on the way: under it Stripe's frames (card fields, "
            f"3-D Secure) do not load. Leave {address} out of it.",
        )
    yield from _frame_options(answer, page)
    yield from policy_findings(answer, page, address)


def _as_sent(answer: Answer, name: str) -> Iterator[Finding]:
    sent, otherwise = _SENT[name]
    values = answer.all(name)
    if not values:
        yield Finding(
            "problem",
            f"{written(name)} does not arrive: the portal sends {sent}, something on the way removes it, and {otherwise}.",
        )
    elif any(value != sent for value in values):
        # Of several, browsers take the first, the last or none, each header in its own way: so one is too many.
        foreign = [value for value in values if value != sent]
        then = next((_BREAKS[name, value] for value in foreign if (name, value) in _BREAKS), None)
        came = " and ".join(shown(value) for value in values)
        yield Finding(
            "problem",
            f"{written(name)} arrives as {came}, where the portal sends {sent}: something on the way sets its own, and "
            f"{then or otherwise}.",
        )
    elif len(values) > 1:
        yield Finding("note", f"{written(name)} arrives {len(values)} times: the portal sends its own, so add none.")


def _permissions(answer: Answer) -> Iterator[Finding]:
    values = answer.all("permissions-policy")
    if not values:
        yield Finding(
            "problem",
            "Permissions-Policy does not arrive: something on the way removes it, and pages may ask for camera and "
            "microphone.",
        )
        return
    allowed = allowed_by_permissions(values, "payment")
    missing = [origin for origin in stripe_hosts_of(answer).script if origin not in (allowed or ())]
    if allowed is not None and "*" not in allowed and missing:
        given = " ".join(allowed) or "nobody"
        yield Finding(
            "problem",
            f"Permissions-Policy gives payment to {shown(given)}, because something on the way sets its own: Apple Pay and "
            f"Google Pay need {' '.join(missing)} there. Leave the portal's alone.",
        )


def _frame_options(answer: Answer, page: Page) -> Iterator[Finding]:
    values, framers = answer.all("x-frame-options"), framed_by(answer, page)
    mine, _ = own_policies(answer, page)
    if framers and values:
        who = shown(" ".join(framers))
        came = f"X-Frame-Options: {shown(' and '.join(values))} is added on the way, while {who} may frame the portal"
        if mine:
            yield Finding(
                "note",
                f"{came}: today's browsers go by the portal's frame-ancestors and ignore it, others show an empty frame. "
                "Add none.",
            )
        else:
            yield Finding(
                "problem", f"{came}: without the portal's Content-Security-Policy the frame stays empty. Add none."
            )
    elif not framers and not values and not mine:
        yield Finding("problem", "X-Frame-Options: DENY does not arrive: any site may frame the portal.")
