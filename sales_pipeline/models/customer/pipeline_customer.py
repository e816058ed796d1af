import logging
from typing import Any
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ... import const
from ...tools.onboarding import get_progress

_logger = logging.getLogger(__name__)


class PipelineCustomer(models.Model):
    """Somebody who bought: one record a commercial partner and company, from the first won deal on.

    What is bought stands on the orders, who they are on the partner. Here stands what success work adds: who cares for
    them, how their onboarding goes and how the relation stands.
    """

    _name = "pipeline.customer"
    _description = "Customer"
    _inherit = ["mail.thread", "mail.activity.mixin", "pipeline.moments.mixin"]
    _order = "won_at desc, id desc"

    uuid = fields.Char("Public Id", readonly=True, copy=False, default=lambda self: str(uuid4()))
    name = fields.Char(related="partner_id.name", store=True, index="trigram")
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")

    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('parent_id', '=', False)]",
        help="The company that bought, or the person who bought privately.",
    )
    contact_id = fields.Many2one(
        "res.partner", "Main Contact", tracking=True, index="btree_not_null", help="The person to talk to."
    )
    email = fields.Char(related="contact_id.email")
    phone = fields.Char(related="contact_id.phone")
    avatar_128 = fields.Image(related="partner_id.avatar_128")
    customer_type = fields.Selection(const.CUSTOMER_TYPES, "Type", required=True, default="sme", tracking=True)
    csm_id = fields.Many2one(
        "res.users",
        "Success Manager",
        tracking=True,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )

    opportunity_id = fields.Many2one(
        "crm.lead", "Winning Deal", readonly=True, index="btree_not_null", help="The first deal this customer closed."
    )
    lead_id = fields.Many2one("crm.lead", "Lead", compute="_compute_lead_id", help="What the winning deal once was.")
    won_at = fields.Datetime("Customer Since", readonly=True, default=fields.Datetime.now)
    deal_ids = fields.One2many("crm.lead", "pipeline_customer_id", "Won Deals")
    deal_count = fields.Integer("Deals", compute="_compute_deal_count")
    order_ids = fields.Many2many("sale.order", string="Purchase History", compute="_compute_orders")
    order_count = fields.Integer("Orders", compute="_compute_orders")
    amount_ordered = fields.Monetary("Ordered", compute="_compute_orders", help="Total of the confirmed orders.")
    document_ids = fields.Many2many("ir.attachment", string="Documents", compute="_compute_document_ids")
    document_count = fields.Integer("Documents", compute="_compute_document_ids")

    onboarding_task_ids = fields.One2many("pipeline.onboarding.task", "customer_id", "Onboarding Tasks")
    onboarding_status = fields.Selection(
        const.ONBOARDING_STATUSES, compute="_compute_onboarding", store=True, index=True
    )
    onboarding_percent = fields.Integer(
        "Onboarding Progress", compute="_compute_onboarding", store=True, aggregator="avg"
    )
    lifecycle_stage = fields.Selection(
        const.LIFECYCLE_STAGES,
        "Lifecycle",
        required=True,
        default="onboarding",
        tracking=True,
        index=True,
        group_expand="_expand_lifecycle_stages",
    )

    _uuid_unique = models.UniqueIndex("(uuid)")
    _api_page_idx = models.Index("(create_date DESC, id DESC)")
    _partner_unique = models.UniqueIndex("(partner_id, company_id)", "This company already is a customer.")
    # Whose turn it is to care for the next customer.
    _turn_idx = models.Index("(company_id, id DESC) WHERE csm_id IS NOT NULL")

    # ---- compute

    @api.depends("opportunity_id.date_conversion")
    def _compute_lead_id(self):
        for customer in self:
            deal = customer.opportunity_id
            customer.lead_id = deal if deal.date_conversion else False

    @api.depends("deal_ids")
    def _compute_deal_count(self):
        for customer in self:
            customer.deal_count = len(customer.deal_ids)

    @api.depends("partner_id")
    def _compute_orders(self):
        orders = self.env["sale.order"].search(self._get_orders_domain())
        by_owner = orders.grouped(lambda order: (order.partner_id.commercial_partner_id.id, order.company_id.id))
        for customer in self:
            own = by_owner.get((customer.partner_id.id, customer.company_id.id), orders.browse())
            customer.order_ids = own
            customer.order_count = len(own)
            customer.amount_ordered = sum(
                order.currency_id._convert(
                    order.amount_total, customer.currency_id, order.company_id, order.date_order or fields.Date.today()
                )
                for order in own
                if order.state == "sale"
            )

    @api.depends("deal_ids", "partner_id")
    def _compute_document_ids(self):
        for customer in self:
            documents = self.env["ir.attachment"].search(customer._get_documents_domain())
            customer.document_ids = documents
            customer.document_count = len(documents)

    @api.depends("onboarding_task_ids.state")
    def _compute_onboarding(self):
        for customer in self:
            progress = get_progress(customer.onboarding_task_ids.mapped("state"))
            customer.onboarding_percent = progress.percent
            customer.onboarding_status = progress.status

    @api.model
    def _expand_lifecycle_stages(self, values, domain):
        return [code for code, _label in const.LIFECYCLE_STAGES]

    # ---- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        customers = super().create(vals_list)
        customers._note_created()
        return customers

    def write(self, vals):
        self._note_changing(vals)
        # Here, so that dragging a card or importing a file obeys the same law as the buttons do.
        events = self._prepare_lifecycle_events(vals["lifecycle_stage"]) if "lifecycle_stage" in vals else []
        done = super().write(vals)
        self.env["pipeline.event"]._append(events)
        return done

    # ---- actions

    def action_set_active(self) -> None:
        """Say that the customer is doing well."""
        self._set_lifecycle("active")

    def action_set_at_risk(self) -> None:
        """Say that the customer may leave."""
        self._set_lifecycle("at_risk")

    def action_set_churned(self) -> None:
        """Say that the customer has left."""
        self._set_lifecycle("churned")

    def action_view_deals(self) -> dict[str, Any]:
        """Open the deals this customer closed."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_opportunities")
        return action | {
            "domain": [("pipeline_customer_id", "in", self.ids)],
            "context": {"active_test": False, "create": False},
        }

    def action_view_orders(self) -> dict[str, Any]:
        """Open what this customer bought and was offered."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        return action | {"domain": self._get_orders_domain(), "context": {"create": False}}

    def action_view_documents(self) -> dict[str, Any]:
        """Open the files of this customer, its deals and its orders."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Documents"),
            "res_model": "ir.attachment",
            "view_mode": "kanban,list,form",
            "domain": self._get_documents_domain(),
            "context": {"default_res_model": self._name, "default_res_id": self.id},
        }

    # ---- use cases

    def _set_lifecycle(self, stage: str) -> None:
        """Move customers to another stage of their life.

        :param stage: a code of ``const.LIFECYCLE_STAGES``; the present one changes nothing
        :raise UserError: for a move that makes no sense; none of the customers is moved then
        """
        self.filtered(lambda customer: customer.lifecycle_stage != stage).write({"lifecycle_stage": stage})

    def _prepare_lifecycle_events(self, stage: str) -> list[dict[str, Any]]:
        """Return the event of each customer that is about to move (door).

        :raise UserError: for a move that makes no sense
        """
        moving = self.filtered(lambda customer: customer.lifecycle_stage != stage)
        for customer in moving:
            if stage not in const.LIFECYCLE_MOVES[customer.lifecycle_stage]:
                customer._refuse_move(stage)
        return [
            {"kind": "customer", "record": customer, "metadata": {"lifecycle": [customer.lifecycle_stage, stage]}}
            for customer in moving
        ]

    def _refuse_move(self, stage: str) -> None:
        _logger.info("Customer %s cannot go from %s to %s", self.id, self.lifecycle_stage, stage)
        labels = dict(self._fields["lifecycle_stage"]._description_selection(self.env))
        raise UserError(
            self.env._(
                "%(customer)s is %(present)s and cannot become %(wanted)s.",
                customer=self.name,
                present=labels[self.lifecycle_stage],
                wanted=labels.get(stage, stage),
            )
        )

    def _follow_onboarding(self) -> None:
        """Let customers whose onboarding is finished become active."""
        self.filtered(
            lambda customer: customer.onboarding_status == "completed" and customer.lifecycle_stage == "onboarding"
        )._set_lifecycle("active")

    # ---- doors

    def _get_orders_domain(self) -> Domain:
        """Return which orders are the purchase history."""
        return Domain("partner_id.commercial_partner_id", "in", self.partner_id.ids) & Domain(
            "company_id", "in", self.company_id.ids
        )

    def _get_documents_domain(self) -> Domain:
        """Return which files are the customer's documents."""
        self.ensure_one()
        owners = [(self._name, self.ids), ("crm.lead", self.deal_ids.ids), ("sale.order", self.order_ids.ids)]
        return Domain.OR(Domain("res_model", "=", model) & Domain("res_id", "in", ids) for model, ids in owners)

    def _get_event_story(self) -> str:
        """Return the story in which the customer's own events are told: that of the deal which made the customer."""
        return self.opportunity_id.uuid or self.uuid

    def _get_event_stories(self) -> set[str]:
        """Return every story of the customer's timeline that the user may read; with sudo all of them."""
        # Searched, because the cache of deal_ids is filled by sudo as well.
        deals = self.env["crm.lead"].search([("pipeline_customer_id", "in", self.ids)])
        return {self.uuid, *deals.mapped("uuid")}

    def _mail_get_partner_fields(self, introspect_fields=False):
        return ["contact_id"]
