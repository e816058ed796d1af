"""The set-up of websites, mailboxes and referrers on a lead source, as an administrator sees it."""

import pytest

from tests.live import login, screenshot


@pytest.fixture(scope="module")
def sources(server):
    """Make one source of each kind, and a contact who referred somebody."""
    with server.env() as env:
        domain = env["mail.alias.domain"].create({"name": "house.example"})
        env.company.alias_domain_id = domain
        friend = env["res.partner"].create({"name": "Fred Friend", "email": "fred@friend.example"})
        env["crm.lead"].create({"name": "Sent by Fred", "type": "lead", "referrer_partner_id": friend.id})
        make = env["pipeline.source"].create
        made = {
            "website": make({"name": "Our shop", "provider": "website", "allowed_origins": "https://shop.example"}).id,
            "email": make({"name": "Enquiries", "provider": "email", "alias_name": "enquiries"}).id,
            "referral": make({"name": "Fred", "provider": "referral", "referrer_partner_id": friend.id}).id,
        }
        return {**made, "friend": friend.id}


def _open(page, record, tab):
    page.goto(f"/odoo/action-sales_pipeline.pipeline_source_action/{record}")
    page.wait_for_selector(".o_form_view .o_form_sheet")
    page.click(f".o_notebook .nav-link:has-text('{tab}')")


@pytest.mark.parametrize("width", [1440, 400])
def test_each_kind_of_source_shows_what_to_do(new_page, server, sources, width):
    page = new_page(viewport={"width": width, "height": 1000})
    login(page, "admin")
    for kind, tab, shown in (
        ("website", "Website", "/pipeline/embed.js"), ("email", "Mailbox", "Whoever writes to this address"),
        ("referral", "Sharing", "Give the link"),
    ):  # fmt: skip
        _open(page, sources[kind], tab)
        page.wait_for_selector(f".tab-pane.active:has-text('{shown}')")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        screenshot(page, f"source-{kind}-{width}")
    assert page.problems == []


def test_a_mailbox_gets_its_address_and_a_referrer_the_link(page, server, sources):
    login(page, "admin")
    _open(page, sources["email"], "Mailbox")
    page.fill("[name=alias_name] input", "Sales Desk")
    page.click(".o_form_button_save")
    page.wait_for_selector(".o_form_saved")
    [(address,)] = server.sql(
        "SELECT a.alias_full_name FROM mail_alias a JOIN pipeline_source s ON s.alias_id = a.id WHERE s.id = %s",
        sources["email"],
    )
    assert address == "sales-desk@house.example"
    _open(page, sources["referral"], "Sharing")
    [(code,)] = server.sql("SELECT referral_code FROM pipeline_source WHERE id = %s", sources["referral"])
    assert f"?ref={code}" in page.inner_text("[name=referral_link]")
    assert page.problems == []


def test_a_contact_shows_how_many_it_referred(page, server, sources):
    login(page, "admin", path=f"/odoo/res.partner/{sources['friend']}")
    page.wait_for_selector("button[name=action_view_referred_leads]")
    screenshot(page, "partner-referred")
    page.click("button[name=action_view_referred_leads]")
    page.wait_for_selector(".o_list_view:has-text('Sent by Fred')")
    assert page.problems == []
