"""The demonstration: invented people walk through the pipeline by the acts that real people would do."""

from datetime import timedelta

from odoo import api, fields, models

from ..providers.capture.base import CapturedLead, StoredItem
from ..tools.attribution import Attribution
from .people import PEOPLE, Person

_DEAL_STEPS = ("discovery", "sent", "viewed", "expired", "rejected", "won", "paid", "lost")


class PipelineDemo(models.AbstractModel):
    _name = "pipeline.demo"
    _description = "Demonstration of the Pipeline"

    @api.model
    def _load(self) -> None:
        """Let every invented person come in and go as far as their step says."""
        self._receive()
        for person, lead in self._capture_people():
            actor = self.with_user(lead.user_id)
            actor._walk(person, lead.with_env(actor.env))
            actor._settle()
        self._tell_response_times()

    def _settle(self) -> None:
        # Each act ends here as its own transaction would, so that the timeline is told in the order of the acts.
        self.env.cr.flush()

    # ---- coming in

    @api.model
    def _receive(self) -> None:
        """Fill the inbox the way the public address does: a new lead, the same person again, a refusal, a test."""
        website, google = (
            self.env.ref("sales_pipeline.source_website"),
            self.env.ref("sales_pipeline.source_google_ads"),
        )
        person = {
            "name": "Leila Haddad",
            "email": "leila@oliveandco.example",
            "phone": "+96170123456",
            "company": "Olive & Co",
        }
        self._store(website, "demo-form-1", {**person, "message": "Do you deliver to Beirut?", "page_url": (
            "https://www.example.com/pricing?utm_source=newsletter&utm_medium=email&utm_campaign=spring-launch"
        )})  # fmt: skip
        self._store(website, "demo-form-2", {**person, "message": "I forgot: we are nine people."})
        self._store(website, "demo-form-3", {"message": "hello"})
        columns = {"FULL_NAME": "Test Lead", "EMAIL": "test@example.com"}
        self._store(google, "demo-google-1", {
            "lead_id": "demo-google-1", "is_test": True, "campaign_id": 4711, "gcl_id": "demo-click",
            "user_column_data": [{"column_id": name, "string_value": value} for name, value in columns.items()],
        })  # fmt: skip
        self.env["pipeline.inbox"].search([("source_id", "in", (website | google).ids)], order="id")._process_batch()
        self._settle()

    def _store(self, source, external_id: str, payload: dict) -> None:
        self.env["pipeline.inbox"]._store(source, [StoredItem(external_id, payload, bool(payload.get("is_test")))])

    @api.model
    def _capture_people(self) -> list[tuple[Person, "models.Model"]]:
        """Bring the people in by the use case of every capture."""
        source = self.env.ref("sales_pipeline.source_website")
        google = self.env.ref("sales_pipeline.source_google_ads")
        by_channel = {"website": source, "google_ads": google}
        results = (
            self.env["crm.lead"]
            .with_context(pipeline_quiet=True)
            ._capture([self._get_captured(one) for one in PEOPLE], source)
        )
        leads = self.env["crm.lead"].browse([result.lead_id for result in results])
        for person, lead in zip(PEOPLE, leads, strict=True):
            lead.write({"temperature": person.temperature, "expected_revenue": person.value})
            lead.pipeline_source_id = by_channel.get(person.channel)
            lead.touch_ids.pipeline_source_id = by_channel.get(person.channel)
        self._settle()
        return list(zip(PEOPLE, leads, strict=True))

    def _get_captured(self, person: Person) -> CapturedLead:
        return CapturedLead(
            external_id=f"demo-{person.name}", name=person.name, email=person.email, phone=person.phone,
            whatsapp=person.phone if person.channel == "whatsapp" else None, company_name=person.company,
            country_code=person.country, message=person.message or None, tags=person.tags, prospective_type=person.type,
            channel=person.channel, submitted_at=fields.Datetime.now() - timedelta(days=person.days_ago),
            attribution=_get_attribution(person), deal_name=person.company and f"{person.company}: team plan",
        )  # fmt: skip

    # ---- going on

    def _walk(self, person: Person, lead) -> None:
        if person.step == "new":
            if person.temperature == "hot":
                lead.activity_schedule(
                    "mail.mail_activity_data_call", summary=self.env._("Call back"), user_id=lead.user_id.id
                )
        elif person.step == "deleted":
            lead._soft_delete()
        elif person.step == "disqualified":
            lead.action_set_lost(lost_reason_id=self.env.ref("crm.lost_reason_1").id)
        else:
            self._talk(person, lead)

    def _talk(self, person: Person, lead) -> None:
        outcome, minutes = (
            ("no_answer", 0) if person.step == "contacted" and person.temperature == "cold" else ("reached", 12)
        )
        call = {"lead_id": lead.id, "outcome": outcome, "duration_minutes": minutes, "note": person.message or False}
        self.env["pipeline.call.log"].create(call).action_log()
        self._settle()
        if person.step == "contacted":
            tomorrow = fields.Date.today() + timedelta(days=1)
            lead.activity_schedule(
                "mail.mail_activity_data_call", tomorrow, self.env._("Second call"), user_id=lead.user_id.id
            )
            return
        lead.met_criterion_ids = lead.criterion_ids.filtered(lambda criterion: criterion.kind == "check")
        if person.step == "ready":
            lead.met_criterion_ids -= self.env.ref("sales_pipeline.criterion_budget")
            return
        lead.action_qualify()
        self._settle()
        if person.step in _DEAL_STEPS:
            self._deal(person, lead._convert())

    def _deal(self, person: Person, deal) -> None:
        self._settle()
        deal.date_deadline = fields.Date.today() + timedelta(days=30 - int(person.days_ago))
        if person.step == "discovery":
            day = fields.Date.today() + timedelta(days=1 if person.temperature == "warm" else -2)
            deal.activity_schedule(
                "mail.mail_activity_data_todo", day, self.env._("Prepare the offer"), user_id=deal.user_id.id
            )
            if person.type == "corporate":
                # Big ones are looked after by the team's leader.
                deal.sudo().user_id = self.env.ref("sales_pipeline.user_mara")
        elif person.step == "lost":
            deal.action_set_lost(lost_reason_id=self.env.ref("crm.lost_reason_1").id)
        else:
            self._quote(person, deal)

    # ---- quote to money

    def _quote(self, person: Person, deal) -> None:
        quote = self.env["sale.order"].create({
            "partner_id": deal.partner_id.id, "opportunity_id": deal.id, "team_id": deal.team_id.id,
            "user_id": deal.user_id.id,
            "sale_order_template_id": self.env.ref("sales_pipeline.sale_order_template_standard").id,
        })  # fmt: skip
        quote._onchange_sale_order_template_id()
        self._settle()
        quote.action_quotation_sent()
        self._settle()
        # The customer acts as a visitor of the portal does.
        seen = quote.with_user(self.env.ref("base.public_user")).sudo()
        if person.step == "expired":
            quote.validity_date = fields.Date.today() - timedelta(days=1)
            quote._expire_safely()
        if person.step in ("viewed", "rejected", "won", "paid"):
            seen._register_view()
            self._settle()
        if person.step == "rejected":
            seen._reject(self.env._("The price is above what we planned for this year."))
        if person.step in ("won", "paid"):
            seen.action_confirm()
            self._settle()
        if person.step == "paid":
            self.with_user(self.env.ref("sales_pipeline.user_omar"))._pay(quote)

    def _pay(self, order) -> None:
        if not order.company_id.chart_template:
            return
        invoice = order.with_env(self.sudo().env)._create_invoices()
        invoice.action_post()
        self._settle()
        wizard = (
            self.sudo()
            .env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
        )
        wizard.create({})._create_payments()


def _get_attribution(person: Person) -> Attribution:
    if not person.campaign:
        return Attribution()
    source, medium = {"google_ads": ("google", "cpc"), "facebook": ("facebook", "paid-social")}.get(
        person.channel, ("newsletter", "email")
    )
    clicks = {"gclid": f"demo-{person.name.lower().replace(' ', '-')}"} if source == "google" else {}
    return Attribution(
        utm_source=source, utm_medium=medium, utm_campaign=person.campaign, click_ids=clicks,
        landing_page_url=f"https://www.example.com/start?utm_campaign={person.campaign}", referrer_url=f"https://{source}.example/",
    )  # fmt: skip
