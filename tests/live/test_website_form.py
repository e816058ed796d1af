"""Odoo's own website form beside our addon: one contact is one lead, and the page tells how the visitor came."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from dev import odoo_config
from tests.live import LiveServer, screenshot, wait_until

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def server():
    """Run Odoo on a database in which website_crm was installed after our addons."""
    live = LiveServer("website_form")
    try:
        log = live.log.with_suffix(".install.log")
        odoo_config.install(live.odoo, live._postgres, "test", live.database, log, "-i", "website_crm")
        live.start()
        yield live
    finally:
        live.close()


def _field(name, tag="input"):
    return (f'<div class="s_website_form_field" data-type="char"><label>{name}</label>'
            f'<{tag} class="form-control s_website_form_input" name="{name}"></{tag}></div>')  # fmt: skip


@pytest.fixture(scope="module")
def lead_page(server):
    """Make a page with a form that makes leads, as the website's editor stores it."""
    fields = "".join(map(_field, ("contact_name", "email_from", "partner_name", "name")))
    fields += _field("description", "textarea")
    arch = f"""
        <t t-name="website.ask"><t t-call="website.layout"><div id="wrap"><section class="s_website_form">
        <form action="/website/form/" method="post" data-model_name="crm.lead" data-success-mode="message">{fields}
        <a href="#" role="button" class="btn btn-primary s_website_form_send">Submit</a>
        <span id="s_website_form_result"/></form>
        <div class="s_website_form_end_message d-none">We will call.</div></section></div></t></t>
    """
    with server.env() as env:
        env["website.page"].create({
            "name": "Ask", "url": "/ask", "type": "qweb", "key": "website.ask", "arch": arch, "is_published": True,
        })  # fmt: skip
    return "/ask"


def _post(server, email, cookies=None, **fields):
    said = {"name": "Roof", "contact_name": "Vera Visitor", "description": "Please call"}
    values = {**said, "email_from": email, **fields}
    return requests.post(f"{server.base_url}/website/form/crm.lead", data=values, cookies=cookies, timeout=60)


def _get_leads(server, email):
    return server.sql(
        """
        SELECT l.id, l.description, l.capture_channel,
               (SELECT count(*) FROM pipeline_touch WHERE lead_id = l.id)
          FROM crm_lead l WHERE l.email_normalized = %s
        """,
        email,
    )


def _get_touches(server, email):
    return server.sql(
        """
        SELECT t.utm_source, t.click_ids, t.landing_page_url FROM pipeline_touch t JOIN crm_lead l ON l.id = t.lead_id
         WHERE l.email_normalized = %s ORDER BY t.occurred_at, t.id
        """,
        email,
    )


def test_two_forms_of_one_contact_are_one_lead_with_two_touches(server):
    first = _post(server, "twice@visitor.example", {"odoo_utm_source": "bing"})
    again = _post(server, "Twice@visitor.example", description="Call after nine", Colour="red")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    [(lead, description, channel, touches)] = _get_leads(server, "twice@visitor.example")
    assert (lead, channel, touches) == (first.json()["id"], "website", 2)
    assert "Please call" in description
    assert "nine" not in description
    said = server.sql(
        "SELECT body FROM mail_message WHERE model = 'crm.lead' AND res_id = %s AND body LIKE '%%after nine%%'", lead
    )
    assert len(said) == 1
    assert "red" in said[0][0]
    assert _get_touches(server, "twice@visitor.example")[0][0] == "bing"
    told = server.sql(
        "SELECT kind FROM pipeline_event WHERE res_model = 'crm.lead' AND res_id = %s "
        "AND kind IN ('captured', 'created', 'duplicate') ORDER BY kind",
        lead,
    )
    assert told == [("captured",), ("duplicate",)]


def test_forms_and_lead_sources_meet_at_one_gate(server):
    with server.env() as env:
        source = env["pipeline.source"].create({"name": "Other form", "provider": "website"})
        url, secret = source.capture_url, source.secret
    _post(server, "both@visitor.example")
    body = {"name": "Vera", "email": "both@visitor.example"}
    assert requests.post(url, json=body, headers={"X-Pipeline-Secret": secret}, timeout=60).status_code == 200
    wait_until(lambda: _get_leads(server, "both@visitor.example")[0][3] == 2, 20, "the second touch")
    assert len(_get_leads(server, "both@visitor.example")) == 1


def test_forms_side_by_side_are_one_lead(server):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _number: _post(server, "crowd@visitor.example"), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    [(_lead, _description, _channel, touches)] = _get_leads(server, "crowd@visitor.example")
    assert touches == 6


def test_a_form_that_odoo_refuses_changes_nothing(server):
    before = server.sql("SELECT count(*) FROM crm_lead") + server.sql("SELECT count(*) FROM pipeline_touch")
    answer = _post(server, "refused@visitor.example", team_id="no number")
    assert "error_fields" in answer.json()
    assert server.sql("SELECT count(*) FROM crm_lead") + server.sql("SELECT count(*) FROM pipeline_touch") == before


def test_the_pages_of_the_website_tell_first_and_last_touch(server, lead_page, page):
    # The first look compiles the scripts and styles of the website.
    page.set_default_timeout(120_000)
    page.goto("/?utm_source=google&gclid=A-b")
    page.wait_for_function("localStorage.getItem('pipeline_journey')")
    page.goto(f"{lead_page}?utm_source=newsletter")
    page.wait_for_function("(localStorage.getItem('pipeline_journey') || '').includes('newsletter')")
    said = {"contact_name": "Paula Page", "email_from": "paula@visitor.example", "name": "Tiles"}
    for name, value in {**said, "partner_name": "Page Inc", "description": "Forty tiles"}.items():
        page.fill(f".s_website_form [name={name}]", value)
    page.click(".s_website_form_send")
    page.wait_for_selector(".s_website_form_end_message:visible")
    [(lead, description, _channel, touches)] = wait_until(lambda: _get_leads(server, "paula@visitor.example"), 30)
    assert touches == 2
    assert "Forty tiles" in description
    assert "pipeline" not in description
    first, last = _get_touches(server, "paula@visitor.example")
    assert first == ("google", {"gclid": "A-b"}, f"{server.base_url}/?utm_source=google&gclid=A-b")
    assert last[0] == "newsletter"
    [(source,)] = server.sql(
        "SELECT lower(s.name) FROM crm_lead l JOIN utm_source s ON s.id = l.source_id WHERE l.id = %s", lead
    )
    assert source == "newsletter"


def test_the_cookie_bar_decides_what_is_kept(server, new_page):
    with server.env() as env:
        env["website"].search([]).cookies_bar = True
    page = new_page(viewport={"width": 400, "height": 800})
    page.set_default_timeout(120_000)
    page.goto("/?utm_source=google")
    page.wait_for_function("window.pipelineEmbed")
    page.wait_for_selector("#cookies-consent-all:visible")
    screenshot(page, "website-cookies-400")
    assert page.evaluate("localStorage.getItem('pipeline_journey')") is None
    page.click("#cookies-consent-all")
    page.wait_for_function("localStorage.getItem('pipeline_journey')")
    assert "google" in json.loads(page.evaluate("localStorage.getItem('pipeline_journey')"))["first"]["url"]
    # Asked before, it is kept from the first page on.
    page.goto("/contactus")
    page.wait_for_function("window.pipelineEmbed")
    assert "google" in page.evaluate("pipelineEmbed.tell()")


def test_pages_that_are_edited_are_left_alone(server, page):
    page.goto("/robots.txt")
    page.evaluate("document.body.innerHTML = '<iframe src=\"/contactus\"></iframe>'")
    frame = page.wait_for_selector("iframe").content_frame()
    frame.wait_for_selector(".s_website_form_send")
    frame.wait_for_load_state("networkidle")
    assert frame.evaluate("Boolean(window.pipelineEmbed)") is False
