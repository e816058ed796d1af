"""Secrets are replaced without turning anybody away who still has the old one."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields

from tests.common import PipelineCase


class TestSecret(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["pipeline.source"].create({"name": "Form", "secret": "old"})

    def at(self, **later):
        return freeze_time(fields.Datetime.now() + timedelta(**later))

    def test_the_old_secret_is_let_in_for_a_day(self):
        self.source._replace_secret("new")
        with self.at(hours=23):
            self.source.invalidate_recordset()
            self.assertEqual(self.source._get_provider().secrets, ["new", "old"])
        with self.at(hours=25):
            self.source.invalidate_recordset()
            self.assertEqual(self.source._get_provider().secrets, ["new"])
            self.assertFalse(self.source.is_replacing_secret)

    def test_at_once_turns_the_old_one_away(self):
        self.source._replace_secret("new", 0)
        self.assertEqual(self.source._get_provider().secrets, ["new"])
        self.assertFalse(self.source.previous_secret or self.source.previous_secret_until)

    def test_the_overlap_can_be_ended(self):
        self.source._replace_secret("new")
        self.source.action_end_previous_secret()
        self.assertEqual(self.source._get_provider().secrets, ["new"])

    def test_a_second_replacement_forgets_the_first_secret(self):
        self.source._replace_secret("second")
        self.source._replace_secret("third")
        self.assertEqual(self.source._get_provider().secrets, ["third", "second"])

    def test_old_secrets_are_forgotten_when_their_time_is_over(self):
        self.source._replace_secret("new", 1)
        with self.at(hours=2):
            self.env["pipeline.source"]._gc_previous_secrets()
        self.assertFalse(self.source.previous_secret)

    def test_the_dialog_replaces_and_the_note_names_no_secret(self):
        action = self.source.action_rotate_secret()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({"overlap_hours": 2})
        wizard.action_replace()
        self.assertEqual(self.source._get_provider().secrets, [wizard.secret, "old"])
        note = self.source.message_ids[:1].body
        self.assertIn("The secret was replaced", note)
        self.assertNotIn(wizard.secret, note)

    def test_a_copied_source_shares_no_secret(self):
        self.source._replace_secret("new")
        copy = self.source.copy()
        self.assertTrue(copy.secret and copy.secret != "new")
        self.assertFalse(copy.previous_secret)
        self.assertNotEqual(copy.verify_token, self.source.verify_token)
