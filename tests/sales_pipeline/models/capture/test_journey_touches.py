"""First and last visit of one submission, and forms that robots filled in."""

from datetime import timedelta
from types import SimpleNamespace

from odoo import fields

from odoo.addons.sales_pipeline.tools.attribution import from_landing
from odoo.addons.sales_pipeline.tools.journey import Journey, Visit
from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase

_GOOGLE = from_landing("https://shop.example/?utm_source=google&gclid=A-b", "https://www.google.com/")
_AD = Visit(_GOOGLE, timedelta(days=3))
_MAIL = from_landing("https://shop.example/?utm_source=newsletter")
_CHAT = from_landing("https://shop.example/?utm_source=chat")
_ROBIN = {"name": "Robin", "email": "robin@example.com"}


class TestJourneyTouches(CaptureCase):
    def _get_touches(self, result):
        return self.lead(result).touch_ids.sorted(lambda touch: (touch.occurred_at, touch.id))

    def test_one_submission_makes_the_first_and_the_last_touch(self):
        now = fields.Datetime.now()
        [result] = self.capture({**_ROBIN, "attribution": _MAIL, "journey": Journey(first=_AD)})
        first, last = self._get_touches(result)
        self.assertEqual((first.utm_source, first.click_ids, first.referrer_url),
                         ("google", {"gclid": "A-b"}, "https://www.google.com/"))  # fmt: skip
        self.assertEqual((last.utm_source, last.click_ids), ("newsletter", False))
        self.assertEqual(last.occurred_at - first.occurred_at, timedelta(days=3))
        self.assertLess(last.occurred_at - now, timedelta(minutes=1))
        self.assertEqual((first | last).mapped("pipeline_source_id"), self.source)
        self.assertEqual(self.lead(result).source_id.name.lower(), "newsletter")

    def test_the_first_visit_is_told_once_however_often_the_contact_comes(self):
        self.capture({**_ROBIN, "attribution": _MAIL, "journey": Journey(first=_AD)})
        twice = {**_ROBIN, "attribution": _CHAT, "journey": Journey(first=_AD)}
        results = self.capture(twice, {**twice, "attribution": _MAIL})
        self.assertEqual([result.outcome for result in results], ["duplicate"] * 2)
        words = self._get_touches(results[0]).mapped("utm_source")
        self.assertEqual(words, ["google", "newsletter", "chat", "newsletter"])

    def test_a_first_visit_that_was_once_the_arrival_is_not_told_again(self):
        self.capture({**_ROBIN, "attribution": _AD.attribution})
        [result] = self.capture({**_ROBIN, "attribution": _MAIL, "journey": Journey(first=_AD)})
        self.assertEqual(self._get_touches(result).mapped("utm_source"), ["google", "newsletter"])

    def test_two_of_one_batch_who_are_one_person_share_the_first_visit(self):
        both = {**_ROBIN, "attribution": _MAIL, "journey": Journey(first=_AD)}
        created, again = self.capture(both, both)
        self.assertEqual((created.outcome, again.lead_id), ("created", created.lead_id))
        self.assertCountEqual(self.lead(created).touch_ids.mapped("utm_source"), ["google", "newsletter", "newsletter"])


class TestRobots(CaptureCase):
    def setUp(self):
        super().setUp()
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.source.min_fill_seconds = 3

    def _work(self, external_id, **payload):
        inbox = self.env["pipeline.inbox"]
        inbox._store(self.source, [SimpleNamespace(external_id=external_id, payload={**_ROBIN, **payload})])
        inbox._cron_drain()
        return inbox.search([("external_id", "=", external_id), ("source_id", "=", self.source.id)])

    def _count(self):
        return self.env["crm.lead"].search_count([]), self.env["pipeline.touch"].search_count([])

    def test_who_fills_in_what_people_do_not_see_makes_no_lead(self):
        before = self._count()
        row = self._work("trap", pipeline_website="https://casino.example")
        self.assertEqual((row.state, row.refused_code, bool(row.lead_id)), ("rejected", "spam", False))
        self.assertIn("do not see", row.reason)
        self.assertEqual(self._count(), before)

    def test_who_is_faster_than_a_person_makes_no_lead(self):
        before = self._count()
        row = self._work("fast", pipeline_journey='{"fill_seconds": 2.9}')
        self.assertEqual((row.state, row.refused_code), ("rejected", "spam"))
        self.assertIn("too fast", row.reason)
        self.assertEqual(self._count(), before)

    def test_who_takes_the_time_or_has_no_script_is_let_in(self):
        self.assertEqual(self._work("slow", pipeline_journey='{"fill_seconds": 3.0}').state, "processed")
        self.assertEqual(self._work("plain", email="plain@example.com", pipeline_website="").state, "processed")

    def test_a_person_who_replays_it_decides_otherwise(self):
        row = self._work("mistake", pipeline_website="my site", pipeline_journey='{"fill_seconds": 1}')
        row.action_replay()
        self.env["pipeline.inbox"]._cron_drain()
        self.assertEqual((row.state, row.lead_id.contact_name), ("processed", "Robin"))
