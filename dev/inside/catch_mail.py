"""Start MailDump with one addition: links in a mail open a tab of their own, as in a mail program.

Inside MailDump's frame they would stay blank, because Odoo forbids other sites to frame it.
"""
# pylint: disable=import-error
import gevent.monkey

gevent.monkey.patch_all()

from flask import request  # noqa: E402
from maildump.web import app  # noqa: E402
from maildump_runner.main import main  # noqa: E402


@app.after_request
def open_links_outside(response):
    """Give a shown mail a default target for its links."""
    if request.path.startswith("/messages/") and response.mimetype == "text/html":
        response.direct_passthrough = False  # else the body is a file that cannot be read here
        response.set_data(response.get_data().replace(b"<head>", b'<head><base target="_blank">', 1))
    return response


main()
