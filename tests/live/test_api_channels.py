"""Mails that programs ask for, as they arrive at a real mail server."""
import json
import urllib.request
from datetime import timedelta

from odoo import fields

from tests.live import wait_until


def test_a_mail_asked_for_arrives_and_its_activity_is_done(server):
    with server.env() as env:
        user = env.ref("base.user_admin")
        lead = env["crm.lead"].create({"name": "Lamps", "type": "lead", "email_from": "ann@lamps.example"})
        uuid = lead.uuid
        expires = fields.Datetime.now() + timedelta(days=1)
        token = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", expires)

    def ask(method, path, body=None):
        request = urllib.request.Request(
            f"{server.base_url}/api{path}", method=method, data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)

    status, planned = ask("POST", f"/leads/{uuid}/email", {
        "subject": "Your lamps", "body": "Hello <Ann>,\nMonday?", "cc": ["bob@lamps.example"],
    })
    assert (status, planned["activity_type"], planned["completed"]) == (202, "email", False)

    wait_until(lambda: server.mails(to="ann@lamps.example"), 60, "the mail")
    (mail,) = server.mails(to="ann@lamps.example")
    assert server.mails(to="bob@lamps.example") == [mail]
    assert mail["Subject"] == "Your lamps"
    assert "Hello <Ann>," in mail.get_body(("plain",)).get_content()
    done = wait_until(
        lambda: (found := ask("GET", f"/activities/{planned['id']}")[1])["completed"] and found, 10, "the activity"
    )
    assert (done["id"], done["direction"], done["summary"]) == (planned["id"], "out", "Your lamps")
    rows = ask("GET", f"/leads/{uuid}/activities")[1]["data"]
    assert [row["id"] for row in rows] == [planned["id"]]
