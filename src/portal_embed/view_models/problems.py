"""Error pages and in-place messages: what happened, whether money moved, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal_embed.view_models.standings import Standing


@dataclass(frozen=True)
class ProblemPage:
    """What went wrong.

    `title` and `sentences` in plain words; `money` says whether money moved ("" when it cannot have). `reference`: the
    request id to give to support. `action_*`: the next step inside the portal, None for none, and where that leads
    back to, "" for nowhere; `leads_to_host`: whether the way on is back to the host (its link is in the chrome).
    `may_retry`: loading the same address again may well work. `proof_url`: where they prove who they are, "" for
    nowhere. `status`: of HTTP. `slug`: a stable word for what happened, for stylesheets. `standing`: how the plan or the invoice
    stands that the click was about, None where what came of it is known.
    """

    status: int
    slug: str
    title: str
    sentences: tuple[str, ...]
    money: str
    reference: str
    action_label: str | None = None
    action_route: str | None = None
    action_back: str = ""
    leads_to_host: bool = False
    may_retry: bool = False
    proof_url: str = ""
    standing: Standing | None = None
