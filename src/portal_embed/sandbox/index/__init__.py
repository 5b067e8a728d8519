"""The plain page at a world's root, for people: its customers, its clock with buttons, its last requests."""

from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from portal_embed.sandbox import lives
from portal_embed.sandbox.world import API_VERSION, World
from portal_embed.sandbox.worlds import DEFAULT, Realm

_HERE = Path(str(files(__package__)))
_templates = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
STEPS = {"An hour on": 3_600, "A day on": 86_400, "A week on": 7 * 86_400, "A month on": 31 * 86_400}
_CUSTOMERS, _REQUESTS = 50, 30


async def _show(request: Request) -> Response:
    realm: Realm = request.scope["sandbox.realm"]
    world: World = request.scope["sandbox.world"]
    rows = world.newest_first("customer")
    html = _templates.get_template("index.html").render(
        name=realm.name,
        base=request.scope["root_path"],
        api_base=realm.api_base,
        version=API_VERSION,
        worlds=[name for name in request.scope["sandbox.worlds"].names() if name != DEFAULT],
        now=datetime.fromtimestamp(realm.clock.now(), UTC).strftime("%d %b %Y, %H:%M:%S UTC"),
        frozen=realm.clock.frozen is not None,
        steps=STEPS,
        lives=lives.names(),
        customers=[_customer(world, row) for row in islice(rows, _CUSTOMERS)],
        requests=list(islice(reversed(realm.trouble.log), _REQUESTS)),
    )
    return HTMLResponse(html, headers=_HEADERS)


def _customer(world: World, row: dict[str, Any]) -> dict[str, Any]:
    subscriptions = world.newest_first("subscription", customer=row["id"])
    return {**row, "statuses": [subscription["status"] for subscription in subscriptions]}


async def _act(request: Request) -> Response:
    """A button was pressed: let time pass, stop or run the clock, or build a customer; then show the page again."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise HTTPException(403, "Only this page's own buttons work.")
    realm: Realm = request.scope["sandbox.realm"]
    async with request.form() as form:
        step, do, life = (str(form.get(name, "")) for name in ("step", "do", "life"))
    if step in STEPS:
        realm.clock.move(STEPS[step])
    elif do == "freeze":
        realm.clock.frozen = realm.clock.now()
    elif do == "run":
        realm.clock.frozen = None
    elif life in lives.names():
        lives.build(request.scope["sandbox.world"], life)
    realm.catch_up()
    return RedirectResponse(f"{request.scope['root_path']}/", 303)


async def _stylesheet(_: Request) -> Response:
    return Response((_HERE / "index.css").read_text("utf-8"), media_type="text/css", headers=_HEADERS)


routes = [
    Route("/", _show, methods=["GET"]),
    Route("/", _act, methods=["POST"]),
    Route("/index.css", _stylesheet),
]
