import re
import time
from pathlib import Path

import odoo.addons.sales_pipeline as addon
from odoo.addons.sales_pipeline.tools import webhook_schedule
from odoo.addons.sales_pipeline.tools.webhook_signature import make_secret, sign

PAGE = (Path(addon.__path__[0]) / "rest/README.md").read_text(encoding="utf-8")


def read_verify():
    """Return the function that the page shows."""
    shown = {}
    exec(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], shown)
    return shown["verify"]


def make_headers(secrets, body, at):
    return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": sign(secrets, "msg_1", at, body)}


def test_the_code_of_the_page_knows_our_messages_and_no_others():
    verify, secret, other, now = read_verify(), make_secret(), make_secret(), int(time.time())
    body = b'{"type":"lead.created"}'

    assert verify(secret, make_headers([secret], body, now), body)
    assert verify(secret, make_headers([other, secret], body, now), body), "while the secret is replaced"
    assert not verify(secret, make_headers([other], body, now), body)
    assert not verify(secret, make_headers([secret], body, now), body + b" ")
    assert not verify(secret, make_headers([secret], body, now - 3600), body), "what was sent long ago is no news"


def test_the_page_tells_when_messages_come_again():
    told = re.search(r"tried again: (.*?) after", PAGE, re.DOTALL)[1]
    seconds = {"s": 1, "min": 60, "h": 3600}

    assert [int(number) * seconds[unit] for number, unit in re.findall(r"(\d+) (s|min|h)", told)] == list(
        webhook_schedule.GAPS
    )
