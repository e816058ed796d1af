from typing import Any

from odoo import fields, models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    pipeline_customer_id = fields.Many2one(
        "pipeline.customer", "Customer Record", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )

    # ---- actions

    def action_view_pipeline_customer(self) -> dict[str, Any]:
        """Open the customer that this deal made."""
        self.ensure_one()
        return self.pipeline_customer_id._get_records_action()

    # ---- doors

    def _get_watched_fields(self) -> set[str]:
        return super()._get_watched_fields() | {"partner_id", "won_status"}

    def _on_won(self) -> None:
        super()._on_won()
        self._welcome_customers()

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        for deal in self:
            changes = old[deal.id]
            if "partner_id" in changes and deal._is_waiting_for_partner():
                deal._welcome_customers()
            if changes.get("won_status") == "won" and deal.pipeline_customer_id:
                deal._tell_win_undone()

    # ---- use cases

    def _welcome_customers(self) -> None:
        """Make customers of who won deals are with."""
        for deal in self:
            deal._name_partner()
            if deal.partner_id:
                self.env["pipeline.customer"]._welcome(deal)
            else:
                deal.message_post(body=self.env._("Won, but with whom? Set the customer to start the onboarding."))

    def _name_partner(self) -> None:
        """Find or make the partner of a deal from what is known of the contact."""
        self.ensure_one()
        if self.partner_id:
            return
        known = self._find_matching_partner()
        if known:
            self.partner_id = known
        elif any(self[name] for name in ("email_from", "phone", "contact_name", "partner_name")):
            self._handle_partner_assignment(create_missing=True)

    def _is_waiting_for_partner(self) -> bool:
        """Return whether this deal was won while nobody knew with whom; wins of the past wait for nothing."""
        if self.won_status != "won" or self.pipeline_customer_id or not self.partner_id:
            return False
        wins = self.env["pipeline.event"].sudo().search(
            [("res_model", "=", self._name), ("res_id", "=", self.id), ("kind", "=", "won")]
        )
        return any(not win.metadata.get("history") for win in wins)

    def _tell_win_undone(self) -> None:
        """Note on the customer that a deal is open again; whoever was welcomed stays a customer."""
        self.pipeline_customer_id.message_post(
            body=self.env._("The deal %(deal)s is no longer won. The customer stays.", deal=self.name)
        )

    def _get_customer_company(self):
        """Return the company to which the customer of this deal belongs."""
        return self.company_id or self.team_id.company_id or self.user_id.company_id or self.env.company
