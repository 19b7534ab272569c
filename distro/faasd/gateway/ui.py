"""The status page: three files, sent with headers that let a browser load nothing else."""

from importlib.resources import files

from aiohttp import web

_TYPES = {
    "index.html": "text/html",
    "style.css": "text/css",
    "app.js": "text/javascript",
}
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


async def show_page(request: web.Request) -> web.Response:
    """Answer one of the page's files; read anew each time, which is seldom.

    Raises:
        HTTPNotFound: there is no such file.
    """
    name = request.match_info.get("file") or "index.html"
    if name not in _TYPES:
        raise web.HTTPNotFound
    body = files("faasd").joinpath("assets", "ui", name).read_bytes()
    return web.Response(body=body, content_type=_TYPES[name], charset="utf-8", headers=SECURITY)


async def lead_to_page(_request: web.Request) -> web.Response:
    """Send a browser to the page, wherever it thinks the node is."""
    return web.Response(status=302, headers={"Location": "/ui/", **SECURITY})
