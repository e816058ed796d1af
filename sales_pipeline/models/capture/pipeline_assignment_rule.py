from ast import literal_eval
from collections.abc import Mapping, Sequence
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ... import const
from ...exceptions import UnreadablePostcode
from ...tools.territory import Territory, read_postcodes

_SAMPLE = 100
_READ = ("country_id", "state_id", "zip", "lang_id", "prospective_type", "pipeline_source_id")


class PipelineAssignmentRule(models.Model):
    """Which leads go to which pool; the first rule in order that fits a lead decides."""

    _name = "pipeline.assignment.rule"
    _description = "Assignment Rule"
    _order = "sequence, id"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    pool_id = fields.Many2one(
        "pipeline.assignment.pool", "Pool", required=True, check_company=True, ondelete="restrict", index=True
    )
    country_ids = fields.Many2many("res.country", "pipeline_assignment_rule_country_rel", string="Countries")
    state_ids = fields.Many2many(
        "res.country.state", "pipeline_assignment_rule_state_rel", string="States",
        help="States narrow their own country; other countries of the rule stay whole.",
    )  # fmt: skip
    zips = fields.Char("Postcodes", help="Beginnings and spans of them, with commas between: 80-85, 9, SW1A")
    lang_ids = fields.Many2many("res.lang", "pipeline_assignment_rule_lang_rel", string="Languages")
    for_individual = fields.Boolean("Individuals")
    for_sme = fields.Boolean("Small or Medium Businesses")
    for_corporate = fields.Boolean("Corporates")
    source_ids = fields.Many2many(
        "pipeline.source", "pipeline_assignment_rule_source_rel", string="Lead Sources", check_company=True
    )
    domain = fields.Char("More Conditions", default="[]", required=True)
    condition_summary = fields.Char("Conditions", compute="_compute_condition_summary")
    match_count = fields.Integer("Leads That Fit", compute="_compute_match_count")
    sample_count = fields.Integer("Leads Looked At", compute="_compute_match_count")

    @api.depends_context("lang")
    @api.depends("country_ids", "state_ids", "zips", "lang_ids", "for_individual", "for_sme", "for_corporate",
                 "source_ids", "domain")  # fmt: skip
    def _compute_condition_summary(self):
        for rule in self:
            kinds = [label for name, label in self._get_type_labels() if rule[f"for_{name}"]]
            names = [rule.country_ids.mapped("name"), rule.state_ids.mapped("name"), [rule.zips] if rule.zips else [],
                     rule.lang_ids.mapped("name"), kinds, rule.sudo().source_ids.mapped("name")]  # fmt: skip
            parts = [", ".join(each) for each in names if each]
            if rule._read_domain() != []:
                parts.append(self.env._("more conditions"))
            rule.condition_summary = " · ".join(parts) or self.env._("every lead")

    @api.model
    def _get_type_labels(self) -> list[tuple[str, str]]:
        return self.env["crm.lead"]._fields["prospective_type"]._description_selection(self.env)

    @api.depends("country_ids", "state_ids", "zips", "lang_ids", "for_individual", "for_sme", "for_corporate",
                 "source_ids", "domain", "company_id")  # fmt: skip
    def _compute_match_count(self):
        for rule in self:
            leads = self.env["crm.lead"].with_context(active_test=False).search(
                [("type", "=", "lead"), ("company_id", "in", [False, rule.company_id.id])],
                order="create_date desc, id desc", limit=_SAMPLE,
            )  # fmt: skip
            rule.sample_count = len(leads)
            rule.match_count = len(rule._filter_leads(leads))

    @api.constrains("zips")
    def _check_zips(self):
        for rule in self:
            try:
                read_postcodes(rule.zips)
            except UnreadablePostcode as error:
                raise ValidationError(self.env._(
                    "“%(part)s” names no postcodes. Write beginnings like 80 or SW1A, and spans of the same length "
                    "like 80-85, with commas between.", part=str(error),
                )) from None  # fmt: skip

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                # With the rights of whoever writes the rule: it must not ask for what its author may not read.
                self.env["crm.lead"].search(Domain(rule._read_domain()), limit=1)
            except (ValueError, SyntaxError, KeyError, TypeError, AttributeError):
                raise ValidationError(
                    self.env._("The further conditions of “%(rule)s” cannot be read.", rule=rule.name)
                ) from None

    # ---- actions

    def action_try(self) -> dict[str, Any]:
        """Open the test that says who would get a lead, and why."""
        self.ensure_one()
        trial = self.env["pipeline.assignment.trial"].create({"company_id": self.company_id.id})
        return {**trial._get_records_action(name=self.env._("Test with a Lead")), "target": "new"}

    @api.model
    def action_assign_backlog(self) -> dict[str, Any]:
        """Have the leads that nobody has handed out by the rules; for managers."""
        return self.env["crm.lead"]._assign_backlog()

    # ---- matching

    def _read_domain(self) -> list:
        self.ensure_one()
        return literal_eval(self.domain or "[]")

    def _get_territory(self) -> Territory:
        """Return the conditions that values alone decide."""
        self.ensure_one()
        return Territory(
            countries=frozenset(self.country_ids.ids),
            states={state.id: state.country_id.id for state in self.state_ids},
            zips=self._get_zip_spans(),
            languages=frozenset(self.lang_ids.ids),
            types=frozenset(name for name, _label in const.PROSPECTIVE_TYPES if self[f"for_{name}"]),
            sources=frozenset(self.sudo().source_ids.ids),
        )

    def _get_zip_spans(self) -> tuple:
        try:
            return read_postcodes(self.zips)
        except UnreadablePostcode:
            # Only while somebody types; a saved rule was checked.
            return (("#", "#"),)

    @api.model
    def _get_rules(self, company):
        """Return the rules of a company, in order."""
        return self.sudo().search([("company_id", "=", company.id), ("pool_id.active", "=", True)])

    def _find_for_values(self, values_list: Sequence[Mapping[str, Any]]) -> list:
        """Return the first of these rules that fits each set of values of a lead to be; empty where none does.

        A record is only made up for those that meet everything else of a rule with further conditions.
        """
        leads = self.env["crm.lead"].sudo()
        virtual: dict[int, Any] = {}

        def fits(rule, place: int) -> bool:
            domain = domains[rule]
            if not domain:
                return True
            if place not in virtual:
                virtual[place] = leads.new(dict(values_list[place]))
            return bool(virtual[place].filtered_domain(domain))

        territories = {rule: rule._get_territory() for rule in self}
        domains = {rule: rule._read_domain() for rule in self}
        return [
            next((rule for rule in self if territories[rule].covers(values) and fits(rule, place)), self.browse())
            for place, values in enumerate(values_list)
        ]

    def _find_for_leads(self, leads) -> dict[int, Any]:
        """Return the first of these rules that fits each stored lead, by lead id; leads that none fits are left out."""
        found: dict[int, Any] = {}
        for rule in self:
            left = leads.browse([id_ for id_ in leads.ids if id_ not in found])
            found.update(dict.fromkeys(rule._filter_leads(left).ids, rule))
        return found

    def _filter_leads(self, leads):
        """Return those of stored leads that this rule fits."""
        self.ensure_one()
        territory = self._get_territory()
        fitting = leads.filtered(
            lambda lead: territory.covers(
                {name: lead[name].id if lead._fields[name].relational else lead[name] for name in _READ}
            )
        )
        domain = self._read_domain()
        if not domain or not fitting:
            return fitting
        within = leads.with_context(active_test=False).search(Domain("id", "in", fitting.ids) & Domain(domain))
        return fitting & within
