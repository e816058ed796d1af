"""The path once more, in a real browser: what a rep drags and clicks, and what the customer signs and pays."""

import re

import pytest

from tests.journeys.people import Customer, open_house, post_google_lead
from tests.live import login, screenshot, wait_until

EMAIL = "kim@browser.example"


@pytest.fixture(scope="module")
def house(server):
    return open_house(server, email=EMAIL)


def open_board(page):
    """Open the pipeline board of the CRM app."""
    page.goto("/odoo/action-crm.crm_lead_action_pipeline")
    page.wait_for_selector(".o_kanban_group")


def get_column(page, name):
    return page.locator(".o_kanban_group", has=page.locator(".o_column_title", has_text=name)).first


def test_a_lead_from_google_ends_as_an_onboarded_customer(server, house, new_page):
    rep, customer = new_page(), new_page()

    # It comes in as Google would send it, and the rep finds it among the leads.
    assert post_google_lead(server, house, "browser-1").status_code == 200
    [(lead,)] = wait_until(
        lambda: server.sql("SELECT id FROM crm_lead WHERE email_normalized = %s", EMAIL), 20, "the lead"
    )
    login(rep, "rhea", path="/odoo/action-crm.crm_lead_all_leads")
    rep.locator(".o_data_row", has_text="Dana Customer").locator("td[name=name]").click()
    rep.wait_for_selector(".o_form_view")
    screenshot(rep, "journey-lead")

    # What the team wants to know is ticked, and the lead becomes a deal.
    rep.get_by_label("Budget is known").check()
    rep.locator("button[name=action_convert]:visible").first.click()
    wait_until(
        lambda: server.sql("SELECT 1 FROM crm_lead WHERE id = %s AND type = 'opportunity'", lead), 20, "the conversion"
    )

    # The card is dragged over the board.
    open_board(rep)
    card = get_column(rep, "New").locator(".o_kanban_record", has_text="Dana Customer")
    card.hover()
    rep.mouse.down()
    target = get_column(rep, "Proposition").bounding_box()
    rep.mouse.move(target["x"] + target["width"] / 2, target["y"] + 150, steps=15)
    rep.mouse.move(target["x"] + target["width"] / 2, target["y"] + 160, steps=3)
    rep.mouse.up()
    wait_until(
        lambda: (
            server.sql(
                "SELECT s.deal_stage FROM crm_lead l JOIN crm_stage s ON s.id = l.stage_id WHERE l.id = %s", lead
            )
            == [("negotiation",)]
        ),
        20,
        "the card in its new column",
    )
    screenshot(rep, "journey-board")

    # The rep quotes from the template and mails it.
    rep.goto(f"/odoo/action-crm.crm_lead_action_pipeline/{lead}")
    rep.locator("button[name=action_sale_quotations_new]:visible").first.click()
    rep.wait_for_selector("[name=sale_order_template_id] input")
    template = rep.locator("[name=sale_order_template_id] input")
    template.fill("Roof")
    rep.locator(".o-autocomplete--dropdown-item", has_text="Roof").first.click()
    rep.get_by_text("Roof repair").first.wait_for()
    rep.locator("button[name=action_quotation_send]:visible").first.click()
    rep.locator(".o_dialog button.o_mail_send, .o_dialog button[name=action_send_mail]").first.click()
    kim = Customer(server, EMAIL)
    mail = wait_until(lambda: kim.get_mails()[-1:], 70, "the mail with the quote")[0]
    kim.open_quote(mail)

    # The customer opens the link of the mail, signs, and pays with the demo provider.
    customer.goto(kim.link)
    customer.get_by_text("Roof repair").first.wait_for()
    screenshot(customer, "journey-quote")
    customer.locator("a[data-bs-target='#modalaccept']:visible").first.click()
    sign = customer.locator("#modalaccept")
    sign.get_by_text("Full Name").wait_for()
    if not sign.locator("input[type=text], input[name=signer]").first.input_value():
        sign.locator("input[type=text]").first.fill("Kim Customer")
    sign.locator("button.btn-primary:visible").first.click()
    customer.wait_for_url(re.compile("sign_ok"))
    wait_until(
        lambda: server.sql("SELECT 1 FROM crm_lead WHERE id = %s AND won_status = 'won'", lead), 20, "the won deal"
    )
    pay = customer.locator(
        "a[data-bs-target='#modalaccept']:visible, a[href='#modalaccept']:visible, #o_sale_portal_paynow:visible"
    ).first
    pay.click()
    customer.locator("[name=o_payment_submit_button]:visible").first.click()
    wait_until(
        lambda: server.sql("SELECT 1 FROM sale_order WHERE opportunity_id = %s AND payment_status = 'paid'", lead),
        40,
        "the payment",
    )
    customer.wait_for_load_state("networkidle")
    screenshot(customer, "journey-paid")

    # The success manager finds the customer with its onboarding.
    success = new_page()
    login(success, "cora", path="/odoo/action-sales_pipeline.pipeline_customer_action")
    success.locator(".o_kanban_record", has_text="Customer Works").click()
    success.wait_for_selector(".o_form_view")
    success.get_by_text(re.compile("Onboarding")).first.wait_for()
    screenshot(success, "journey-customer")
    assert rep.problems + customer.problems + success.problems == []
