"""A small firm: two teams, the people around them, and records of one representative that not everybody may see."""

from typing import Any
from uuid import uuid4

from odoo import Command
from odoo.tests import new_test_user

from tests.sales_pipeline.controllers.api.base import ApiCase, Client

# Stands in whatever belongs to the owner, so that a leak of any of it is found.
MARK = "Zephyrine"
# Who asks, in the order of the columns of the tables.
ROLES = {
    "owner": "sales_pipeline.group_rep",
    "mate": "sales_pipeline.group_rep",
    "leader": "sales_pipeline.group_manager",
    "rival": "sales_pipeline.group_rep",
    "chief": "sales_pipeline.group_manager",
    "csm": "sales_pipeline.group_customer_success",
    "billing": "account.group_account_invoice",
    "plain": "base.group_user",
    "seller": "sales_team.group_sale_salesman_all_leads",
    "admin": "sales_pipeline.group_admin",
}
# What a request could touch. Clients and their tokens are made by the tests themselves.
TABLES = (
    "crm_lead", "crm_tag", "crm_tag_rel", "crm_lost_reason", "sale_order", "sale_order_line", "mail_activity",
    "mail_message", "mail_mail", "mail_followers", "calendar_event", "res_partner", "res_users", "pipeline_customer",
    "pipeline_onboarding_task", "pipeline_touch", "pipeline_contact", "pipeline_duplicate", "pipeline_notice",
    "pipeline_event", "pipeline_event_detail", "pipeline_outbox", "pipeline_webhook",
    "pipeline_webhook_delivery", "pipeline_webhook_attempt", "product_product", "calendar_attendee",
)  # fmt: skip


class WorldCase(ApiCase):
    """``people`` by role, ``records`` by name; ``read_state`` is what no refused request may change."""

    def setUp(self):
        super().setUp()
        self.api("GET", "/me")
        self.everything = sorted(self.env["pipeline.api.scope"].search([]).mapped("code"))
        self.people = {role: self._hire(role, group) for role, group in ROLES.items()}
        self._make_teams()
        self.records = self._make_records()
        self.ids = {name: record.message_id if name == "message" else record.uuid
                    for name, record in self.records.items()} | self._make_activities()  # fmt: skip
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.flush_all()

    def _hire(self, role: str, group: str):
        return new_test_user(self.env, f"w_{role}", name=f"World {role}", groups=group, email=f"{role}@w.example")

    def _make_teams(self) -> None:
        for leader, members in (("leader", ("owner", "mate")), ("chief", ("rival",))):
            team = self.env["crm.team"].create({
                "name": f"Team of {leader}", "user_id": self.people[leader].id,
                "member_ids": [Command.set([self.people[member].id for member in members])],
            })  # fmt: skip
            self.team = getattr(self, "team", team)

    def _make_records(self) -> dict[str, Any]:
        owned = {"user_id": self.people["owner"].id, "team_id": self.team.id}
        leads = self.env["crm.lead"]
        partner = self.env["res.partner"].create({"name": f"{MARK} Works", "email": "zephyrine@works.example"})
        deal_values = {"type": "opportunity", "partner_id": partner.id, "expected_revenue": 4711, **owned}
        lead = leads.create({
            "name": f"{MARK} lead", "contact_name": f"{MARK} Contact", "email_from": "zephyrine@lead.example",
            "phone": "+493023125042", "type": "lead", "lead_status": "new", **owned,
        })  # fmt: skip
        deal, won = leads.create([{"name": f"{MARK} deal", **deal_values}, {"name": f"{MARK} won", **deal_values}])
        product = self.env["product.product"].create({"name": f"{MARK} product", "list_price": 10})
        quote, order = (self._make_quote(each, product) for each in (deal, won))
        order.action_confirm()
        won.action_set_won()
        self.env["pipeline.moments.mixin"]._flush_moments()
        customer = won.pipeline_customer_id
        customer.csm_id = self.people["csm"]
        webhook = self.env["pipeline.webhook"].with_user(self.people["leader"]).create({
            "name": f"{MARK} hook", "url": "https://hook.example/in", "events": "*",
        })  # fmt: skip
        return {
            "lead": lead, "deal": deal, "won": won, "quote": quote, "order": order, "customer": customer,
            "webhook": webhook, "message": webhook._send_test(),
        }  # fmt: skip

    def _make_quote(self, deal, product):
        return self.env["sale.order"].create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id, "user_id": deal.user_id.id,
            "team_id": deal.team_id.id, "note": f"{MARK} terms",
            "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 2})],
        })  # fmt: skip

    def _make_activities(self) -> dict[str, str]:
        activities = self.env["mail.activity"].with_user(self.people["owner"])
        lead = self.records["lead"].with_user(self.people["owner"])
        values = {"summary": f"{MARK} plan"}
        return {
            "planned": activities._plan_by_api(lead, "call", values).uuid,
            "done": activities._log_done(lead, "call", {"summary": f"{MARK} done"}),
            "done_on_won": activities._log_done(self.records["won"].with_env(lead.env), "call", values),
            "owner": self.people["owner"].uuid,
        }

    def as_role(self, role: str, scopes: list[str] | None = None) -> Client:
        """Return a client that acts as somebody, with all scopes unless told."""
        user = self.people[role]
        key = (user.login, tuple(scopes or self.everything))
        if key not in self._clients:
            self._clients[key] = Client(user, self._issue(user, scopes or self.everything))
        return self._clients[key]

    def fill(self, path: str) -> str:
        """Return a path with the ids of the world in it."""
        for name, id_ in self.ids.items():
            path = path.replace(f"{{{name}}}", id_)
        return path

    def fill_with_nothing(self, path: str) -> str:
        """Return a path with ids that nobody has."""
        for name in self.ids:
            path = path.replace(f"{{{name}}}", "msg_none" if name == "message" else str(uuid4()))
        return path

    def read_state(self) -> tuple:
        """Return what stands in the tables."""
        return read_state(self.env)


def read_state(env) -> tuple:
    """Return what stands in the tables that a request could touch."""
    # Also what is told of the records at the end of a transaction.
    env.cr.flush()
    env.cr.execute(" UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t" for table in TABLES
    ))  # fmt: skip
    # Sorted: the parts may be counted side by side.
    return tuple(sorted(env.cr.fetchall()))


def list_operations(env):
    """List method, path and operation of all routes of the API, whoever brought them."""
    for rule in env["ir.http"].routing_map().iter_rules():
        routing = rule.endpoint.routing
        if routing["type"] == "rest":
            for method in routing["methods"]:
                yield method, rule.rule.removeprefix("/api"), routing["operation"]
