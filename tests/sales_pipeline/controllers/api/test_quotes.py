from datetime import timedelta

from odoo import fields

from tests.sales_pipeline.controllers.api.base import ApiCase

UNKNOWN = "6f1f6a0e-0000-4000-8000-000000000000"


class QuoteCase(ApiCase):
    def setUp(self):
        super().setUp()
        self.env["product.product"].create({
            "name": "Consulting", "default_code": "CONS", "type": "service", "list_price": 100, "taxes_id": False,
        })  # fmt: skip
        self.env.ref("sales_pipeline.pipeline_api_product").taxes_id = False
        self.deal = self.make_deal()

    def make_deal(self, **values):
        return self.env["crm.lead"].create({
            "name": "Machine tools", "type": "opportunity", "user_id": self.client().user.id,
            "contact_name": "Ann Archer", "email_from": "ann@acme.example", **values,
        })  # fmt: skip

    def create(self, deal=None, as_=None, **values):
        values.setdefault("line_items", [{"product": "CONS", "quantity": "2"}])
        sent = {"opportunity_id": (deal or self.deal).uuid, **values}
        answer = self.api("POST", "/quotes", sent, as_=as_)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.body

    def act(self, quote, act, body=None, **options):
        return self.api("POST", f"/quotes/{quote['id']}/{act}", body if body is not None else {}, **options)

    def get_order(self, quote):
        return self.env["sale.order"].search([("uuid", "=", quote["id"])])

    def assert_refused(self, answer, code, pointer=None, status=422):
        self.assertEqual((answer.status, answer.body["code"]), (status, code), answer.body)
        if pointer:
            self.assertEqual([error["pointer"] for error in answer.body["errors"]], [pointer])


class TestQuotes(QuoteCase):
    # ---- create and read

    def test_a_quote_is_drafted_and_read_back(self):
        answer = self.api("POST", "/quotes", {
            "opportunity_id": self.deal.uuid, "valid_until": "2027-01-31", "terms_conditions": "Cash\nonly",
            "line_items": [
                {"type": "section", "name": "Work"},
                {"product": "CONS", "quantity": "2", "unit_price": "90.5", "discount": "10"},
                {"name": "A smile", "unit_price": "1"},
                {"type": "note", "name": "Thanks"},
            ],
        })  # fmt: skip
        read = self.api("GET", f"/quotes/{answer.body['id']}")

        self.assertEqual(answer.status, 201, answer.body)
        self.assertEqual((read.body, read.etag), (answer.body, answer.etag))
        lines = [
            (line["type"], line["product"], line["quantity"], line["unit_price"], line["discount"], line["subtotal"])
            for line in read.body["line_items"]
        ]
        self.assertEqual(lines, [
            ("section", None, "0", "0.00", "0", "0.00"), ("line", "CONS", "2", "90.50", "10", "162.90"),
            ("line", None, "1", "1.00", "0", "1.00"), ("note", None, "0", "0.00", "0", "0.00"),
        ])  # fmt: skip
        self.assertEqual([line["name"] for line in read.body["line_items"]][2:], ["A smile", "Thanks"])
        shown = {name: read.body[name] for name in ("total_amount", "status", "terms_conditions", "valid_until")}
        self.assertEqual(shown, {
            "total_amount": "163.90", "status": "draft", "terms_conditions": "Cash\nonly", "valid_until": "2027-01-31",
        })  # fmt: skip
        self.assertEqual(read.body["opportunity_id"], self.deal.uuid)
        self.assertEqual(read.body["customer"], {"name": "Ann Archer", "email": "ann@acme.example"})
        self.assertIsNone(read.body["order_id"])

    def test_a_product_brings_its_price_and_name(self):
        quote = self.create()

        line = quote["line_items"][0]
        self.assertEqual((line["unit_price"], line["subtotal"]), ("100.00", "200.00"))
        self.assertIn("Consulting", line["name"])

    def test_lines_that_cannot_be_offered_are_told_by_pointer(self):
        cases = {
            "/opportunity_id": {"opportunity_id": UNKNOWN},
            "/line_items/0/product": {"line_items": [{"product": "NONE"}]},
            "/line_items/1/unit_price": {"line_items": [{"product": "CONS"}, {"name": "A smile"}]},
            "/line_items/0/name": {"line_items": [{"unit_price": "1"}]},
            "/line_items/0/quantity": {"line_items": [{"product": "CONS", "quantity": 2}]},
            "/line_items/0/discount": {"line_items": [{"product": "CONS", "discount": "101"}]},
            "/line_items/0/id": {"line_items": [{"product": "CONS", "id": UNKNOWN}]},
            "/line_items/0/colour": {"line_items": [{"product": "CONS", "colour": "red"}]},
            "/currency": {"currency": "XXX"},
            "/valid_until": {"valid_until": "soon"},
        }
        before = self.env["sale.order"].search_count([])
        for pointer, values in cases.items():
            with self.subTest(pointer=pointer):
                answer = self.api("POST", "/quotes", {"opportunity_id": self.deal.uuid, **values})

                self.assert_refused(answer, "validation-failed", pointer)
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_a_deal_with_nobody_gets_no_quote(self):
        deal = self.make_deal(contact_name=False, email_from=False)

        answer = self.api("POST", "/quotes", {"opportunity_id": deal.uuid})

        self.assert_refused(answer, "validation-failed", "/opportunity_id")
        self.assertFalse(deal.order_ids)

    # ---- replace

    def test_sending_back_what_was_read_changes_nothing(self):
        quote = self.create(terms_conditions="Cash", line_items=[
            {"type": "section", "name": "Work"}, {"product": "CONS", "unit_price": "0.125"},
            {"name": "A smile", "unit_price": "1"},
        ])  # fmt: skip
        read = self.api("GET", f"/quotes/{quote['id']}")
        written = self.get_order(quote).write_date

        answer = self.api("PUT", f"/quotes/{quote['id']}", read.body)

        self.assertEqual((answer.status, answer.body, answer.etag), (200, read.body, read.etag))
        self.assertEqual(self.get_order(quote).write_date, written)

    def test_replacing_keeps_known_lines_and_lets_others_go(self):
        quote = self.create(line_items=[{"product": "CONS"}, {"name": "A smile", "unit_price": "1"}])
        consulting, smile = quote["line_items"]

        answer = self.api("PUT", f"/quotes/{quote['id']}", {
            "line_items": [{"name": "New", "unit_price": "5"}, {**consulting, "quantity": "3"}],
        })  # fmt: skip

        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual([line["name"] for line in answer.body["line_items"]], ["New", consulting["name"]])
        self.assertEqual(answer.body["line_items"][1]["id"], consulting["id"])
        self.assertNotIn(smile["id"], [line["id"] for line in answer.body["line_items"]])
        self.assertEqual((answer.body["total_amount"], answer.body["valid_until"]), ("305.00", None))

    def test_a_sent_quote_stays_sent_when_it_is_changed_and_an_answered_one_is_not_changed(self):
        quote = self.create()
        path = f"/quotes/{quote['id']}"
        self.act(quote, "send")

        changed = self.api("PUT", path, {"line_items": [{"product": "CONS"}]})
        self.act(quote, "accept")
        late = self.api("PUT", path, {"line_items": []})

        self.assertEqual((changed.status, changed.body["status"]), (200, "sent"))
        self.assert_refused(late, "conflict-of-state", status=409)
        self.assertEqual(self.api("GET", path).body["total_amount"], "100.00")

    def test_another_deal_or_a_total_cannot_be_written(self):
        quote = self.create()

        for values in ({"total_amount": "1.00"}, {"opportunity_id": self.make_deal().uuid}, {"status": "accepted"}):
            with self.subTest(values=values):
                answer = self.api("PUT", f"/quotes/{quote['id']}", {**quote, **values})

                self.assert_refused(answer, "validation-failed", f"/{next(iter(values))}")

    def test_quotes_are_neither_patched_nor_deleted(self):
        quote = self.create()
        for method in ("PATCH", "DELETE"):
            with self.subTest(method=method):
                self.assertEqual(self.api(method, f"/quotes/{quote['id']}").status, 405)

    # ---- send

    def test_a_sent_quote_is_mailed_after_the_commit(self):
        quote = self.create()

        answer = self.act(quote, "send", {"subject": "Our offer", "message": "See <below>"})
        order = self.get_order(quote)
        row = self.env["pipeline.outbox"].search([("kind", "=", "quote_mail"), ("res_id", "=", order.id)])
        mails_before = self.env["mail.mail"].search_count([])
        row._attempt()
        message = order.message_ids[:1]

        self.assertEqual((answer.status, answer.body["status"]), (200, "sent"))
        self.assertTrue(answer.body["sent_at"])
        self.assertIn(order.access_token, answer.body["portal_url"])
        self.assertEqual((row.state, order.opportunity_id.deal_stage), ("done", "proposal_sent"))
        self.assertEqual((message.subject, message.partner_ids), ("Our offer", order.partner_id))
        self.assertIn("See &lt;below&gt;", message.body)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails_before + 1)

    def test_without_a_message_the_words_of_the_template_go_to_the_address_that_was_named(self):
        quote = self.create()
        self.act(quote, "send", {"to": "Bob@Acme.example"})
        order = self.get_order(quote)

        self.env["pipeline.outbox"].search([("kind", "=", "quote_mail"), ("res_id", "=", order.id)])._attempt()
        message = order.message_ids[:1]

        self.assertEqual(message.partner_ids.mapped("email"), ["bob@acme.example"])
        self.assertIn(quote["quote_number"], message.subject)
        self.assertEqual(message.author_id, self.client().user.partner_id)
        self.assertIn(self.client().user.email, message.email_from)

    def test_a_quote_is_sent_again(self):
        quote = self.create()
        first = self.act(quote, "send")

        again = self.act(quote, "send", {"to": "bob@acme.example"})

        rows = self.env["pipeline.outbox"].search([
            ("kind", "=", "quote_mail"), ("res_id", "=", self.get_order(quote).id),
        ])  # fmt: skip
        self.assertEqual((first.status, again.status, len(rows)), (200, 200, 2))
        self.assertEqual(again.body["sent_at"], first.body["sent_at"])

    def test_nothing_is_sent_without_an_address_or_by_a_channel_that_is_not_set_up(self):
        quote = self.create()
        order = self.get_order(quote)
        order.partner_id.email = False

        nowhere = self.act(quote, "send")
        whatsapp = self.act(quote, "send", {"channel": "whatsapp"})

        self.assert_refused(nowhere, "validation-failed", "/to")
        self.assert_refused(whatsapp, "not-configured", status=501)
        self.assertEqual(self.get_order(quote).state, "draft")
        self.assertFalse(self.env["pipeline.outbox"].search([("kind", "=", "quote_mail"), ("res_id", "=", order.id)]))

    # ---- accept and reject

    def test_an_accepted_quote_is_an_order_and_wins_its_deal(self):
        quote = self.create()
        self.act(quote, "send")

        answer = self.act(quote, "accept", {"signed_by": "Ann Archer", "note": "By phone"})
        order = self.api("GET", f"/orders/{answer.body['order_id']}")
        deal = self.api("GET", f"/opportunities/{self.deal.uuid}").body

        self.assertEqual((answer.status, answer.body["status"]), (200, "accepted"), answer.body)
        self.assertTrue(answer.body["accepted_at"])
        self.assertEqual((deal["deal_stage"], bool(deal["customer_id"])), ("won", True))
        self.assertEqual(self.get_order(quote).signed_by, "Ann Archer")
        shown = {name: order.body[name] for name in ("quote_id", "total_value", "status", "payment_status")}
        self.assertEqual(
            shown,
            {"quote_id": quote["id"], "total_value": "200.00", "status": "confirmed", "payment_status": "pending"},
        )
        self.assertEqual(order.body["line_items"], answer.body["line_items"])

    def test_one_quote_of_a_deal_is_accepted(self):
        first, second = self.create(), self.create()
        self.act(first, "accept")
        third = self.create()

        again = self.act(first, "accept", {"signed_by": "Somebody else"})
        superseded = self.act(second, "accept")
        rival = self.act(third, "accept")

        self.assertEqual((again.status, again.body["status"]), (200, "accepted"))
        self.assertFalse(self.get_order(first).signed_by)
        self.assert_refused(superseded, "conflict-of-state", status=409)
        self.assert_refused(rival, "conflict-of-state", status=409)
        self.assertIn(first["quote_number"], rival.body["detail"])
        self.assertEqual(self.get_order(third).state, "draft")

    def test_a_declined_quote_keeps_the_reason(self):
        quote = self.create()
        self.act(quote, "send")

        without = self.act(quote, "reject", {})
        answer = self.act(quote, "reject", {"reason": "Too dear"})
        again = self.act(quote, "reject", {"reason": "Other"})
        accepted = self.act(quote, "accept")

        self.assert_refused(without, "validation-failed", "/reason")
        self.assertEqual(
            (answer.status, answer.body["status"], answer.body["reject_reason"]), (200, "rejected", "Too dear")
        )
        self.assertEqual((again.status, again.body), (200, answer.body))
        self.assert_refused(accepted, "conflict-of-state", status=409)

    def test_an_accepted_or_expired_quote_is_not_declined_accepted_or_sent(self):
        accepted, expired = self.create(), self.create(self.make_deal(email_from="bob@acme.example"))
        self.act(accepted, "accept")
        self.get_order(expired).write({
            "state": "sent", "validity_date": fields.Date.today() - timedelta(days=2),
        })  # fmt: skip

        answers = [
            self.act(accepted, "reject", {"reason": "x"}), self.act(accepted, "send"),
            self.act(expired, "accept"), self.act(expired, "reject", {"reason": "x"}), self.act(expired, "send"),
        ]  # fmt: skip

        self.assertEqual([answer.status for answer in answers], [409] * 5)
        self.assertEqual((self.get_order(accepted).state, self.get_order(expired).state), ("sale", "sent"))

    # ---- whose quotes

    def test_what_somebody_must_not_see_is_not_there(self):
        quote = self.create()
        rep = self.client("rep")
        before = self.api("GET", f"/quotes/{quote['id']}")

        answers = [
            self.api("GET", f"/quotes/{quote['id']}", as_=rep),
            self.api("PUT", f"/quotes/{quote['id']}", {"line_items": []}, as_=rep),
            *(self.act(quote, act, {"reason": "x"} if act == "reject" else {}, as_=rep)
              for act in ("send", "accept", "reject")),
        ]  # fmt: skip
        drafted = self.api("POST", "/quotes", {"opportunity_id": self.deal.uuid}, as_=rep)

        self.assertEqual([answer.status for answer in answers], [404] * 5)
        self.assert_refused(drafted, "validation-failed", "/opportunity_id")
        self.assertEqual(self.api("GET", f"/quotes/{quote['id']}").etag, before.etag)

    def test_who_may_only_read_a_quote_neither_acts_nor_gets_the_link(self):
        quote = self.create()
        self.act(quote, "accept")
        keeper = self.client("customer_success")

        read = self.api("GET", f"/quotes/{quote['id']}", as_=keeper)
        sent = self.act(quote, "send", as_=keeper)

        self.assertEqual((read.status, read.body["portal_url"]), (200, None))
        self.assertIn(sent.status, (403, 409))

    # ---- lists

    def test_lists_are_narrowed(self):
        rep = self.client("rep")
        deal = self.make_deal(user_id=rep.user.id, email_from="cid@acme.example", contact_name="Cid")
        other = self.make_deal(user_id=rep.user.id, email_from="dee@acme.example", contact_name="Dee")
        draft, accepted = self.create(deal, as_=rep), self.create(other, as_=rep, valid_until="2031-01-01")
        self.act(accepted, "accept", as_=rep)
        cases = [
            ("/quotes", {}, [accepted, draft]), ("/quotes", {"status": "draft"}, [draft]),
            ("/quotes", {"status_in": "draft,accepted"}, [accepted, draft]),
            ("/quotes", {"opportunity_id": deal.uuid}, [draft]),
            ("/quotes", {"valid_until_gt": "2030-01-01"}, [accepted]),
            ("/quotes", {"total_amount_gt": "200"}, []), ("/quotes", {"text": draft["quote_number"]}, [draft]),
            ("/orders", {}, [accepted]), ("/orders", {"status": "confirmed"}, [accepted]),
            ("/orders", {"status": "delivered"}, []), ("/orders", {"payment_status": "pending"}, [accepted]),
            ("/orders", {"invoice_generated": "false"}, [accepted]), ("/orders", {"invoice_generated": "true"}, []),
            ("/orders", {"opportunity_id": other.uuid}, [accepted]),
        ]  # fmt: skip
        for path, parameters, expected in cases:
            with self.subTest(path=path, parameters=parameters):
                answer = self.api("GET", path, as_=rep, **parameters)

                found = [one["id"] for one in answer.body["data"]]
                self.assertCountEqual(found, [one["id"] for one in expected])
        self.assertEqual(self.api("GET", f"/orders/{draft['id']}", as_=rep).status, 404)
