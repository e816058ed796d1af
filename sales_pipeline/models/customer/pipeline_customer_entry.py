"""Customers that somebody enters, without a win that Odoo saw."""

from collections.abc import Mapping
from typing import Any

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..locks import key_lock


class PipelineCustomer(models.Model):
    _inherit = "pipeline.customer"

    @api.model
    def _enter_of_deal(self, deal) -> tuple["PipelineCustomer", bool]:
        """Return the customer of a won deal, and whether it was just made.

        :param deal: a ``crm.lead`` that the acting user may read
        :raise UserError: when the deal is not won, or nobody knows with whom
        """
        self.browse().check_access("create")
        deal = deal.sudo()
        if deal.won_status != "won":
            raise UserError(self.env._("“%(deal)s” is not won: only who bought becomes a customer.", deal=deal.name))
        if deal.pipeline_customer_id:
            return deal.pipeline_customer_id.with_env(self.env), False
        deal._name_partner()
        if not deal.partner_id:
            raise UserError(self.env._("“%(deal)s” was won, but with whom? Add a contact to it.", deal=deal.name))
        known = self.sudo()._find_customer(deal.partner_id.commercial_partner_id, deal._get_customer_company())
        return self.sudo()._welcome(deal).with_env(self.env), not known

    @api.model
    def _enter(self, values: Mapping[str, Any], contact: Mapping[str, Any]) -> tuple["PipelineCustomer", bool]:
        """Return the customer of a partner who is known by address or number, or new, and whether it was just made.

        Nobody is greeted: the relation did not begin today. Nothing may be written before.

        :param values: ``customer_type``, ``csm_id`` and ``lifecycle_stage``, each may be missing
        :param contact: ``name`` of the customer, ``email`` and ``phone``
        """
        self.browse().check_access("create")
        company = self.env.company
        words = (contact.get("email") or contact.get("phone") or contact["name"]).casefold()
        key_lock(self.env, f"customer:{company.id}:{words}")
        person = self._find_person(contact)
        if person and (known := self.sudo()._find_customer(person.commercial_partner_id, company)):
            return known.with_env(self.env), False
        # Who may enter customers need not have the right to keep the address book.
        person = person or self.env["res.partner"].sudo().create({
            "name": contact["name"], "is_company": values.get("customer_type") != "individual",
            "email": contact.get("email"), "phone": contact.get("phone"), "company_id": False,
        })  # fmt: skip
        customers = self.sudo()
        manager = customers._next_manager(company, self.env["crm.lead"].sudo())
        with customers._retried_if_made_elsewhere(person.commercial_partner_id, company):
            customer = self.create({
                "partner_id": person.commercial_partner_id.id, "contact_id": person.id, "company_id": company.id,
                "csm_id": manager.id, **values,
            })  # fmt: skip
        customer.sudo()._begin_entered()
        return customer, True

    @api.model
    def _find_person(self, contact: Mapping[str, Any]):
        """Return the partner (sudo) whom the address, else the number names exactly."""
        partners = found = self.env["res.partner"].sudo()
        company = [("company_id", "in", [False, self.env.company.id])]
        if email := email_normalize(contact.get("email") or ""):
            found = partners.search([("email_normalized", "=", email), *company], order="id", limit=1)
        phone = contact.get("phone")
        if not found and phone:
            number = partners._phone_format(number=phone, country=self.env.company.country_id) or phone
            found = partners.search([("phone_sanitized", "=", number), *company], order="id", limit=1)
        return found

    def _begin_entered(self) -> None:
        self.ensure_one()
        self.env["pipeline.event"]._append([
            {"kind": "customer", "record": self, "metadata": {"created": True, "csm": self.csm_id.id}}
        ])  # fmt: skip
        if self.lifecycle_stage == "onboarding":
            self.env["pipeline.onboarding.template"]._find_for(self)._apply(self)
        self.message_subscribe(self.csm_id.partner_id.ids)
