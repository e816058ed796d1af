"""The script that websites include to keep where their visitors came from."""

import hashlib
from functools import cache

from odoo.http import Controller, Response, request, route
from odoo.tools import file_open

from ..providers.capture.base import RawRequest
from ..tools.script import squeeze

# An hour, so that a correction reaches every website the same day; meanwhile browsers ask with the ETag.
_HEADERS = {
    "Cache-Control": "public, max-age=3600, stale-while-revalidate=86400",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


class EmbedController(Controller):
    """Serve one file that is the same for everybody and holds no secret."""

    @route(
        "/pipeline/embed.js",
        type="raw",
        auth="none",
        methods=["GET", "HEAD"],
        csrf=False,
        save_session=False,
        readonly=True,
    )
    def embed(self, raw: RawRequest) -> Response:
        """Return the embed script, or 304 to whoever has this version."""
        script, etag = _read_script()
        response = Response(script, content_type="text/javascript; charset=utf-8", headers=_HEADERS)
        response.set_etag(etag)
        return response.make_conditional(request.httprequest)


@cache
def _read_script() -> tuple[bytes, str]:
    with file_open("sales_pipeline/static/embed/embed.js", "r") as file:
        script = squeeze(file.read()).encode()
    return script, hashlib.sha256(script).hexdigest()[:32]
