"""Static files and the host's theme."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import Response

from portal_embed.errors import NotFound
from portal_embed.web.appearance import stylesheet
from portal_embed.web.assets import assets
from portal_embed.web.pieces import piece_stylesheet

if TYPE_CHECKING:
    from portal_embed.config import Theme
    from portal_embed.web.assets import Asset
    from portal_embed.web.request import PortalRequest


async def show(request: PortalRequest) -> Response:
    """A file under the hash of its content, which a browser may keep for a year. A stale hash is not found."""
    asset = assets().get(request.path_params["path"])
    if asset is None or asset.hash != request.path_params["hash"]:
        raise NotFound("no such file")
    return _answer(request, asset, {})


async def embed(request: PortalRequest) -> Response:
    """A script for the host's page, or the declaration for TypeScript: at an address that never changes."""
    asset = assets()[f"embed/{request.scope['path'].rpartition('/')[2]}"]
    headers = {"ETag": f'"{asset.hash}"', "Access-Control-Allow-Origin": "*"}  # a module script is asked for with CORS
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return _answer(request, asset, headers)


async def theme(request: PortalRequest) -> Response:
    """The colours and type of the host, or of one of its Stripe accounts, as custom properties."""
    return Response(stylesheet(await _look(request), ".portal"), media_type="text/css")


async def pieces(request: PortalRequest) -> Response:
    """The whole look of pieces in a host's page, the theme included, at an address that never changes."""
    return Response(piece_stylesheet(await _look(request)), media_type="text/css")


async def _look(request: PortalRequest) -> Theme:
    account = request.query_params.get("account")
    terms = request.config.terms_of(request.config.own, account if account in request.config.accounts else None)
    terms = await request.services.terms.in_brand_colors(terms, livemode=request.config.livemode)
    look, scheme = terms.theme, request.query_params.get("scheme")
    if look.scheme == "auto" and scheme in {"light", "dark"}:
        look = replace(look, scheme="dark" if scheme == "dark" else "light")
    return look


def _answer(request: PortalRequest, asset: Asset, headers: dict[str, str]) -> Response:
    body, headers = asset.body, {**headers, "Vary": "Accept-Encoding"}
    if asset.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = asset.zipped, "gzip"
    return Response(body, media_type=asset.media_type, headers=headers)
