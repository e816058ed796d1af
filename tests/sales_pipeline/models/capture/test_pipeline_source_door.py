from datetime import timedelta

from odoo import fields

from odoo.addons.sales_pipeline.exceptions import NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from tests.common import PipelineCase


class TestDoor(PipelineCase):
    """What is kept in memory of a source is never older than the source."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        values = {"name": "Door", "provider": "website", "secret": "first-secret"}
        cls.source = cls.env["pipeline.source"].create(values)

    def is_let_in(self, secret, token=None):
        source, provider = self.env["pipeline.source"]._find_door(token or self.source.token)
        if source is None:
            return None
        try:
            provider.verify(RawRequest(b"{}", {"x-pipeline-secret": secret}, "application/json"))
        except NotVerified:
            return False
        return True

    def test_a_second_request_costs_no_query(self):
        self.is_let_in("first-secret")
        with self.assertQueryCount(0):
            self.assertTrue(self.is_let_in("first-secret"))
            self.assertIsNone(self.is_let_in("first-secret", token="somebody-guesses"))

    def test_a_replaced_secret_holds_at_once(self):
        self.assertTrue(self.is_let_in("first-secret"))
        self.source.secret = "second-secret"
        self.assertFalse(self.is_let_in("first-secret"))
        self.assertTrue(self.is_let_in("second-secret"))

    def test_an_old_secret_ends_when_its_time_is_over_although_nobody_writes(self):
        self.source.write({
            "secret": "second-secret", "previous_secret": "first-secret",
            "previous_secret_until": fields.Datetime.now() + timedelta(hours=1),
        })  # fmt: skip
        self.assertTrue(self.is_let_in("first-secret"))
        self.patch(fields.Datetime, "now", lambda *_args: fields.Datetime.to_datetime("2100-01-01 00:00:00"))
        self.assertFalse(self.is_let_in("first-secret"))
        self.assertTrue(self.is_let_in("second-secret"))

    def test_an_archived_source_does_not_answer_and_a_new_one_does(self):
        self.assertTrue(self.is_let_in("first-secret"))
        self.source.active = False
        self.assertIsNone(self.is_let_in("first-secret"))
        other = self.env["pipeline.source"].create({"name": "New", "provider": "website", "secret": "new-secret-1"})
        self.assertTrue(self.is_let_in("new-secret-1", other.token))
        token = other.token
        other.unlink()
        self.assertIsNone(self.is_let_in("new-secret-1", token))

    def test_another_mapping_holds_at_once(self):
        def target():
            _source, provider = self.env["pipeline.source"]._find_door(self.source.token)
            return provider.parse({"fullest_name": "Ann"}).name

        self.assertFalse(target())
        row = self.env["pipeline.source.mapping"].create(
            {"source_id": self.source.id, "question": "fullest_name", "target": "name"}
        )
        self.assertEqual(target(), "Ann")
        row.target = "ignore"
        self.assertFalse(target())
        row.unlink()
        self.assertFalse(target())
