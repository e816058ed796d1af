"""Which advertisement brought what: every lead, its win and its revenue, given to the touches that led to it."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import const

# The id of a row tells its model, its lead and its place among the lead's touches, so that a row is found by its id.
_MODEL_RANGE = 10**14
_LEAD_RANGE = 10**4
# Shares are cut to this many decimals; the last touch of a lead gets what is left, so that they add up to exactly 1.
_SHARE_DECIMALS = 6


class PipelineAttribution(models.Model):
    """One share of one lead under one way of counting.

    A lead here is every lead and deal that was not deleted, archived and lost ones included. Its touches are weighed
    by one of three models: all to the first, all to the last, or the same part to each. A lead without touches stands
    in one row, under the source that Odoo itself knows of it, or as unattributed.

    Revenue is that of won leads: what was ordered (confirmed orders of the deal, without tax), or the expected revenue
    where nothing was ordered; in the currency of the lead's company.
    """

    _name = "pipeline.attribution"
    _description = "Attribution"
    _auto = False
    _order = "captured_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "user_id", "team_id", "company_id", "type", "lead_status", "won_status", "expected_revenue", "captured_at",
            "date_closed", "deleted_at", "source_id", "medium_id", "campaign_id", "capture_channel",
            "pipeline_source_id",
        ],
        "pipeline.touch": [
            "lead_id", "occurred_at", "utm_source", "utm_medium", "utm_campaign", "click_ids", "capture_channel",
            "pipeline_source_id",
        ],
        "sale.order": ["opportunity_id", "state", "amount_untaxed", "currency_rate"],
        "utm.source": ["name"], "utm.medium": ["name"], "utm.campaign": ["name"],
    }  # fmt: skip

    attribution_model = fields.Selection(const.ATTRIBUTION_MODELS, "Counted By", readonly=True)
    lead_id = fields.Many2one("crm.lead", "Lead", readonly=True)
    touch_id = fields.Many2one("pipeline.touch", "Touch", readonly=True)
    touched_at = fields.Datetime("Touched On", readonly=True)
    captured_at = fields.Datetime("Came On", readonly=True)
    won_at = fields.Datetime("Won On", readonly=True)
    lead_type = fields.Selection([("lead", "Lead"), ("opportunity", "Deal")], "Type", readonly=True)
    lead_status = fields.Selection(const.LEAD_STATUSES, readonly=True)
    won_status = fields.Selection([("won", "Won"), ("lost", "Lost"), ("pending", "Open")], "Outcome", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    pipeline_source_id = fields.Many2one("pipeline.source", "Lead Source", readonly=True)
    capture_channel = fields.Selection(const.CAPTURE_CHANNELS, "Channel", readonly=True)
    source = fields.Char("Source", readonly=True, help="In lower case, so that Google and google are one.")
    medium = fields.Char("Medium", readonly=True)
    campaign = fields.Char("Campaign", readonly=True)
    is_attributed = fields.Boolean("Attributed", readonly=True, help="Something is known of where the lead came from.")
    # Exact in the query, where they are summed; shown with two decimals.
    lead_share = fields.Float("Leads", readonly=True)
    won_share = fields.Float("Won", readonly=True)
    revenue = fields.Monetary("Revenue", currency_field="currency_id", readonly=True)

    @api.model
    def _search(self, domain, *args, active_test=True, **kwargs):
        # Expressions this long take PostgreSQL two seconds to compile, and half a second to run uncompiled.
        self.env.cr.execute(SQL("SET LOCAL jit = off"))
        domain = Domain(domain)
        asked = {condition.field_expr: condition for condition in domain.iter_conditions()}
        if list(asked) == ["id"] and asked["id"].operator == "in":
            # Rows fetched by their ids, which no index knows.
            domain &= Domain("lead_id", "in", [id_ % _MODEL_RANGE // _LEAD_RANGE for id_ in asked["id"].value])
        elif active_test and "attribution_model" not in asked:
            # Rows of several models added up would count every lead several times.
            domain &= Domain("attribution_model", "=", "last")
        return super()._search(domain, *args, active_test=active_test, **kwargs)

    # ---- actions

    def action_open_lead(self) -> dict:
        """Open the lead of a row."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
                "views": [(False, "form")]}  # fmt: skip

    def action_open_leads(self) -> dict:
        """Open the leads of the chosen rows as a list."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Leads"),
            "res_model": "crm.lead",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("id", "in", self.lead_id.ids)],
            "context": {"active_test": False},
        }

    # ---- the query

    @property
    def _table_query(self) -> SQL:
        # Each way of counting looks up the touches of one lead at a time. A condition on the lead (its date, its owner)
        # thus reaches the leads before any touch is read, and a condition on the model drops the other two.
        return SQL(" UNION ALL ").join([
            self._get_one_touch_query("first", 0, SQL("t.occurred_at, t.id")),
            self._get_one_touch_query("last", 1, SQL("t.occurred_at DESC, t.id DESC")),
            self._get_linear_query(),
        ])  # fmt: skip

    def _get_one_touch_query(self, model: str, number: int, order: SQL) -> SQL:
        """Return the rows in which one touch gets the whole lead."""
        return SQL(
            """SELECT %(base)s + l.id * %(range)s::bigint AS id, %(model)s AS attribution_model, %(columns)s,
                      1.0::numeric AS lead_share, %(is_won)s::int::numeric AS won_share, r.amount AS revenue
                 FROM crm_lead l
                 LEFT JOIN LATERAL (
                      SELECT t.* FROM pipeline_touch t WHERE t.lead_id = l.id ORDER BY %(order)s LIMIT 1) t
                      ON TRUE %(joins)s
                WHERE l.deleted_at IS NULL""",
            base=number * _MODEL_RANGE, range=_LEAD_RANGE, model=model, columns=self._get_columns(), is_won=_IS_WON,
            order=order, joins=self._get_joins(),
        )  # fmt: skip

    def _get_linear_query(self) -> SQL:
        """Return the rows in which every touch gets the same part; the last one gets what rounding leaves over."""
        return SQL(
            """SELECT %(base)s + l.id * %(range)s::bigint + COALESCE(t.place, 0) AS id,
                      'linear' AS attribution_model, %(columns)s,
                      %(share)s AS lead_share, CASE WHEN %(is_won)s THEN %(share)s ELSE 0 END AS won_share,
                      %(revenue)s AS revenue
                 FROM crm_lead l
                 LEFT JOIN LATERAL (
                      SELECT t.*, row_number() OVER (ORDER BY t.occurred_at, t.id) AS place, count(*) OVER () AS total
                        FROM pipeline_touch t WHERE t.lead_id = l.id) t ON TRUE %(joins)s
                WHERE l.deleted_at IS NULL""",
            base=2 * _MODEL_RANGE, range=_LEAD_RANGE, columns=self._get_columns(), is_won=_IS_WON,
            share=_get_part(SQL("1.0::numeric")), revenue=_get_part(SQL("r.amount")), joins=self._get_joins(),
        )  # fmt: skip

    def _get_joins(self) -> SQL:
        return SQL("""
                 LEFT JOIN res_company c ON c.id = l.company_id
                 LEFT JOIN utm_source us ON us.id = l.source_id AND t.id IS NULL
                 LEFT JOIN utm_medium um ON um.id = l.medium_id AND t.id IS NULL
                 LEFT JOIN utm_campaign uc ON uc.id = l.campaign_id AND t.id IS NULL
                 CROSS JOIN LATERAL (SELECT CASE WHEN %s THEN round(COALESCE(
                      (SELECT sum(o.amount_untaxed / COALESCE(NULLIF(o.currency_rate, 0), 1))
                         FROM sale_order o WHERE o.opportunity_id = l.id AND o.state = 'sale'),
                      l.expected_revenue, 0), %s) ELSE 0 END AS amount) r""", _IS_WON, _SHARE_DECIMALS)

    def _get_columns(self) -> SQL:
        """Return what a row says about its lead and its touch."""
        source = SQL("COALESCE(lower(t.utm_source), %s, %s, lower(us.name))", _CLICK_SOURCE, _CHANNEL_SOURCE)
        return SQL(
            """l.id AS lead_id, t.id AS touch_id, t.occurred_at AS touched_at, l.captured_at,
               CASE WHEN %(is_won)s THEN l.date_closed END AS won_at, l.type AS lead_type, l.lead_status, l.won_status,
               l.user_id, l.team_id, l.company_id, COALESCE(c.currency_id, %(currency)s) AS currency_id,
               COALESCE(t.pipeline_source_id, l.pipeline_source_id) AS pipeline_source_id,
               COALESCE(t.capture_channel, l.capture_channel) AS capture_channel,
               COALESCE(%(source)s, CASE WHEN t.id IS NULL THEN %(nothing)s ELSE %(direct)s END) AS source,
               COALESCE(lower(t.utm_medium), CASE WHEN t.click_ids ?| %(paid)s THEN 'cpc' END, lower(um.name))
                    AS medium,
               COALESCE(t.utm_campaign, uc.name) AS campaign,
               COALESCE(t.id, us.id, um.id, uc.id) IS NOT NULL AS is_attributed""",
            is_won=_IS_WON, currency=self.env.company.currency_id.id, source=source, paid=list(const.PAID_CLICK_IDS),
            nothing=self.env._("(unattributed)"), direct=self.env._("(direct or unknown)"),
        )  # fmt: skip


def _get_part(whole: SQL) -> SQL:
    """Return the part of a number that one of ``total`` touches gets."""
    return SQL(
        """CASE WHEN t.id IS NULL OR t.total = 1 THEN %(whole)s
                WHEN t.place < t.total THEN round(%(whole)s / t.total, %(decimals)s)
                ELSE %(whole)s - (t.total - 1) * round(%(whole)s / t.total, %(decimals)s) END""",
        whole=whole, decimals=_SHARE_DECIMALS,
    )  # fmt: skip


def _get_choice(condition: SQL, words: dict[str, str]) -> SQL:
    """Return the word of the first key for which a condition (with one place for the key) holds."""
    cases = SQL(" ").join(SQL("WHEN %s %s THEN %s", condition, key, word) for key, word in words.items())
    return SQL("CASE %s END", cases)


_IS_WON = SQL("(l.won_status = 'won')")
_CLICK_SOURCE = _get_choice(SQL("t.click_ids ?"), const.SOURCE_BY_CLICK_ID)
_CHANNEL_SOURCE = _get_choice(SQL("t.capture_channel ="), const.SOURCE_BY_CHANNEL)
