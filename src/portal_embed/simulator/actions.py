"""What somebody does next in one of their tabs, drawn from what the page offers; and the few things a browser adds to that:
a second try with an old form, a double click, two tabs at once, an address that is not theirs.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from portal_embed.simulator.deeds import CODES, LEADS_ON, LEAVE, LOOK, deed_of, filled_in
from portal_embed.simulator.people import CARDS, NUMBERS
from portal_embed.simulator.step_checks import Scene, Sent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

    from portal_embed.simulator.people import Person, Tab
    from portal_embed.simulator.reading import Answer, Form
    from portal_embed.simulator.stage import Stage

_MINE = re.compile(r"/((?:sub|in|pm)_[A-Za-z0-9]+)")
_CHECKOUT = "/c/pay/"
"""What the addresses of Stripe's page have."""
_REMEMBERED = 6
"""How many of the forms it has sent a tab can go back to."""


@dataclass(frozen=True)
class Action:
    """`act` does it, and answers what was sent and seen. `is_strange`: it tries what is somebody else's. `first`: what the
    browser does at Stripe before.
    """

    name: str
    act: Callable[[], Awaitable[Scene]]
    weight: float = 1
    is_strange: bool = False
    first: Callable[[], Awaitable[None]] | None = None


class Actions:
    """Draws the next action of a tab."""

    def __init__(self, stage: Stage, rng: Random) -> None:
        """Everything random comes from `rng`."""
        self._stage = stage
        self._rng = rng

    def draw(self, person: Person, tab: Tab, others: tuple[Person, ...]) -> Action:
        """One of all that could be done now, the likelier ones more often."""
        page = tab.answer
        if page is None or page.status in (400, 401) or not page.path.startswith("/billing"):
            return Action("come in by the host's link", lambda: self._enter(person, tab))
        links = sorted({link for link in page.seen.links if _is_ours(link)})
        found = [self._follow(tab, link, 2 / len(links)) for link in links]
        found += [self._press(tab, form, page) for form in page.seen.forms]
        if "authentication" in page.seen.behaviors:
            found += [self._bank(tab, page, "complete", 9), self._bank(tab, page, "fail", 4)]
        found += [self._buy(tab, link) for link in page.seen.links if _CHECKOUT in link]
        found += [self._again(tab, *tab.sent[-1 - back]) for back in range(min(2, len(tab.sent)))]
        found += self._both(person, tab, page)
        found += self._pry(tab, page, others)
        found.append(Action("come in by the host's link", lambda: self._enter(person, tab), 0.1))
        return self._rng.choices(found, [action.weight for action in found])[0]

    def scene(self, **facts: Any) -> Scene:
        """A scene of which only this is known yet."""
        unknown: dict[str, Any] = dict.fromkeys(("who", "before", "after", "owner_of"))
        return Scene(**{**unknown, "others": (), **facts})

    # -- the actions

    async def _enter(self, person: Person, tab: Tab) -> Scene:
        tab.sent.clear()  # forms of a session before are refused, which is soon seen
        return await self._open(tab, self._stage.portal.create_session(customer=person.customer).url)

    def _follow(self, tab: Tab, link: str, weight: float) -> Action:
        weight = LEADS_ON.get(urlsplit(link).path.rsplit("/", 1)[-1], weight)
        return Action("look", lambda: self._open(tab, link), weight)

    def _press(self, tab: Tab, form: Form, page: Answer) -> Action:
        deed, fields = deed_of(form), filled_in(form, self._rng)

        def send() -> Awaitable[Scene]:
            return self._send(tab, form, fields)

        if "payment-element" in page.seen.behaviors and "setup_intent" in form.fields:
            return Action(deed.name, send, deed.weight, first=lambda: self._type_card(page))
        if deed is LOOK or self._rng.random() > 0.15:
            return Action(deed.name, send, deed.weight)
        return Action(f"{deed.name}, twice at once", lambda: self._send(tab, form, fields, times=2), deed.weight)

    def _again(self, tab: Tab, form: Form, fields: dict[str, str]) -> Action:
        """Back, and the same form once more: as it was, or with another choice."""
        fields = fields if self._rng.random() < 0.7 else {**fields, **filled_in(form, self._rng)}
        return Action(f"{deed_of(form).name}, the old form again", lambda: self._send(tab, form, fields), 0.4)

    def _both(self, person: Person, tab: Tab, page: Answer) -> list[Action]:
        """A form of this tab and one of the other, at the same moment."""
        others = [other for other in person.tabs if other is not tab and other.answer is not None]
        mine = [form for form in page.seen.forms if _is_deed(form)]
        theirs = [
            (other, form) for other in others for form in (other.answer.seen.forms if other.answer else ())
            if _is_deed(form)
        ]  # fmt: skip
        if not mine or not theirs:
            return []
        first, (other, second) = self._rng.choice(mine), self._rng.choice(theirs)
        fields = filled_in(first, self._rng), filled_in(second, self._rng)

        async def act() -> Scene:
            scenes = await asyncio.gather(self._send(tab, first, fields[0]), self._send(other, second, fields[1]))
            return self.scene(sent=(*scenes[0].sent, *scenes[1].sent))

        return [Action(f"{deed_of(first).name} and {deed_of(second).name} at once", act, 0.7)]

    def _pry(self, tab: Tab, page: Answer, others: tuple[Person, ...]) -> list[Action]:
        """An address of the page with a stranger's id in it."""
        links = [link for link in page.seen.links if _is_ours(link) and _MINE.search(link)]
        if not links:
            return []
        link = self._rng.choice(links)
        prefix = _MINE.search(link)[1].partition("_")[0]  # type: ignore[index]
        strange = [id for other in others for id in self._has(other, prefix)]
        if not strange:
            return []
        address = _MINE.sub(f"/{self._rng.choice(strange)}", urlsplit(link).path, count=1)
        return [Action("look at a stranger's", lambda: self._open(tab, address), 0.7, is_strange=True)]

    def _has(self, person: Person, prefix: str) -> list[str]:
        kind = {"sub": "subscription", "in": "invoice", "pm": "payment_method"}[prefix]
        return [row["id"] for row in self._stage.world.oldest_first(kind, customer=person.customer)]

    def _bank(self, tab: Tab, page: Answer, outcome: str, weight: float) -> Action:
        """Press a button of the bank's dialog; then the page goes where it was told to."""
        intent = page.seen.secret.partition("_secret_")[0]
        invoice = page.path.rsplit("/", 1)[0]

        async def act() -> Scene:
            await self._stage.at_stripe(f"/3ds/{intent}", client_secret=page.seen.secret, outcome=outcome)
            scene = await self._open(tab, page.seen.returns or invoice)
            return replace(scene, asked_bank=True)

        return Action(f"answer the bank: {outcome}", act, weight)

    def _buy(self, tab: Tab, link: str) -> Action:
        """Pay on Stripe's page, now and then with a code, and come back; or come back without."""
        path = _CHECKOUT + link.partition(_CHECKOUT)[2]
        number, code = self._rng.choice(NUMBERS), self._rng.choice((*CODES, "", ""))

        async def act() -> Scene:
            if code:
                await self._stage.at_stripe(path, code=code)
            raw = await self._stage.at_stripe(path, number=number)
            if not raw.header("location"):
                raw = await self._stage.at_stripe(path, outcome="complete")
            scene = await self._open(tab, raw.header("location") or "/billing/plans")
            return replace(scene, asked_bank=True)

        return Action("pay at Checkout", act, 20)

    async def _type_card(self, page: Answer) -> None:
        """Type a card into the Payment Element, as Stripe.js sends it, and mostly say yes to what the bank asks."""
        secret = page.seen.secret
        intent, card = secret.partition("_secret_")[0], self._rng.choice(CARDS)
        await self._stage.at_stripe(
            f"/v1/setup_intents/{intent}/confirm",
            client_secret=secret,
            payment_method=card,
            use_stripe_sdk="true",
            return_url="https://example.com/",
        )
        if self._rng.random() < 0.8:
            await self._stage.at_stripe(f"/3ds/{intent}", client_secret=secret, outcome="complete")

    async def _open(self, tab: Tab, address: str) -> Scene:
        answer = await tab.browser.get(address)
        if answer.html:  # a document at Stripe opens beside the page
            tab.answer = answer
        return self.scene(seen=(answer,))

    async def _send(self, tab: Tab, form: Form, fields: dict[str, str], times: int = 1) -> Scene:
        answers = await asyncio.gather(*(tab.browser.send(form, fields) for _ in range(times)))
        tab.answer = answers[-1]
        if form.method == "get":
            return self.scene(seen=tuple(answers))
        if deed_of(form) is not LEAVE:
            tab.sent = [*tab.sent, (form, fields)][-_REMEMBERED:]
        return self.scene(sent=(Sent(form, fields, tuple(answers)),))


def _is_deed(form: Form) -> bool:
    return form.method == "post" and deed_of(form) is not LEAVE


def _is_ours(link: str) -> bool:
    return link.startswith("/billing") and "/static/" not in link
