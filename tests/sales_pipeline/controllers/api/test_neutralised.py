"""A copy of a database for trials: programs are turned away there, and nobody outside is told anything."""

from odoo.tools import file_open

from tests.sales_pipeline.controllers.api.base import ApiCase


class TestNeutralised(ApiCase):
    def test_a_copy_lets_no_program_in_and_tells_nobody(self):
        client = self.env["pipeline.api.client"].create(
            {"name": "Shop", "user_id": self.env.ref("base.user_admin").id, "scopes": "leads:read"}
        )
        _token, text = client._issue_token()
        _secret, secret = client._issue_token("secret")
        webhook = self.env["pipeline.webhook"].create(
            {"name": "Shop", "url": "https://hooks.example.com", "events": "lead.*"}
        )
        message = webhook._send_test()
        self.assertTrue(client._find_grant(text))
        self.assertTrue(client._find_oauth_grant(client.client_key, secret))

        self.env.flush_all()
        with file_open("sales_pipeline/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()

        self.assertFalse(client._find_grant(text))
        self.assertFalse(client._find_oauth_grant(client.client_key, secret))
        self.assertRecordValues(webhook, [{"state": "paused", "secret": "", "previous_secret": False}])
        self.assertEqual(message.state, "cancelled")
