from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2.errors import UniqueViolation

from ... import const
from ...tools.assignment import take_turns
from ..locks import key_lock
from ..mails import SENT_AT_ONCE


class PipelineCustomer(models.Model):
    _inherit = "pipeline.customer"

    # ---- use case

    @api.model
    def _welcome(self, deal) -> "PipelineCustomer":
        """Return the customer of a won deal; the first win makes one and starts what every new customer gets.

        :param deal: a won ``crm.lead`` with a partner
        :raise psycopg2.errors.SerializationFailure: when it was just made elsewhere; Odoo tries again then
        """
        company = deal._get_customer_company()
        customer = self._find_customer(deal.partner_id.commercial_partner_id, company)
        if customer:
            customer._take_deal(deal)
            return customer
        with self._retried_if_made_elsewhere(deal.partner_id.commercial_partner_id, company):
            customer = self.with_company(company).create(self._prepare_new_customer_values(deal, company))
        deal.pipeline_customer_id = customer
        customer._begin(deal)
        return customer

    @api.model
    def _find_customer(self, partner, company) -> "PipelineCustomer":
        """Return the customer of a commercial partner in a company, or none."""
        return self.search([("partner_id", "=", partner.id), ("company_id", "=", company.id)])

    def _take_deal(self, deal) -> None:
        """Book one more won deal of a customer; there is no second welcome."""
        self.ensure_one()
        if deal.pipeline_customer_id == self:
            return
        deal.pipeline_customer_id = self
        if not self.opportunity_id:
            self.opportunity_id = deal
        self.env["pipeline.event"]._append([
            {"kind": "customer", "record": self, "story": deal.uuid, "origin": deal, "metadata": {"won_again": True}}
        ])  # fmt: skip
        if self.lifecycle_stage == "churned":
            self._set_lifecycle("active")

    def _begin(self, deal) -> None:
        """Start the relation: book it, plan the onboarding, tell the manager, greet the customer."""
        self.ensure_one()
        self.env["pipeline.event"]._append([
            {"kind": "customer", "record": self, "origin": deal, "metadata": {"created": True, "csm": self.csm_id.id}}
        ])  # fmt: skip
        self.env["pipeline.onboarding.template"]._find_for(self)._apply(self)
        self.message_subscribe((self.csm_id | deal.user_id).partner_id.ids)
        self._tell_manager(deal)
        if self.email:
            self.env["pipeline.outbox"]._enqueue("welcome_mail", self)

    def _tell_manager(self, deal) -> None:
        """Tell the success manager about the new customer: inbox (or mail, as preferred) and toast.

        Nobody is told of the own act.
        """
        if not self.csm_id or self.csm_id == self.env.user:
            return
        customer = self.with_context(lang=self.csm_id.lang, **SENT_AT_ONCE)
        title = customer.env._("%(customer)s is your new customer", customer=self.name)
        message = customer.env._("The deal %(deal)s was won. The onboarding is planned.", deal=deal.name)
        customer.message_notify(
            partner_ids=self.csm_id.partner_id.ids,
            subject=title,
            body=message,
            email_layout_xmlid="mail.mail_notification_layout",
        )
        self.csm_id._bus_send("simple_notification", {"type": "success", "title": title, "message": message})

    def _send_welcome_mail(self) -> None:
        """Greet the main contact, unless there is no way to or they asked for no mail."""
        self.ensure_one()
        if not self.email or self.contact_id.sudo().is_blacklisted:
            self.message_post(body=self.env._("No welcome mail: the main contact has no address or refuses mail."))
            return
        message = self.with_context(**SENT_AT_ONCE).message_post_with_source(
            "sales_pipeline.mail_template_customer_welcomed",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_light",
        )
        self.env["pipeline.event"]._append([{
            "kind": "mail", "record": self, "channel": "email", "direction": "out", "origin": message,
            "metadata": {"welcome": True}, "uuid": str(uuid4()),
        }])  # fmt: skip

    def _next_manager(self, company, deal):
        """Return who takes the next customer: success managers go round; without any it stays with who sold.

        The last one served is read from the newest customer instead of being kept on the company: a counter there would
        make every two deals won at the same moment collide.
        """
        group = self.env.ref("sales_pipeline.group_customer_success")
        # Administrators have the rights of the group by implication, but it is not their work.
        members = group.user_ids.filtered(lambda user: user.active and not user.share and company in user.company_ids)
        last = self.search([("company_id", "=", company.id), ("csm_id", "!=", False)], order="id desc", limit=1)
        turns = take_turns(members.ids, last.csm_id.id, 1)
        # OdooBot, who owns what no person made, is an inactive user.
        return self.env["res.users"].browse(turns) or (deal.user_id | deal.team_id.user_id).filtered("active")[:1]

    # ---- doors

    def _prepare_new_customer_values(self, deal, company) -> dict[str, Any]:
        """Return the values of the customer that a won deal makes."""
        return {
            "partner_id": deal.partner_id.commercial_partner_id.id,
            "contact_id": deal.partner_id.id,
            "company_id": company.id,
            "opportunity_id": deal.id,
            "won_at": deal.date_closed or fields.Datetime.now(),
            "customer_type": self._get_customer_type(deal),
            "csm_id": self._next_manager(company, deal).id,
        }

    def _get_customer_type(self, deal) -> str:
        """Return the type: what the prospect said to be, else what the partner looks like."""
        if deal.prospective_type:
            return const.CUSTOMER_TYPE_BY_PROSPECTIVE_TYPE[deal.prospective_type]
        return "sme" if deal.partner_id.commercial_partner_id.is_company else "individual"

    # ---- helpers

    @contextmanager
    def _retried_if_made_elsewhere(self, partner, company):
        """Turn the loss of a race into a transaction that starts again and finds the winner's customer."""
        # Wins of the same partner queue here; the unique index has the last word.
        key_lock(self.env, f"customer:{company.id}:{partner.id}")
        if self._is_made_elsewhere(partner, company):
            self._start_again()
        try:
            with self.env.cr.savepoint():
                yield
        except UniqueViolation as error:
            if error.diag.constraint_name != "pipeline_customer_partner_unique":
                raise
            self._start_again()

    def _is_made_elsewhere(self, partner, company) -> bool:
        """Return whether there is a customer that came after the snapshot of this transaction, which has written."""
        if not self.env.registry.ready:
            # While the addon is installed its table is not there for other connections, and nobody else works.
            return False
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL("SELECT 1 FROM pipeline_customer WHERE partner_id = %s AND company_id = %s", partner.id, company.id)
            )
            return bool(cr.fetchone())

    def _start_again(self) -> None:
        self.env.cr.execute(SQL("DO 'BEGIN RAISE serialization_failure; END'"), log_exceptions=False)
