"""The API describes itself: for programs, and as a page to read and try."""

import json
from html import escape

from odoo.api import SUPERUSER_ID
from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import JSON, Operation, reply
from ...rest.compose import keep
from ...rest.openapi import make_document
from ...rest.problems import TITLES

_LIB, _OWN = "/sales_pipeline/static/lib/swagger-ui", "/sales_pipeline/static/docs"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API - Sales Pipeline</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="{lib}/swagger-ui.css"><link rel="stylesheet" href="{own}/docs.css">
</head><body>
<noscript><p>This page needs JavaScript. The description itself is at <a href="/api/openapi.json">/api/openapi.json</a>.
</p></noscript>
<div id="operations"></div>
<section class="problems"><h2>Problems</h2>
<p>Errors are problem documents; programs decide by their <code>code</code>.</p><dl>{problems}</dl></section>
<script src="{lib}/swagger-ui-bundle.js"></script><script src="{own}/initializer.js"></script>
</body></html>
"""


class DocsController(Controller):
    @api.route("/api/openapi.json", methods=["GET"], operation=Operation(
        "Describe the API (OpenAPI 3.1)", scope=None, tag="System", is_public=True, is_conditional=True,
    ))  # fmt: skip
    def get_openapi(self) -> Response:
        """Answer with the description, made once a registry."""
        kept = keep(request.env)
        if "openapi.json" not in kept:
            document = make_document(request.env(user=SUPERUSER_ID))
            kept["openapi.json"] = json.dumps(document, ensure_ascii=False), api.make_etag(document)
        text, etag = kept["openapi.json"]
        seen = reply(None, etag=etag)
        if seen.status_code == 304:
            return seen
        headers = {"ETag": etag, "Cache-Control": "no-cache"}
        return Response(text, headers=headers, content_type=JSON)

    @api.route("/api/docs", methods=["GET"], operation=Operation(
        "Show the API as a page", scope=None, tag="System", is_public=True,
    ))  # fmt: skip
    def get_docs(self) -> Response:
        """Answer with a page whose parts all come from this server."""
        problems = "".join(
            f'<dt id="problem-{escape(code)}"><code>{escape(code)}</code></dt><dd>{escape(title)}.</dd>'
            for code, title in sorted(TITLES.items())
        )
        page = _PAGE.format(lib=_LIB, own=_OWN, problems=problems)
        headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
        return Response(page, headers=headers, content_type="text/html; charset=utf-8")
