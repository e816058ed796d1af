"""How far a lead or deal is: status, stage, qualification, conversion."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ... import const
from ...tools.lead_status import derive_status

_SNAPSHOT_FIELDS = (
    "name",
    "contact_name",
    "partner_name",
    "email_from",
    "phone",
    "whatsapp",
    "function",
    "street",
    "city",
    "zip",
    "expected_revenue",
    "temperature",
    "prospective_type",
    "qualification",
    "description",
)

# Says that the criteria were asked already. It is an object, so that no client can put it into a context.
_CHECKED = object()


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # The status derives from what Odoo tracks already and from this: tracking it too would tell each change twice.
    qualification = fields.Selection(const.QUALIFICATIONS, default="new", copy=False, tracking=True)
    lead_status = fields.Selection(
        const.LEAD_STATUSES,
        "Status",
        compute="_compute_lead_status",
        inverse="_inverse_lead_status",
        store=True,
        copy=False,
    )
    deal_stage = fields.Selection(
        const.DEAL_STAGES, compute="_compute_deal_stage", inverse="_inverse_deal_stage", search="_search_deal_stage"
    )
    life_stage = fields.Selection(const.LIFE_STAGES, compute="_compute_deal_stage")
    criterion_ids = fields.Many2many("pipeline.criterion", compute="_compute_criteria", string="Qualification Criteria")
    met_criterion_ids = fields.Many2many(
        "pipeline.criterion", "crm_lead_met_criterion_rel", string="Ticked", copy=False
    )
    missing_criteria = fields.Char("Missing for Qualification", compute="_compute_criteria")

    # ---- status

    @api.depends("type", "date_conversion", "won_status", "qualification")
    def _compute_lead_status(self):
        for lead in self:
            lead.lead_status = derive_status(lead.type, bool(lead.date_conversion), lead.won_status, lead.qualification)

    def _inverse_lead_status(self):
        for lead in self:
            lead._set_lead_status(lead.lead_status)

    def _set_lead_status(self, status: str) -> None:
        """Move a lead to a status by the act that the status stands for.

        :param status: a value of ``lead_status``; the present one is a no-op
        :raise UserError: when a converted lead should become something else, or criteria are missing
        """
        self.ensure_one()
        if self.date_conversion and status != "converted":
            raise UserError(self.env._("“%(name)s” is a deal already; close the deal instead.", name=self.name))
        if status == "converted":
            self._convert()
        elif status == "disqualified":
            if self.won_status != "lost":
                self.action_set_lost()
        else:
            if status == "qualified":
                self._check_criteria()
            if self.won_status == "lost":
                self.action_restore()
            self.qualification = status

    def _mark_contacted(self) -> None:
        """Note the first real outgoing contact."""
        self.filtered(lambda lead: lead.type == "lead" and lead.qualification in (False, "new")).write(
            {"qualification": "contacted"}
        )

    # ---- stage

    @api.depends("stage_id.deal_stage", "won_status")
    def _compute_deal_stage(self):
        for lead in self:
            lead.deal_stage = "lost" if lead.won_status == "lost" else lead.stage_id.deal_stage
            lead.life_stage = const.LIFE_STAGE_BY_DEAL_STAGE.get(lead.deal_stage)

    def _inverse_deal_stage(self):
        for lead in self:
            if lead.deal_stage == "lost":
                lead.action_set_lost()
            else:
                lead._move_to_stage(lead.deal_stage)

    @api.model
    def _search_deal_stage(self, operator, value):
        if operator != "in":
            return NotImplemented
        lost = Domain("won_status", "=", "lost")
        domain = Domain("stage_id.deal_stage", "in", [code for code in value if code != "lost"]) & ~lost
        return domain | lost if "lost" in value else domain

    def _move_to_stage(self, code: str) -> None:
        """Move a deal to the first stage with this meaning that its team may use.

        :param code: a value of ``crm.stage.deal_stage``
        :raise UserError: when no stage of the team has that meaning
        """
        self.ensure_one()
        stage = self._stage_find(domain=[("deal_stage", "=", code)])
        if not stage:
            label = dict(const.DEAL_STAGES)[code]
            raise UserError(self.env._("The team has no stage that means “%(stage)s”.", stage=label))
        if stage != self.stage_id:
            self.stage_id = stage

    def _advance_stage(self, code: str) -> None:
        """Move open deals forward to a stage; never backwards, never out of won or lost.

        :param code: a value of ``crm.stage.deal_stage``
        """
        order = [name for name, _label in const.STAGE_CODES]
        for lead in self:
            current = lead.stage_id.deal_stage
            if (
                lead.type == "opportunity"
                and lead.won_status == "pending"
                and order.index(code) > order.index(current or order[0])
            ):
                lead._move_to_stage(code)

    def _return_to_negotiation(self) -> None:
        """Put open deals whose quote was declined on the negotiating table."""
        for lead in self.filtered(lambda lead: lead.type == "opportunity" and lead.won_status == "pending"):
            lead._move_to_stage("negotiation")

    # ---- qualification

    @api.depends("team_id", "met_criterion_ids")
    def _compute_criteria(self):
        criteria = self.env["pipeline.criterion"].search([("team_id", "in", self.team_id.ids)])
        by_team = criteria.grouped("team_id")
        # Asked once for all of them: a list shows eighty leads.
        asked_by_team = self._get_asked_criteria()
        for lead in self:
            lead.criterion_ids = by_team.get(lead.team_id, criteria.browse())
            lead.missing_criteria = lead._name_unmet(asked_by_team.get(lead.team_id.id))

    def _get_asked_criteria(self) -> dict[int | bool, Any]:
        """Return the criteria that the leads' teams ask for, by team id, whoever may see them."""
        domain = [("team_id", "in", [*self.team_id.ids, False])]
        criteria = self.env["pipeline.criterion"].sudo().search(domain)
        return {team.id: asked for team, asked in criteria.grouped("team_id").items()}

    def _name_unmet(self, criteria) -> str | bool:
        """Return the names of those criteria that the lead does not meet as it stands now."""
        missing = criteria.filtered(lambda criterion: not criterion._is_met_by(self)) if criteria else criteria
        return ", ".join(missing.mapped("name")) if missing else False

    def _describe_missing(self) -> str | bool:
        """Return the names of the team's criteria that are not met as the record stands now."""
        self.ensure_one()
        return self._name_unmet(self._get_asked_criteria().get(self.team_id.id))

    def action_qualify(self) -> None:
        """Mark leads as qualified; what a team asks for must be known."""
        for lead in self:
            lead._set_lead_status("qualified")

    def action_mark_contacted(self) -> None:
        """Mark leads as contacted."""
        for lead in self:
            lead._set_lead_status("contacted")

    def _check_criteria(self, reason: str | None = None) -> None:
        """Refuse to go on while criteria are missing, unless a manager says why.

        :param reason: a manager's reason to go on all the same
        :raise UserError: naming what is missing
        """
        self.ensure_one()
        missing = self._describe_missing()
        if not missing:
            return
        if not reason:
            raise UserError(self.env._("Not yet: %(missing)s.", missing=missing))
        if not self._is_pipeline_manager():
            raise UserError(self.env._("Only a manager can go on without: %(missing)s.", missing=missing))
        self.message_post(body=self.env._("Qualified without %(missing)s: %(reason)s", missing=missing, reason=reason))

    @api.model
    def _is_pipeline_manager(self) -> bool:
        user = self.env.user
        return self.env.is_superuser() or any(
            user.has_group(group) for group in ("sales_pipeline.group_manager", "sales_team.group_sale_manager")
        )

    # ---- conversion

    def action_convert(self) -> dict:
        """Turn the lead into a deal and open it."""
        self.ensure_one()
        if self._describe_missing() and self.type == "lead" and self._is_pipeline_manager():
            return self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_conversion_override_action")
        self._convert()
        return self.redirect_lead_opportunity_view()

    def _convert(self, partner=None, reason: str | None = None):
        """Turn a lead into a deal, once: a second call changes nothing.

        :param partner: customer to link; default: the matching one, else a new one
        :param reason: why a manager goes on although criteria are missing
        :return: the deal, which is the same record
        :raise UserError: when the lead is disqualified or criteria are missing
        """
        self.ensure_one()
        if self.type == "opportunity":
            return self
        if self.won_status == "lost":
            raise UserError(self.env._("“%(name)s” is disqualified; restore it first.", name=self.name))
        self._check_criteria(reason)
        customer = partner or self.partner_id or self._find_matching_partner() or self.sudo()._create_customer()
        self.with_context(pipeline_criteria_checked=_CHECKED).convert_opportunity(customer)
        return self

    def _guard_conversion(self) -> None:
        super()._guard_conversion()
        # Jobs of Odoo and other addons are not stopped; people are, whichever button or field they use.
        if not self.env.su and self.env.context.get("pipeline_criteria_checked") is not _CHECKED:
            for lead in self:
                lead._check_criteria()
        # Afterwards the deal's values overwrite the lead's, and no history table keeps them.
        self.env["pipeline.event"].sudo()._append([lead._prepare_snapshot_event() for lead in self])

    def _prepare_snapshot_event(self) -> dict[str, Any]:
        """Return the event that keeps a lead as it was when it became a deal (door)."""
        values = {name: self[name] for name in _SNAPSHOT_FIELDS if self[name]}
        return {
            "kind": "snapshot",
            "record": self,
            "detail": {**values, "tags": self.tag_ids.mapped("name")},
            "metadata": {"owner_id": self.user_id.id, "team_id": self.team_id.id, "channel": self.capture_channel},
        }

    # ---- history

    def _set_history_outcome(self, outcome: str) -> None:
        """Record how a lead of the past ended, without the acts that follow an ending of today.

        :param outcome: ``won`` or ``lost``
        """
        leads = self.with_context(tracking_disable=True, pipeline_criteria_checked=_CHECKED)
        if outcome == "won":
            leads.write({"type": "opportunity", "qualification": "qualified"})
            leads.action_set_won()
        else:
            leads.action_set_lost()
        self._forget_changes()
        self.env["pipeline.event"]._append(
            [{"kind": outcome, "record": lead, "metadata": {"history": True}} for lead in self]
        )
