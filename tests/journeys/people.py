"""The people of the journeys: each acts over HTTP, the way their browser or their server would."""

import json
import re
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import requests

# One transparent pixel, as the signature pad would send it.
SIGNATURE = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
CLICK = "EAIaIQobChMI-journey"


class Colleague:
    """Somebody of the house in the web client."""

    def __init__(self, server, login):
        self.base_url, self.login = server.base_url, login
        self.session = requests.Session()
        params = {"db": server.database, "login": login, "password": login}
        session = self._rpc("/web/session/authenticate", params)
        self.uid, self.context = session["uid"], session["user_context"]

    def call(self, model, method, *args, **kwargs):
        """Call a public method of a model as the web client does, and return its result."""
        kwargs["context"] = {**self.context, **kwargs.get("context", {})}
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._rpc(f"/web/dataset/call_kw/{model}/{method}", params)

    def read(self, model, record_id, *fields):
        """Return values of one record."""
        [values] = self.call(model, "read", [record_id], list(fields), load=None)
        return values

    def find(self, model, domain):
        """Return the ids of the records this person can see."""
        return self.call(model, "search", domain)

    def timeline(self, model, record_id):
        """Return the kinds of events that this person reads on a record, oldest first."""
        page = self.call("pipeline.event", "get_timeline", model, record_id, limit=100)
        return [event["kind"] for event in reversed(page["events"])]

    def _rpc(self, path, params):
        answer = self.session.post(
            self.base_url + path, json={"jsonrpc": "2.0", "method": "call", "params": params}, timeout=60
        )
        body = answer.json()
        if "error" in body:
            raise AssertionError(body["error"]["data"]["message"])
        return body.get("result")


class Customer:
    """Somebody outside, who has only a browser and a mailbox."""

    def __init__(self, server, email, lang="en_US"):
        self.server = server
        self.email = email
        self.session = requests.Session()
        self.session.headers["Accept-Language"] = lang.replace("_", "-")
        self.link = ""

    def get_mails(self):
        """Return the mails received so far."""
        return self.server.mails(to=self.email)

    def open_quote(self, mail):
        """Follow the link of a mail to the quote, and return the page."""
        html = mail.get_body(("html",)).get_content()
        links = [unescape(link) for link in re.findall(r'href="([^"]+)"', html)]
        self.link = next(link for link in links if "/my/orders/" in link or "/mail/view" in link)
        answer = self.session.get(self.link, timeout=60)
        assert answer.status_code == 200
        self.link = answer.url
        return answer.text

    def decline(self, reason):
        """Decline the open quote with a reason."""
        page = self.session.get(self.link, timeout=60).text
        csrf = re.search(r'csrf_token: "(\w+)"', page)[1]
        url = self._order_url("decline") + f"?access_token={self._token()}"
        answer = self.session.post(url, data={"decline_message": reason, "csrf_token": csrf}, timeout=60)
        assert answer.status_code == 200

    def sign(self, name):
        """Sign the open quote."""
        answer = self._call(self._order_url("accept"), access_token=self._token(), name=name, signature=SIGNATURE)
        assert "error" not in answer, answer

    def pay(self, amount, provider_id, method_id):
        """Pay the signed order with the demo provider, as its form does."""
        values = self._call(
            self._order_url("transaction"),
            access_token=self._token(),
            amount=amount,
            provider_id=provider_id,
            payment_method_id=method_id,
            token_id=None,
            flow="direct",
            tokenization_requested=False,
            landing_route=self.link,
        )
        self._call(
            self.server.base_url + "/payment/demo/simulate_payment",
            reference=values["reference"],
            payment_details="4242",
            simulated_state="done",
        )
        return self._call(self.server.base_url + "/payment/status/poll")["state"]

    def _token(self):
        return parse_qs(urlsplit(self.link).query)["access_token"][0]

    def _order_url(self, act):
        return f"{self.server.base_url}{urlsplit(self.link).path}/{act}"

    def _call(self, url, **params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        answer = self.session.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=120).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")


def post_google_lead(server, house, lead_id, key="google-key-of-the-house"):
    """Post a lead form as Google does."""
    body = {
        "lead_id": lead_id,
        "api_version": "1.0",
        "form_id": 40123,
        "campaign_id": 10123,
        "adgroup_id": 20123,
        "creative_id": 30123,
        "google_key": key,
        "gcl_id": CLICK,
        "is_test": False,
        "user_column_data": [
            {"column_id": "FULL_NAME", "string_value": "Dana Customer"},
            {"column_id": "EMAIL", "string_value": house.email},
            {"column_id": "PHONE_NUMBER", "string_value": "+493023125042"},
            {"column_id": "COMPANY_NAME", "string_value": "Customer Works"},
        ],
    }
    return requests.post(f"{server.base_url}/pipeline/capture/{house.google}", json=body, timeout=30)


def found_house(server, company_id=None, prefix="", lang="en_US", tz="Europe/Paris"):
    """Set up the house of the journeys: a team of two reps and a manager, a success manager, an accountant, two
    sources.

    :param company_id: the company whose house it is; the first one unless given
    :param prefix: before the logins of the people
    :param lang: what the people of the house speak
    :param tz: where they live
    :return: ids and secrets that the stories need
    """
    with server.env() as env:
        company = env["res.company"].browse(company_id) if company_id else env.company
        env = env(context={"allowed_company_ids": company.ids})
        provider = _accept_payments(env, company)
        own = {"company_id": company.id}
        users = {
            login: _hire(env, prefix + login, name, groups, {**own, "lang": lang, "tz": tz})
            for login, name, groups in (
                ("rhea", "Rhea Rep", ["sales_pipeline.group_rep"]),
                ("ravi", "Ravi Rep", ["sales_pipeline.group_rep"]),
                ("mona", "Mona Manager", ["sales_pipeline.group_manager"]),
                ("cora", "Cora Success", ["sales_pipeline.group_customer_success"]),
                ("abel", "Abel Accountant", ["account.group_account_invoice"]),
            )
        }
        team = env["crm.team"].create({"name": "Inbound", "user_id": users["mona"].id, "use_leads": True, **own})
        env["crm.team.member"].create(
            [{"user_id": users[login].id, "crm_team_id": team.id} for login in ("rhea", "ravi")]
        )
        env["pipeline.criterion"].create({"name": "Budget is known", "team_id": team.id})
        own["team_id"] = team.id
        sources = env["pipeline.source"].create(
            [
                {"name": "Google", "provider": "google_ads", "secret": "google-key-of-the-house", **own},
                {"name": "Website", "provider": "website", "secret": "form-key-of-the-house", **own},
            ]
        )
        return {
            "google": sources[0].token,
            "website": sources[1].token,
            "template": _offer_roofs(env).id,
            "team": team.id,
            "criterion": env["pipeline.criterion"].search([("team_id", "=", team.id)]).id,
            "provider": provider.id,
            "method": provider.payment_method_ids[:1].id,
            "users": {login: user.id for login, user in users.items()},
        }


def open_house(server, *, prefix="", email="dana@customer.example", customer_lang="en_US", says=None, **terms):
    """Set up a house and let its people log in.

    :param says: patterns of sentences that the house's people and customers read
    :param terms: as ``found_house`` takes them
    :return: what the stages pass on to each other
    """
    story = SimpleNamespace(**found_house(server, prefix=prefix, **terms))
    for login in ("rhea", "ravi", "mona", "cora", "abel"):
        setattr(story, login, Colleague(server, prefix + login))
    story.dana, story.email, story.customer_lang = Customer(server, email, customer_lang), email, customer_lang
    story.says = {"refusal": "Budget is known", "welcome": "welcome", **(says or {})}
    return story


def _accept_payments(env, company):
    """Let customers of a company pay with the demo provider."""
    providers = env["payment.provider"].search([("code", "=", "demo")])
    provider = providers.filtered(lambda provider: provider.company_id == company)[:1]
    provider = provider or providers[:1].copy({"company_id": company.id})
    provider.write({"state": "test", "is_published": True})
    if not provider.journal_id:
        own_bank = [("type", "=", "bank"), ("company_id", "=", company.id)]
        provider.journal_id = env["account.journal"].search(own_bank, limit=1)
    return provider


def _offer_roofs(env):
    """Make a quote template that asks for a signature."""
    product = env["product.product"].create(
        {"name": "Roof repair", "list_price": 1000.0, "type": "service", "taxes_id": False}
    )
    return env["sale.order.template"].create(
        {
            "name": "Roof",
            "number_of_days": 30,
            "require_signature": True,
            "require_payment": False,
            "sale_order_template_line_ids": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})],
        }
    )


def _hire(env, login, name, groups, values):
    return (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": name,
                "login": login,
                "password": login,
                "email": f"{login}@house.example",
                "notification_type": "inbox",
                "group_ids": [(4, env.ref(group).id) for group in ["base.group_user", *groups]],
                "company_ids": [(6, 0, [values["company_id"]])],
                **values,
            }
        )
    )
