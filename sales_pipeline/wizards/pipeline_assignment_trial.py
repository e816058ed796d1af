from odoo import api, fields, models
from odoo.fields import Command


class PipelineAssignmentTrial(models.TransientModel):
    """Who would get a lead, and why; nothing is taken and nothing is changed."""

    _name = "pipeline.assignment.trial"
    _description = "Test of the Assignment Rules"

    company_id = fields.Many2one("res.company", readonly=True, default=lambda self: self.env.company)
    lead_id = fields.Many2one("crm.lead", "Lead", domain="[('company_id', 'in', [False, company_id])]")
    user_name = fields.Char("Would Go To", compute="_compute_outcome")
    outcome = fields.Char(compute="_compute_outcome")
    line_ids = fields.One2many("pipeline.assignment.trial.line", compute="_compute_outcome", string="Rules")

    @api.depends("lead_id")
    def _compute_outcome(self):
        for trial in self:
            trial.user_name, trial.outcome, trial.line_ids = False, False, False
            lead = trial.lead_id._origin
            if lead:
                lead.check_access("read")
                trial._try(lead)

    def _try(self, lead) -> None:
        company = self.company_id or self.env.company
        model = lead.sudo().with_company(company)
        rules = self.env["pipeline.assignment.rule"]._get_rules(company)
        fitting = [rule for rule in rules if rule._filter_leads(model)]
        decision = model._decide_as_trial(company, fitting[0] if fitting else rules.browse())
        names = model._get_names_in([decision.why])
        self.user_name = names.get(decision.user_id) or self.env._("Nobody yet")
        self.outcome = model._word_reason(decision.why, names)
        self.line_ids = [Command.create({
            "name": rule.name, "condition_summary": rule.with_env(self.env).sudo().condition_summary,
            "verdict": "fits" if fitting[:1] == [rule] else "later" if rule in fitting else "not",
        }) for rule in rules]  # fmt: skip


class PipelineAssignmentTrialLine(models.TransientModel):
    _name = "pipeline.assignment.trial.line"
    _description = "Rule Asked in a Test"

    name = fields.Char("Rule")
    condition_summary = fields.Char("Conditions")
    verdict = fields.Selection([("fits", "Decides"), ("later", "Fits, but Comes Later"), ("not", "Does Not Fit")])
