"""No screen, search, export or copy gives away what lets programs in or signs messages, not even to administrators."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from tests.common import PipelineCase


class TestApiSecrets(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(cls.env, "boss", groups="base.group_system,sales_pipeline.group_admin")
        cls.client_record = cls.env["pipeline.api.client"].create({"name": "Shop", "user_id": cls.boss.id})
        cls.api_token, cls.text = cls.client_record._issue_token("static")
        cls.webhook = cls.env["pipeline.webhook"].create(
            {"name": "Hook", "url": "https://hook.example/in", "user_id": cls.boss.id}
        )
        cls.hidden = (
            (cls.api_token, "token_hash"), (cls.webhook, "secret"), (cls.webhook, "previous_secret"),
        )  # fmt: skip

    def test_it_is_not_read(self):
        for record, name in self.hidden:
            with self.subTest(name=name), self.assertRaises(AccessError):
                record.with_user(self.boss).read([name])

    def test_it_is_not_exported(self):
        for record, name in self.hidden:
            with self.subTest(name=name), self.assertRaises(AccessError):
                record.with_user(self.boss).export_data([name])

    def test_it_is_not_found_out_by_searching(self):
        for record, name in self.hidden:
            with self.subTest(name=name), self.assertRaises(AccessError):
                record.with_user(self.boss).search([(name, "=like", "a%")])

    def test_it_is_not_sorted_or_grouped_by(self):
        for record, name in self.hidden:
            records = record.with_user(self.boss)
            with self.subTest(name=name, by="order"), self.assertRaises(AccessError):
                records.search([], order=name)
            with self.subTest(name=name, by="group"), self.assertRaises(AccessError):
                records.formatted_read_group([], [name])

    def test_it_is_not_written(self):
        for record, name in self.hidden:
            before = record[name]
            with self.subTest(name=name), self.assertRaises(AccessError):
                record.with_user(self.boss).write({name: "chosen"})
            self.assertEqual(record[name], before)

    def test_it_is_not_described(self):
        for record, name in self.hidden:
            self.assertNotIn(name, record.with_user(self.boss).fields_get())

    def test_a_copy_has_another(self):
        copy = self.webhook.copy()
        self.assertNotEqual(copy.secret, self.webhook.secret)
        self.assertFalse(copy.previous_secret)

    def test_the_text_of_a_token_is_in_no_table(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM pipeline_api_token t WHERE t::text LIKE %s", [f"%{self.text.rpartition('_')[2]}%"]
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))
