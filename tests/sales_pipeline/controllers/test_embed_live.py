"""The embed script in a real browser, on pages of another website."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from tests.live import screenshot, wait_until

_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head><body>{body}</body></html>"""
_INPUTS = '<input name="name"><input name="email"><textarea name="message"></textarea><button>Send</button>'
_LINKS = '<a id="contact" href="/contact">Contact</a>'


class Website:
    """Pages on the loopback: 127.0.0.1 is the shop, localhost another website to a browser."""

    def __init__(self):
        self.pages, self.posted = {"/favicon.ico": "none"}, []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer(site.pages.get(self.path.partition("?")[0]))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                site.posted.append({name: values[0] for name, values in parse_qs(body).items()})
                self._answer("posted")

            def _answer(self, text):
                self.send_response(200 if text else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((text or "nothing here").encode())

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self.address, self.stranger = f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def put(self, path, body="", head=""):
        self.pages[path] = _PAGE.format(head=head, body=body)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Shop:
    """A website whose pages include the script of one lead source."""

    def __init__(self, server, site):
        self.server, self.site = server, site
        self.number = 0

    def make_source(self, **values):
        self.number += 1
        with self.server.env() as env:
            source = env["pipeline.source"].create(
                {"name": f"Shop {self.number}", "provider": "website", "contact_required": True, **values}
            )
            self.source_id, self.url = source.id, source.capture_url
            self.key, self.snippet, self.form = source.form_key, source.embed_snippet, source.embed_form

    def put_pages(self, form=None, **attributes):
        more = "".join(f'{name.replace("_", "-")}="{value}" ' for name, value in attributes.items())
        head = self.snippet.replace("<script ", f"<script {more}")
        for path in ("/landing", "/offer"):
            self.site.put(path, _LINKS, head)
        self.site.put("/contact", form or self.form, head)

    def get_rows(self):
        rows = self.server.sql(
            "SELECT payload, state, refused_code FROM pipeline_inbox WHERE source_id = %s ORDER BY id", self.source_id
        )
        return [(payload, state, code) for payload, state, code in rows]

    def get_refusals(self):
        return dict(self.server.sql(
            "SELECT reason, refused_count FROM pipeline_source_refusal WHERE source_id = %s", self.source_id
        ))  # fmt: skip

    def get_touches(self, email):
        return self.server.sql(
            """
            SELECT t.utm_source, t.utm_medium, t.click_ids, t.referrer_url, t.landing_page_url, t.capture_channel,
                   extract(epoch FROM now() AT TIME ZONE 'UTC' - t.occurred_at)::float
              FROM pipeline_touch t JOIN crm_lead l ON l.id = t.lead_id
             WHERE l.email_normalized = %s ORDER BY t.occurred_at, t.id
            """,
            email,
        )  # fmt: skip


@pytest.fixture(scope="module")
def site():
    """Serve the shop's pages."""
    website = Website()
    yield website
    website.close()


@pytest.fixture
def shop(server, site):
    """Make a lead source, and pages with its script and its form, as the source's screen shows them."""
    shop = Shop(server, site)
    shop.make_source()
    shop.put_pages()
    return shop


@contextmanager
def _later(page, days):
    """Let the browser's clock stand some days ago, so that what happens now lies back."""
    since = f"{days} * 86400000 * (window.name !== 'today')"
    page.add_init_script(f"const now = Date.now; Date.now = () => now() - {since}")
    yield
    page.evaluate("window.name = 'today'")


def _fill_in(page, email, message="Ten units, please"):
    page.fill("[name=name]", "Robin Example")
    page.fill("[name=email]", email)
    page.fill("[name=message]", message)


def _send(page, email):
    _fill_in(page, email)
    page.click("button")
    page.wait_for_selector("[data-pipeline-success]:visible")


def _kept(page):
    return json.loads(page.evaluate("localStorage.getItem('pipeline_journey')") or "null")


def test_first_and_last_touch_of_three_pages_reach_the_lead(shop, page):
    site = shop.site
    site.put("/", f'<a href="{site.address}/landing?utm_source=google&utm_medium=cpc&gclid=EAIa-B_c&email=x">Ad</a>')
    with _later(page, days=3):
        page.goto(site.stranger)
        page.click("a")
        page.wait_for_function("localStorage.getItem('pipeline_journey')")
    page.goto(f"{site.address}/offer?UTM_Source=newsletter&utm_medium=email&fbclid=IwAR0")
    page.click("#contact")
    page.wait_for_url("**/contact")
    _send(page, "robin@shop.example")
    assert page.inner_text("[data-pipeline-success]").startswith("Thank you")
    assert page.input_value("[name=email]") == ""
    first, last = wait_until(lambda: shop.get_touches("robin@shop.example"), 20, "the lead")
    landing = f"{site.address}/landing?utm_source=google&utm_medium=cpc&gclid=EAIa-B_c"
    assert first[:6] == ("google", "cpc", {"gclid": "EAIa-B_c"}, f"{site.stranger}/", landing, "website")
    landing = f"{site.address}/offer?UTM_Source=newsletter&utm_medium=email&fbclid=IwAR0"
    assert last[:6] == ("newsletter", "email", {"fbclid": "IwAR0"}, None, landing, "website")
    assert 3 * 86400 <= first[6] < 3 * 86400 + 120
    assert 0 <= last[6] < 120
    [found] = shop.server.sql(
        "SELECT s.name, l.click_ids, l.contact_name FROM crm_lead l JOIN utm_source s ON s.id = l.source_id "
        "WHERE l.email_normalized = 'robin@shop.example'"
    )
    assert (found[0].lower(), *found[1:]) == ("newsletter", {"fbclid": "IwAR0"}, "Robin Example")
    assert page.problems == []


def test_a_form_that_comes_later_is_met_and_sent_once(shop, page):
    shop.put_pages(form="<p>Soon</p>")
    page.goto(f"{shop.site.address}/contact?utm_source=bing")
    page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", shop.form)
    _fill_in(page, "later@shop.example")
    page.evaluate("for (let i = 0; i < 3; i++) document.forms[0].requestSubmit()")
    page.wait_for_selector("[data-pipeline-success]:visible")
    [touch] = wait_until(lambda: shop.get_touches("later@shop.example"), 20, "the lead")
    assert touch[0] == "bing"
    assert len(shop.get_rows()) == 1


def test_a_page_of_another_website_is_told_so_and_keeps_what_was_written(shop, page):
    with shop.server.env() as env:
        env["pipeline.source"].browse(shop.source_id).allowed_origins = shop.site.address
    page.goto(f"{shop.site.stranger}/contact")
    _fill_in(page, "stranger@shop.example")
    page.click("button")
    page.wait_for_selector("[data-pipeline-error]:visible")
    assert page.input_value("[name=email]") == "stranger@shop.example"
    assert shop.get_refusals() == {"origin": 1}
    # A plain post asks nobody before; it is refused all the same.
    page.evaluate(f"document.forms[0].removeAttribute('data-pipeline'); document.forms[0].method = 'post';"
                  f"document.forms[0].action = '{shop.url}'")  # fmt: skip
    with page.expect_response(shop.url) as refused:
        page.click("button")
    assert refused.value.status == 403
    assert (shop.get_rows(), shop.get_refusals()) == ([], {"origin": 2})
    page.goto(f"{shop.site.address}/contact")
    _send(page, "own@shop.example")
    assert len(shop.get_rows()) == 1


def test_a_plain_form_needs_no_script(shop, new_page):
    page = new_page(java_script_enabled=False)
    key = f'<input type="hidden" name="pipeline_key" value="{shop.key}">'
    shop.put_pages(f'<form method="post" action="{shop.url}">{key}{_INPUTS}</form>')
    page.goto(f"{shop.site.address}/contact?utm_source=google")
    _fill_in(page, "plain@shop.example")
    page.click("button")
    page.wait_for_selector("h1:has-text('Thank you')")
    assert wait_until(lambda: shop.get_touches("plain@shop.example"), 20, "the lead")


def test_a_plain_form_with_the_script_tells_both_touches(shop, page):
    shop.put_pages(f'<form method="post" action="{shop.url}"><input type="hidden" name="gclid">{_INPUTS}</form>')
    page.goto(f"{shop.site.address}/landing?utm_source=google")
    page.goto(f"{shop.site.address}/contact?utm_source=chat&gclid=B-2")
    _fill_in(page, "both@shop.example")
    page.click("button")
    page.wait_for_selector("h1:has-text('Thank you')")
    touches = wait_until(lambda: shop.get_touches("both@shop.example"), 20, "the lead")
    assert [touch[0] for touch in touches] == ["google", "chat"]
    assert touches[1][2] == {"gclid": "B-2"}
    [(payload, _state, _code)] = shop.get_rows()
    assert payload["gclid"] == "B-2"
    assert "pipeline_key" not in payload


def test_people_meet_no_trap_and_robots_do(shop, page, new_page):
    page.goto(f"{shop.site.address}/contact")
    page.focus("[name=name]")
    reached = []
    for _step in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
    assert "pipeline_website" not in reached
    box = page.locator("[name=pipeline_website]").bounding_box()
    assert box["x"] + box["width"] < 0
    page.evaluate("document.querySelector('[name=pipeline_website]').value = 'https://casino.example'")
    _send(page, "robot@shop.example")
    [(_payload, state, code)] = wait_until(
        lambda: [row for row in shop.get_rows() if row[1] != "received"], 20, "the decision"
    )
    assert (state, code) == ("rejected", "spam")
    assert shop.get_touches("robot@shop.example") == []


def test_who_is_too_fast_is_kept_apart_and_who_reads_first_is_not(shop, page):
    with shop.server.env() as env:
        env["pipeline.source"].browse(shop.source_id).min_fill_seconds = 3
    page.goto(f"{shop.site.address}/contact")
    _send(page, "fast@shop.example")
    page.wait_for_function("performance.now() > 3000")
    _send(page, "slow@shop.example")
    rows = wait_until(lambda: len(rows := [row for row in shop.get_rows() if row[1] != "received"]) == 2 and rows, 20)
    assert [(state, code) for _payload, state, code in rows] == [("rejected", "spam"), ("processed", None)]


def test_without_consent_nothing_is_kept_and_after_a_no_nothing_is_told(shop, page):
    shop.put_pages(data_consent="required")
    address = f"{shop.site.address}/contact?utm_source=google"
    page.goto(address)
    page.wait_for_function("window.pipelineEmbed")
    assert _kept(page) is None
    assert json.loads(page.evaluate("pipelineEmbed.tell()"))["last"]["url"] == address
    page.evaluate("document.querySelector('script[data-consent]').dataset.consent = 'granted'")
    wait_until(lambda: _kept(page), 5, "the consent")
    assert _kept(page)["first"]["url"] == address
    page.evaluate("document.querySelector('script[data-consent]').dataset.consent = 'denied'")
    wait_until(lambda: _kept(page) is None, 5, "the refusal")
    _send(page, "silent@shop.example")
    [(payload, _state, _code)] = shop.get_rows()
    assert "pipeline_journey" not in payload


def test_what_is_kept_ends_after_its_days(shop, page):
    shop.put_pages(data_days="10")
    with _later(page, days=11):
        page.goto(f"{shop.site.address}/landing?utm_source=google")
        page.wait_for_function("localStorage.getItem('pipeline_journey')")
    page.goto(f"{shop.site.address}/contact")
    page.wait_for_function("window.pipelineEmbed")
    assert "google" not in page.evaluate("pipelineEmbed.tell()")


def test_a_shared_link_says_who_sent_the_visitor(shop, page):
    with shop.server.env() as env:
        friend = env["res.partner"].create({"name": "Fred Friend"})
        link = env["pipeline.source"].create({
            "name": "Fred", "provider": "referral", "referrer_partner_id": friend.id,
            "referral_page_url": f"{shop.site.address}/landing",
        }).referral_link  # fmt: skip
        friend_id = friend.id
    page.goto(link)
    page.click("#contact")
    page.wait_for_url("**/contact")
    _send(page, "sent@shop.example")
    query = "SELECT referrer_partner_id, capture_channel FROM crm_lead WHERE email_normalized = 'sent@shop.example'"
    assert wait_until(lambda: shop.server.sql(query), 20, "the lead") == [(friend_id, "referral")]


def test_other_forms_of_the_page_are_told_or_left_alone(shop, page):
    form = '<form id="{0}" method="{1}" action="/{0}" {2}><input name="q">{3}<button id="{0}-send">Go</button></form>'
    hidden = '<input type="hidden" name="utm_source"><input type="hidden" name="gclid" value="kept">'
    shop.put_pages("".join([
        form.format("own", "post", "", hidden),
        form.format("search", "get", "", ""),
        form.format("login", "post", "", '<input type="password" name="p">'),
        form.format("off", "post", 'data-pipeline="off"', ""),
    ]))  # fmt: skip
    for name in ("own", "search", "login", "off"):
        page.goto(f"{shop.site.address}/contact?utm_source=google&gclid=A")
        page.fill(f"#{name} [name=q]", "word")
        page.click(f"#{name}-send")
        page.wait_for_url(f"**/{name}*")
        if name == "search":
            assert page.url == f"{shop.site.address}/search?q=word"
    own, login, off = shop.site.posted[-3:]
    assert (own["q"], own["utm_source"], own["gclid"]) == ("word", "google", "kept")
    assert json.loads(own["pipeline_journey"])["last"]["url"].endswith("/contact?utm_source=google&gclid=A")
    assert "pipeline_key" not in own
    assert (set(login), set(off)) == ({"q"}, {"q"})


def test_the_form_fits_a_phone_and_speaks_to_a_screen_reader(shop, new_page):
    page = new_page(viewport={"width": 400, "height": 700})
    page.goto(f"{shop.site.address}/contact")
    _fill_in(page, "phone@shop.example")
    screenshot(page, "embed-400")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status][data-pipeline-success]:visible")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, "embed-400-sent")
    assert page.problems == []
