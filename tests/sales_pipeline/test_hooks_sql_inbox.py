from odoo.tools import SQL

from odoo.addons.sales_pipeline.hooks_sql_inbox import adopt_old_rows
from tests.common import PipelineCase

# state, result and reason as 19.0.1.0 wrote them, and what they are now
_ROWS = {
    "waits": (("pending", None, None), ("received", False, None, False)),
    "made": (("done", "created", None), ("processed", "created", None, False)),
    "known": (("done", "duplicate", None), ("duplicate", "duplicate", None, False)),
    "bare": (("refused", "refused", "“name” is missing."), ("rejected", "refused", "“name” is missing.", False)),
    "odd": (
        ("refused", "refused", "The value of “email” cannot be used."),
        ("rejected", "refused", "The value of “email” cannot be used.", False),
    ),
    "trial": (("test", "test", None), ("processed", "test", None, True)),
    "broken": (("failed", None, "ValueError"), ("failed", False, None, False)),
}


class TestInboxOfAnEarlierVersion(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["pipeline.source"].create({"name": "Old form", "provider": "website"})
        cls.rows = cls.env["pipeline.inbox"].create([
            {"source_id": cls.source.id, "external_id": name, "payload": {"name": name}} for name in _ROWS
        ])  # fmt: skip
        cls.env.flush_all()
        for row, (old, _new) in zip(cls.rows, _ROWS.values(), strict=True):
            query = "UPDATE pipeline_inbox SET state = %s, result = %s, error_message = %s WHERE id = %s"
            cls.env.cr.execute(SQL(query, *old, row.id))
        cls.env.invalidate_all()

    def seen(self):
        self.env.invalidate_all()
        return [
            (row.state, row.result, row.reason if row.state == "rejected" else None, row.is_test) for row in self.rows
        ]

    def test_each_state_of_the_earlier_version_becomes_one_of_ours(self):
        adopt_old_rows(self.env.cr)
        self.assertEqual(self.seen(), [new for _old, new in _ROWS.values()])

    def test_translating_twice_changes_nothing(self):
        adopt_old_rows(self.env.cr)
        self.assertEqual(adopt_old_rows(self.env.cr), 0)
        self.assertEqual(self.seen(), [new for _old, new in _ROWS.values()])

    def test_the_job_takes_what_an_old_server_stored_while_it_was_replaced(self):
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.source.contact_required = False
        self.env["pipeline.inbox"]._cron_drain()
        self.env.invalidate_all()
        self.assertEqual(self.rows[0].state, "processed")
        self.assertEqual(self.rows[0].lead_id.contact_name, "waits")
