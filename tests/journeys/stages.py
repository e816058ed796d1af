"""One contact from the click on an ad to the onboarded customer, in five stages that follow each other.

The stages run in their order against one server: each goes on where the last one ended. The journeys repeat them under
different circumstances: whoever inherits them brings a fixture ``house``.
"""

import json
import re

import pytest
import requests

from tests.journeys.people import CLICK, post_google_lead
from tests.live import wait_until


def send_quote(server, house):
    """Make a quote from the template and mail it, as the rep does in the composer."""
    partner = house.rhea.read("crm.lead", house.lead, "partner_id")["partner_id"]
    values = {"partner_id": partner, "opportunity_id": house.lead, "sale_order_template_id": house.template}
    [order] = house.rhea.call("sale.order", "create", [values])
    with server.env(house.rhea.login) as env:
        quote = env["sale.order"].browse(order)
        quote._onchange_sale_order_template_id()
        assert quote.amount_total == 2000
    action = house.rhea.call("sale.order", "action_quotation_send", [order])
    before = len(house.dana.get_mails())
    [composer] = house.rhea.call("mail.compose.message", "create", [{}], context=action["context"])
    house.rhea.call("mail.compose.message", "action_send_mail", [composer], context=action["context"])
    wait_until(lambda: len(house.dana.get_mails()) > before, 70, "the mail with the quote")
    return order


class FiveStages:
    def test_1_a_click_on_an_ad_becomes_a_lead_in_somebodys_hands(self, server, house):
        refused = post_google_lead(server, house, "journey-0", key="guess")
        assert refused.status_code == 401
        query = "SELECT count(*) FROM pipeline_inbox i JOIN pipeline_source s ON s.id = i.source_id WHERE s.token = %s"
        assert server.sql(query, house.google) == [(0,)]

        answer = post_google_lead(server, house, "journey-1")
        assert (answer.status_code, answer.json()) == (200, {})
        found = "SELECT id FROM crm_lead WHERE email_normalized = %s AND team_id = %s"
        [(house.lead,)] = wait_until(lambda: server.sql(found, house.email, house.team), 20, "the lead")

        again = post_google_lead(server, house, "journey-1")
        assert again.status_code == 200, "a replay is acknowledged"

        mine = house.rhea.find("crm.lead", [("id", "=", house.lead)])
        assert mine == [house.lead], "Rhea has the first turn"
        assert house.ravi.find("crm.lead", [("id", "=", house.lead)]) == [], "a rep sees the own leads only"
        lead = house.rhea.read(
            "crm.lead", house.lead, "contact_name", "phone", "click_ids", "lead_status", "capture_channel"
        )
        assert (lead["contact_name"], lead["phone"]) == ("Dana Customer", "+493023125042")
        assert lead["click_ids"] == {"gclid": CLICK}
        assert (lead["lead_status"], lead["capture_channel"]) == ("new", "google_ads")
        told = house.rhea.call("pipeline.notice", "get_unread")["notices"]
        notices = [notice["kind"] for notice in told if notice["lead_id"] == house.lead]
        assert notices == ["assigned"], "the owner was told once"

        form = {"name": "Dana", "email": house.email.upper(), "message": "Still waiting"}
        form["pipeline_key"] = "form-key-of-the-house"
        came_back = requests.post(f"{server.base_url}/pipeline/capture/{house.website}", json=form, timeout=30)
        assert came_back.status_code == 200
        wait_until(
            lambda: server.sql("SELECT 1 FROM pipeline_touch WHERE lead_id = %s OFFSET 1", house.lead),
            20,
            "the second touch",
        )
        assert server.sql(found, house.email, house.team) == [(house.lead,)]
        assert house.rhea.timeline("crm.lead", house.lead) == ["captured", "duplicate"]

    def test_2_the_rep_reaches_out_and_the_lead_becomes_a_deal(self, server, house):
        values = {"name": "Dana Customer", "email": house.email, "lang": house.customer_lang}
        [partner] = house.rhea.call("res.partner", "create", [values])
        house.rhea.call("crm.lead", "write", [house.lead], {"partner_id": partner})
        house.rhea.call(
            "crm.lead",
            "message_post",
            [house.lead],
            body="When may I call you?",
            partner_ids=[partner],
            subtype_xmlid="mail.mt_comment",
            message_type="comment",
        )
        wait_until(house.dana.get_mails, 70, "the mail to the customer")
        assert house.rhea.read("crm.lead", house.lead, "lead_status")["lead_status"] == "contacted"

        [log] = house.rhea.call(
            "pipeline.call.log", "create", [{"lead_id": house.lead, "outcome": "reached", "duration_minutes": 7}]
        )
        house.rhea.call("pipeline.call.log", "action_log", [log])

        with pytest.raises(AssertionError, match=house.says["refusal"]):
            house.rhea.call("crm.lead", "action_convert", [house.lead])
        assert house.rhea.read("crm.lead", house.lead, "type")["type"] == "lead"
        house.rhea.call(
            "crm.lead", "write", [house.lead], {"met_criterion_ids": [(4, house.criterion)], "temperature": "hot"}
        )
        house.rhea.call("crm.lead", "action_convert", [house.lead])
        house.rhea.call("crm.lead", "action_convert", [house.lead])
        deal = house.rhea.read("crm.lead", house.lead, "type", "lead_status", "deal_stage", "priority", "partner_id")
        assert deal == {
            "id": house.lead,
            "type": "opportunity",
            "lead_status": "converted",
            "deal_stage": "discovery",
            "priority": "3",
            "partner_id": partner,
        }
        assert house.rhea.timeline("crm.lead", house.lead) == [
            "captured",
            "duplicate",
            "mail",
            "status",
            "call",
            "converted",
        ]

    def test_3_the_quote_is_sent_seen_declined_and_offered_again(self, server, house):
        first = send_quote(server, house)
        assert house.rhea.read("crm.lead", house.lead, "deal_stage")["deal_stage"] == "proposal_sent"
        assert house.rhea.read("sale.order", first, "quote_status")["quote_status"] == "sent"

        page = house.dana.open_quote(house.dana.get_mails()[-1])
        assert "Roof repair" in page
        assert house.rhea.read("sale.order", first, "quote_status")["quote_status"] == "viewed"

        house.dana.decline("A little too much")
        quote = house.rhea.read("sale.order", first, "quote_status", "reject_reason")
        assert (quote["quote_status"], quote["reject_reason"]) == ("rejected", "A little too much")
        assert house.rhea.read("crm.lead", house.lead, "deal_stage")["deal_stage"] == "negotiation"

        house.order = send_quote(server, house)
        house.dana.open_quote(house.dana.get_mails()[-1])
        house.dana.sign("Dana Customer")
        order = house.rhea.read("sale.order", house.order, "quote_status", "order_status", "payment_status")
        assert (order["quote_status"], order["order_status"], order["payment_status"]) == (
            "accepted",
            "confirmed",
            "pending",
        )
        assert house.rhea.read("crm.lead", house.lead, "deal_stage", "won_status")["won_status"] == "won"

    def test_4_the_customer_pays_and_the_accountant_sees_it_as_always(self, server, house):
        assert house.dana.pay(2000, house.provider, house.method) == "done"
        order = house.rhea.read("sale.order", house.order, "payment_status", "is_invoiced", "order_number")
        assert (order["payment_status"], order["is_invoiced"]) == ("paid", True)
        assert order["order_number"]
        [invoice] = house.abel.find(
            "account.move",
            [("move_type", "=", "out_invoice"), ("invoice_line_ids.sale_line_ids.order_id", "=", house.order)],
        )
        seen = house.abel.read("account.move", invoice, "state", "payment_state", "amount_residual")
        assert (seen["state"], seen["amount_residual"]) == ("posted", 0)
        assert seen["payment_state"] in ("paid", "in_payment")
        kinds = house.rhea.timeline("crm.lead", house.lead)
        assert kinds.count("won") == kinds.count("payment") == 1
        assert kinds.index("won") < kinds.index("payment")
        assert "invoice" in kinds

    def test_5_the_customer_is_greeted_cared_for_and_onboarded(self, server, house):
        [customer] = house.cora.find("pipeline.customer", [("opportunity_id", "=", house.lead)])
        care = house.cora.read(
            "pipeline.customer", customer, "csm_id", "lifecycle_stage", "onboarding_status", "onboarding_task_ids"
        )
        assert (care["csm_id"], care["lifecycle_stage"], care["onboarding_status"]) == (
            house.users["cora"],
            "onboarding",
            "pending",
        )
        is_welcome = re.compile(house.says["welcome"], re.IGNORECASE).search
        welcome = wait_until(
            lambda: [mail for mail in house.dana.get_mails() if is_welcome(mail["subject"] or "")], 70, "the welcome"
        )
        assert len(welcome) == 1

        tasks = care["onboarding_task_ids"]
        assert len(tasks) >= 3
        for done, task in enumerate(tasks, 1):
            house.cora.call("pipeline.onboarding.task", "action_done", [task])
            now = house.cora.read("pipeline.customer", customer, "onboarding_percent", "onboarding_status")
            assert now["onboarding_percent"] == round(100 * done / len(tasks))
            assert now["onboarding_status"] == ("completed" if done == len(tasks) else "in_progress")
        assert house.cora.read("pipeline.customer", customer, "lifecycle_stage")["lifecycle_stage"] == "active"
        assert "customer" in house.cora.timeline("pipeline.customer", customer)

    def test_the_whole_story_is_one_story(self, server, house):
        stories = server.sql(
            "SELECT DISTINCT story FROM pipeline_event WHERE res_model = 'crm.lead' AND res_id = %s", house.lead
        )
        [(uuid,)] = server.sql("SELECT uuid FROM crm_lead WHERE id = %s", house.lead)
        assert stories == [(uuid,)]
        detail = server.sql(
            "SELECT values FROM pipeline_event_detail d JOIN pipeline_event e ON e.detail_key = d.key "
            "WHERE e.kind = 'snapshot' AND e.story = %s",
            uuid,
        )
        assert detail[0][0]["contact_name"] == "Dana Customer"
        assert house.email not in json.dumps(server.sql("SELECT metadata FROM pipeline_event WHERE story = %s", uuid))
