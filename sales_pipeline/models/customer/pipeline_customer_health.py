from collections import defaultdict

from odoo import api, fields, models

from ...tools.health import PERFECT, HealthFacts, get_health_score

_CRON_BATCH = 200


class PipelineCustomer(models.Model):
    _inherit = "pipeline.customer"

    health_score = fields.Integer(
        "Health",
        readonly=True,
        default=PERFECT,
        aggregator="avg",
        help="100, less 10 for each overdue onboarding task (40 at most), less 15 for each overdue invoice (45 at "
        "most), less 15 more when an invoice has been due for over 30 days. Measured daily and with each task.",
    )
    health_reasons = fields.Char("Why", compute="_compute_health_reasons", help="What takes points from the health.")
    health_checked_on = fields.Date(readonly=True, copy=False)

    @api.depends("health_score")
    def _compute_health_reasons(self):
        facts = self._get_health_facts()
        for customer in self:
            customer.health_reasons = self._describe_health(facts[customer.id])

    # ---- use cases

    def _refresh_health(self) -> None:
        """Measure customers anew, and write only what changed."""
        today = fields.Date.context_today(self)
        for customer_id, facts in self._get_health_facts().items():
            customer = self.browse(customer_id)
            values = {"health_score": get_health_score(facts), "health_checked_on": today}
            customer.write({name: value for name, value in values.items() if customer[name] != value})

    @api.model
    def _cron_refresh_health(self) -> None:
        """Measure every customer once a day; what is left when the time is up is done in the next slice."""
        due = ["|", ("health_checked_on", "=", False), ("health_checked_on", "<", fields.Date.context_today(self))]
        while customers := self.search(due, limit=_CRON_BATCH, order="id"):
            customers._refresh_health()
            remaining = self.search_count(due)
            if not self.env["ir.cron"]._commit_progress(len(customers), remaining=remaining):
                return

    # ---- doors

    def _get_health_facts(self) -> dict[int, HealthFacts]:
        """Return by customer id what the health is made of."""
        today = fields.Date.context_today(self)
        tasks = dict(
            self.env["pipeline.onboarding.task"]
            .sudo()
            ._read_group(
                [("customer_id", "in", self.ids), ("state", "=", "todo"), ("due_date", "<", today)],
                ["customer_id"],
                ["__count"],
            )
        )
        late_days = self._get_days_overdue(today)
        return {
            customer.id: HealthFacts(
                overdue_tasks=tasks.get(customer, 0),
                overdue_invoices=len(late_days[customer]),
                most_days_overdue=max(late_days[customer], default=0),
            )
            for customer in self
        }

    def _get_days_overdue(self, today) -> dict["PipelineCustomer", list[int]]:
        """Return by customer how many days each unpaid invoice is late."""
        invoices = (
            self.env["account.move"]
            .sudo()
            .search([
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("invoice_date_due", "<", today),
                ("commercial_partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ])
        )
        by_owner = defaultdict(list)
        for invoice in invoices:
            days = (today - invoice.invoice_date_due).days
            by_owner[invoice.commercial_partner_id.id, invoice.company_id.id].append(days)
        return {customer: by_owner[customer.partner_id.id, customer.company_id.id] for customer in self}

    def _describe_health(self, facts: HealthFacts) -> str:
        """Return the troubles in words."""
        reasons = []
        if facts.overdue_tasks:
            reasons.append(self.env._("Overdue onboarding tasks: %(count)s", count=facts.overdue_tasks))
        if facts.overdue_invoices:
            reasons.append(
                self.env._(
                    "Overdue invoices: %(count)s (up to %(days)s days)",
                    count=facts.overdue_invoices,
                    days=facts.most_days_overdue,
                )
            )
        return " · ".join(reasons) or self.env._("Nothing overdue")
