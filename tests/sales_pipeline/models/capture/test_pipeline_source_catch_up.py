from datetime import datetime, timedelta

from odoo import fields
from odoo.tools import mute_logger

from odoo.addons.sales_pipeline.providers.capture.base import StoredItem
from tests.common import PipelineCase
from tests.fakes import Reply, typeform
from tests.fakes.graph import PAGE, TOKEN, FakeGraph, error_reply, usage_headers

_LOGGER = "odoo.addons.sales_pipeline.models.capture.pipeline_source_catch_up"


class TestCatchUp(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = cls.env["pipeline.inbox"]
        cls.sources = cls.env["pipeline.source"]
        cls.source = cls.sources.create({
            "name": "Page", "provider": "facebook", "secret": "app-secret", "vendor_account": PAGE,
            "vendor_token": TOKEN,
        })  # fmt: skip

    def setUp(self):
        super().setUp()
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.graph = FakeGraph()
        self.addCleanup(self.graph.close)
        self.source.vendor_base_url = self.graph.base_url
        self.now = int(datetime.now().timestamp())

    def _add(self, *numbers):
        for number in numbers:
            self.graph.add(f"{number}", f"Person {number}", f"p{number}@caught.example", self.now + number)

    def _run(self):
        self.env.flush_all()
        self.sources._cron_catch_up()
        self.inbox.invalidate_model()
        self.sources.invalidate_model()

    def _rows(self, source=None):
        return self.inbox.search([("source_id", "=", (source or self.source).id)], order="id")

    def test_missed_leads_become_leads_once(self):
        self._add(1, 2, 3, 4, 5)
        self._run()
        self.assertEqual(sorted(self._rows().mapped("external_id")), ["1", "2", "3", "4", "5"])
        self.assertTrue(self.source.polled_at)
        self._run()
        self._add(6)
        self._run()
        self.assertEqual(len(self._rows()), 6)
        self.inbox._cron_drain()
        leads = self.env["crm.lead"].search([("email_normalized", "=like", "%@caught.example")])
        self.assertEqual((len(leads), len(leads.touch_ids)), (6, 6))

    def test_a_lead_that_the_webhook_brought_is_not_made_again(self):
        self._add(1)
        payload = {"leadgen_id": "1", "page_id": PAGE}
        self.inbox._store(self.source, [StoredItem("1", payload, account=PAGE, waits_for="answers")])
        self._run()
        self.assertEqual((len(self._rows()), self._rows().waits_for), (1, False))

    def test_leads_from_before_the_source_are_left_alone(self):
        self.graph.add("1", "Old", "old@caught.example", self.now - 86400)
        self._run()
        self.assertFalse(self._rows())

    def test_a_limit_amid_the_pages_goes_on_later(self):
        self._add(1, 2, 3, 4, 5)
        honest = self.graph.answer

        def limited(asked):
            is_third = len(self.graph.asked) == 3
            return Reply(**error_reply(4, headers=usage_headers(2))) if is_third else honest(asked)

        self.patch(self.graph, "answer", limited)
        self._run()
        self.assertEqual(len(self._rows()), 2)
        self.assertEqual(self.source.vendor_problem, "throttled")
        self._run()
        self.assertEqual(len(self._rows()), 2, "nothing is asked while the limit lasts")
        self.source.vendor_wait_until = fields.Datetime.now() - timedelta(seconds=1)
        self._run()
        self.assertEqual(len(self._rows()), 5)
        self.assertFalse(self.source.vendor_problem)

    def test_what_is_wrong_is_said_on_the_source(self):
        for change, code in (
            (self.graph.tokens.clear, "token"),
            (lambda: self.graph.fail_next(**error_reply(10)), "permission"),
            (lambda: self.graph.fail_next(status=503), "broken"),
            (lambda: self.source.write({"vendor_base_url": "http://graph.example.com"}), "insecure_address"),
        ):
            with self.subTest(code=code):
                self.graph.tokens.update({TOKEN: PAGE})
                self.source.vendor_wait_until = False
                change()
                self._run()
                self.assertEqual(self.source.vendor_problem, code)
                self.assertTrue(self.source.vendor_problem_text)
                self.assertGreater(self.source.vendor_wait_until, fields.Datetime.now())

    def test_a_page_that_is_not_there_does_not_stop_the_fetching(self):
        self.source.vendor_account = "999"
        self._run()
        self.assertEqual((self.source.vendor_problem, self.source.vendor_wait_until), ("account_unknown", False))

    def test_a_place_that_cannot_be_read_begins_anew(self):
        self._add(1)
        self.source.poll_cursor = "{nonsense"
        self._run()
        self.assertEqual(self._rows().external_id, "1")

    def test_a_fault_of_ours_is_said_and_harms_no_other(self):
        other = self.source.copy({"vendor_account": PAGE, "vendor_token": TOKEN, "provider": "typeform"})
        self._add(1)
        self.patch(other._get_provider_class(), "catch_up", lambda *_args: 1 / 0)
        with mute_logger(_LOGGER):
            self._run()
        self.assertEqual(other.vendor_problem, "fault")
        self.assertEqual(self._rows().external_id, "1")

    def test_an_archived_source_is_not_asked_for(self):
        self._add(1)
        self.source.active = False
        self._run()
        self.assertFalse(self.graph.asked)

    def test_a_source_without_a_token_or_a_page_is_not_asked_for(self):
        self.source.vendor_token = False
        self._run()
        self.source.write({"vendor_token": TOKEN, "vendor_account": False})
        self._run()
        self.assertFalse(self.graph.asked)

    def test_one_source_in_trouble_does_not_hold_up_another(self):
        other = self.source.copy({"vendor_token": "wrong"})
        self._add(1)
        self._run()
        self.assertEqual(other.vendor_problem, "token")
        self.assertEqual(self._rows().external_id, "1")

    def test_typeforms_responses_are_caught_up(self):
        with typeform.FakeTypeform() as fake:
            source = self.sources.create({
                "name": "Form", "provider": "typeform", "vendor_account": typeform.FORM, "vendor_token": typeform.TOKEN,
                "vendor_base_url": fake.base_url,
            })  # fmt: skip
            soon = fields.Datetime.now() + timedelta(minutes=5)
            for number in range(3):
                moment = f"{soon + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}"
                fake.add(f"tok{number}", f"Person {number}", f"t{number}@caught.example", moment)
            self._run()
            self._run()
            self.assertEqual(len(self._rows(source)), 3)
            self.inbox._cron_drain()
            self.assertEqual(set(self._rows(source).mapped("result")), {"created"})
            self.assertIn("Which roof?", self._rows(source)[0].lead_id.description)

    # ---- several pages behind one address

    def _route(self, *accounts):
        items = [StoredItem(f"{number}", {}, account=account) for number, account in enumerate(accounts)]
        return {source: [item.account for item in part] for source, part in self.source._route(items).items()}

    def test_leads_go_to_the_source_of_their_page(self):
        other = self.source.copy({"vendor_account": "222", "secret": "app-secret"})
        self.assertEqual(self._route(PAGE, "222", "333"), {self.source: [PAGE, "333"], other: ["222"]})
        self.assertEqual(self._route(PAGE), {self.source: [PAGE]})

    def test_a_page_of_another_app_is_not_spoken_for(self):
        self.source.copy({"vendor_account": "222", "secret": "another-secret"})
        self.source.copy({"vendor_account": "333", "secret": False})
        self.source.copy({"vendor_account": "444", "secret": "app-secret", "provider": "typeform"})
        self.source.copy({"vendor_account": "555", "secret": "app-secret", "active": False})
        accounts = ["222", "333", "444", "555"]
        self.assertEqual(self._route(*accounts), {self.source: accounts})
