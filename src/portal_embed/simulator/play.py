"""The run: step by step somebody clicks somewhere, something fails, or time passes; and after each step all is checked."""

from __future__ import annotations

import asyncio
import gc
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from portal_embed.sandbox.lives import add_card, promotion_codes
from portal_embed.simulator import host, trouble
from portal_embed.simulator.actions import Actions
from portal_embed.simulator.alarm import Alarm, listening
from portal_embed.simulator.books import snapshot
from portal_embed.simulator.browser import Browser
from portal_embed.simulator.ledger_checks import BOOKS
from portal_embed.simulator.loop import PatientLoop
from portal_embed.simulator.people import NEW_CARDS, Person, Tab, cast
from portal_embed.simulator.report import Broken, Report
from portal_embed.simulator.stage import ORIGIN, Stage, stage
from portal_embed.simulator.step_checks import HTTP_BROKEN, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from portal_embed.simulator.books import Snapshot
    from portal_embed.simulator.step_checks import Scene, Sent

PEOPLE = 6
HOST_ACTS = 0.06
"""The share of steps in which the merchant does something: without it, sooner or later everything would be canceled."""
MINUTE, HOUR, DAY = 60, 3600, 86_400
MOST_CLICKS = 5
"""A step is a short walk through the pages; the first form that is sent ends it."""
THOUGHT = (20, 20, 90, 2400)
"""Seconds, at most, that somebody looks at a page: mostly a moment, sometimes over lunch."""
TROUBLE = 0.3
"""The share of clicks under which something fails, if its calls are of the kind."""
TIME_PASSES = 0.1
"""The share of steps in which only time passes."""


def simulate(seed: int, steps: int, tell: Callable[[str], None] | None = None) -> Report:
    """Run so many steps from a seed; raises `Broken` at the first invariant that does not hold.

    `tell` gets each line of the diary as it is written. The same seed gives the same run with the same code: everything
    is drawn from it, both sides run on one event loop, and their clocks stand still between steps.
    """
    state, thresholds = random.getstate(), gc.get_threshold()
    gc.set_threshold(50_000, *thresholds[1:])  # the books only grow, and looking for rubbish took a fifth of the time
    random.seed(seed)  # the jitter of the SDK's and of our own retries comes from there
    try:
        with asyncio.Runner(loop_factory=PatientLoop) as runner, listening() as alarm:
            return runner.run(_run(seed, steps, tell, alarm))
    finally:
        random.setstate(state)
        gc.set_threshold(*thresholds)


async def _run(seed: int, steps: int, tell: Callable[[str], None] | None, alarm: Alarm) -> Report:
    async with stage(random.Random(f"{seed}/host")) as made:  # noqa: S311  (a game of chance, not a secret)
        play = _Play(seed, made, tell, alarm)
        await play.invite()
        for number in range(1, steps + 1):
            await play.step(number)
        return play.report(steps)


class _Play:
    def __init__(self, seed: int, made: Stage, tell: Callable[[str], None] | None, alarm: Alarm) -> None:
        self._seed = seed
        self._stage = made
        self._tell = tell
        self._alarm = alarm
        self._rng = random.Random(seed)  # noqa: S311
        self._number = 0
        self._people: list[Person] = []
        self._promised: dict[str, int] = {}
        self._report = Report(seed, 0)
        self._owners: dict[str, str] = {}
        self._failed: set[str] = set()
        self._actions = Actions(made, self._rng)

    async def invite(self) -> None:
        for name, life, options in cast(self._rng, PEOPLE):
            email = f"{name.lower()}@{name.lower()[::-1]}.example"
            told = await self._stage.control(
                "lives", name=life, options={"name": f"{name} Zz", "email": email, **options}
            )
            if card := self._rng.choice(NEW_CARDS):
                add_card(self._stage.world, told["customer"], card)
            shared = Browser(self._stage.app, ORIGIN)
            tabs = [Tab(shared), Tab(self._rng.choice((shared, Browser(self._stage.app, ORIGIN))))]
            self._people.append(Person(name, life, told["customer"], tabs, (name, email)))
        promotion_codes(self._stage.world)
        self._start = self._stage.world.now()
        for person in self._people:
            self._check_books(person)

    async def step(self, number: int) -> None:
        self._number = number
        roll = self._rng.random()
        if roll < TIME_PASSES:
            await self._let_time_pass()
            return
        if roll < TIME_PASSES + HOST_ACTS:
            self._let_the_host_act()
            return
        person = self._rng.choice(self._people)
        tab = self._rng.choice(person.tabs)
        for _ in range(self._rng.randint(1, MOST_CLICKS)):
            if not await self._click(person, tab):
                return

    async def _click(self, person: Person, tab: Tab) -> bool:
        """One click, and all that is to be checked about it. Whether it was only a look, and the walk goes on."""
        await self._stage.control("clock", move=self._rng.randint(1, self._rng.choice(THOUGHT)))
        others = tuple(other for other in self._people if other is not person)
        action = self._actions.draw(person, tab, others)
        planted = trouble.draw(self._rng) if self._rng.random() < TROUBLE else None
        if action.first is not None:
            await action.first()
        before = snapshot(self._stage.world, person.customer)
        strangers = [snapshot(self._stage.world, other.customer).facts for other in others] if action.is_strange else []
        if planted is not None:
            await self._stage.control("faults", **planted[1])
        outcome = await action.act()
        hit = await self._heal(planted) or self._kept_failure(outcome)
        self._remember_failure(outcome, hit)
        after = snapshot(self._stage.world, person.customer)
        scene = replace(
            outcome,
            who=person,
            others=others,
            before=before,
            after=after,
            owner_of=self._owner_of,
            hit=hit,
            is_strange=action.is_strange,
            promised=self._promised,
        )
        self._note(person, action.name, scene)
        for index, facts in enumerate(strangers):
            if snapshot(self._stage.world, others[index].customer).facts != facts:
                self._break("strangers_find_nothing", f"{person.name} changed what {others[index].name} has")
        self._check(scene)
        return not scene.sent

    def _kept_failure(self, scene: Scene) -> str:
        """Stripe repeats a 500 to the same form for as long as it keeps the key: that trouble goes on."""
        return "a failure that Stripe has kept" if any(_token(sent) in self._failed for sent in scene.sent) else ""

    def _remember_failure(self, scene: Scene, hit: str) -> None:
        if hit:
            failed = (sent for sent in scene.sent if any(answer.status > HTTP_BROKEN for answer in sent.answers))
            self._failed.update(_token(sent) for sent in failed)

    async def _heal(self, planted: tuple[str, dict[str, object]] | None) -> str:
        """Clear the trouble; what it was called if it met anything, "" if not."""
        if planted is None:
            return ""
        left = (await self._stage.control("faults", clear=False))["faults"]
        met = not left or left[0]["times"] != planted[1]["times"]
        await self._stage.control("faults", clear=True)
        if met:
            await asyncio.sleep(trouble.LONGEST)
        return planted[0] if met else ""

    async def _let_time_pass(self) -> None:
        unit, most = self._rng.choice(((MINUTE, 90), (HOUR, 20), (HOUR, 60), (HOUR, 60), (DAY, 5), (DAY, 35)))
        seconds = self._rng.randint(1, most) * unit
        before = {person.customer: snapshot(self._stage.world, person.customer) for person in self._people}
        await self._stage.control("clock", move=seconds)
        self._write(f"{seconds} seconds pass")
        self._report.deeds["let time pass"] += 1
        for person in self._people:
            self._check_without_click(person, before[person.customer])

    def _let_the_host_act(self) -> None:
        person = self._rng.choice(self._people)
        before = snapshot(self._stage.world, person.customer)
        self._write(f"the host {host.act(self._stage.world, before, self._rng)} for {person.name}")
        self._report.deeds["let the host act"] += 1
        self._check_without_click(person, before)

    def _check_without_click(self, person: Person, before: Snapshot) -> None:
        after = snapshot(self._stage.world, person.customer)
        facts = {"owner_of": self._owner_of, "by_itself": True, "promised": self._promised}
        self._check(self._actions.scene(who=person, before=before, after=after, **facts))

    def report(self, steps: int) -> Report:
        self._report.steps = steps
        self._report.days = (self._stage.world.now() - self._start) // DAY
        self._report.charges = sum(len(snapshot(self._stage.world, person.customer).taken) for person in self._people)
        return self._report

    # -- checking and telling

    def _check(self, scene: Scene) -> None:
        for said in self._alarm.heard():
            self._break("nobody_crashes", said)
        for check in STEPS:
            for wrong in check(scene):
                self._break(check.__name__, f"{scene.who.name}: {wrong}")
        self._check_books(scene.who)

    def _check_books(self, person: Person) -> None:
        books = snapshot(self._stage.world, person.customer)
        for check in BOOKS:
            for wrong in check(books):
                self._break(check.__name__, f"{person.name}: {wrong}")

    def _break(self, check: str, wrong: str) -> None:
        raise Broken(check, wrong, self._seed, self._number, self._report.trace[-8:])

    def _note(self, person: Person, name: str, scene: Scene) -> None:
        ends = ", ".join(f"{answer.path} {answer.status} {answer.done}".strip() for answer in scene.answers)
        under = f" under {scene.hit}" if scene.hit else ""
        taken = f", takes {sorted(scene.new_charges.values())}" if scene.new_charges else ""
        self._write(f"{person.name} ({person.life}): {name}{under} -> {ends}{taken}")
        self._report.deeds[name] += 1

    def _write(self, what: str) -> None:
        line = f"{self._number:>5} {what}"
        self._report.trace.append(line)
        if self._tell is not None:
            self._tell(line)

    def _owner_of(self, word: str) -> str | None:
        """The customer behind an id or an invoice's number, None when it is nobody's in particular."""
        if word not in self._owners:
            self._learn()
        return self._owners.get(word)

    def _learn(self) -> None:
        for person in self._people:
            books = snapshot(self._stage.world, person.customer)
            words = {person.customer, *books.subscriptions, *books.invoices, *books.charges, *books.methods}
            words.update(invoice["number"] for invoice in books.invoices.values() if invoice["number"])
            words.update(books.invoice_of)
            for word in words:
                self._owners[word] = person.customer


def _token(sent: Sent) -> str:
    """What makes a form this one form: its operation token."""
    return sent.fields.get("_op", "")
