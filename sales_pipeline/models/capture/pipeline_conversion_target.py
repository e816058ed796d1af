from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ... import const
from ...providers.conversion.base import ConversionProvider
from ...providers.conversion.google_ads import GoogleAdsConversionProvider
from ...providers.conversion.google_data_manager import GoogleDataManagerProvider
from ...providers.conversion.meta import MetaConversionProvider

# What each platform cannot do without. Of the two actions one is enough: who reports wins only leaves the other empty.
_GOOGLE = ("account", "client_id", "client_secret", "refresh_token")
_NEEDED = {"google": _GOOGLE, "google_ads": (*_GOOGLE, "developer_token"), "meta": ("account", "token")}


class PipelineConversionTarget(models.Model):
    """An ad platform that hears which of its clicks became qualified leads and won deals; off until somebody turns it
    on."""

    _name = "pipeline.conversion.target"
    _description = "Ad Platform"
    _inherit = ["mail.thread"]
    _order = "company_id, platform"
    _rec_name = "platform"

    platform = fields.Selection(const.AD_PLATFORMS, required=True, default="google")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    is_enabled = fields.Boolean("Report Conversions", tracking=True, copy=False)
    account = fields.Char(
        "Account", tracking=True,
        help="Google: the number of the account that owns the conversion actions. Meta: the number of the data set.",
    )
    login_account = fields.Char("Manager Account", help="Google: the manager account you sign in with, if any.")
    action_qualified = fields.Char(
        "Qualified Lead Is",
        help="Google: the number of the conversion action. Meta: the name of the event. Empty: not reported.",
    )
    action_won = fields.Char(
        "Won Deal Is",
        help="Google: the number of the conversion action. Meta: the name of the event. Empty: not reported.",
    )
    needs_consent = fields.Boolean(
        "Only With Consent", default=True, tracking=True,
        help="Report only people who agreed. Those who refused are never reported, whatever this says.",
    )
    client_id = fields.Char("OAuth Client Id", groups="base.group_system")
    client_secret = fields.Char("OAuth Client Secret", groups="base.group_system", copy=False)
    refresh_token = fields.Char(groups="base.group_system", copy=False)
    developer_token = fields.Char(groups="base.group_system", copy=False)
    token = fields.Char("Access Token", groups="base.group_system", copy=False)
    test_code = fields.Char("Test Event Code", help="Meta: events appear under Test Events and count nowhere.")
    api_version = fields.Char("API Version", groups="base.group_system", help="Empty: the one this was written for.")
    base_url = fields.Char(
        "Other Address", groups="base.group_system", help="For a proxy or a test; empty: the platform's own."
    )
    missing = fields.Char("Still Missing", compute="_compute_missing", compute_sudo=True)
    conversion_count = fields.Integer("Conversions", compute="_compute_conversion_count", compute_sudo=True)

    _platform_unique = models.UniqueIndex("(company_id, platform)", "A company reports to a platform once.")

    @api.depends("platform")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["platform"]._description_selection(self.env))
        for target in self:
            target.display_name = labels.get(target.platform)

    @api.depends("platform", "action_qualified", "action_won", *sorted({*_GOOGLE, "developer_token", "token"}))
    @api.depends_context("lang")
    def _compute_missing(self):
        for target in self:
            fields_ = [target._fields[name] for name in _NEEDED[target.platform] if not target[name]]
            words = [field.get_description(self.env, ["string"])["string"] for field in fields_]
            if not target.action_qualified and not target.action_won:
                words.append(self.env._("what a qualified lead or a won deal is called there"))
            target.missing = ", ".join(words)

    def _compute_conversion_count(self):
        counts = dict(
            self.env["pipeline.conversion"]._read_group([("target_id", "in", self.ids)], ["target_id"], ["__count"])
        )
        for target in self:
            target.conversion_count = counts.get(target, 0)

    @api.constrains("is_enabled", "platform", "action_qualified", "action_won", "account", "token", "refresh_token")
    def _check_complete(self):
        for target in self.sudo():
            if target.is_enabled and target.missing:
                raise ValidationError(self.env._(
                    "Before conversions can be reported, fill in: %(missing)s. Only system administrators see the "
                    "credentials.",
                    missing=target.missing,
                ))  # fmt: skip

    # ---- actions

    def action_view_conversions(self) -> dict:
        """Open what was reported to this platform."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_conversion_action")
        action["domain"] = [("target_id", "in", self.ids)]
        return action

    # ---- doors

    def _get_provider_class(self) -> type[ConversionProvider]:
        """Return the class that speaks this platform's language (door)."""
        return {
            "google": GoogleDataManagerProvider, "google_ads": GoogleAdsConversionProvider,
            "meta": MetaConversionProvider,
        }[self.platform]  # fmt: skip

    def _get_provider(self) -> ConversionProvider:
        """Return the provider with the settings and credentials of this platform."""
        target = self.sudo()
        names = ("account", "login_account", "client_id", "client_secret", "refresh_token", "developer_token", "token",
                 "test_code", "api_version", "base_url")  # fmt: skip
        actions = {"qualified": target.action_qualified, "won": target.action_won}
        return self._get_provider_class()({**{name: target[name] for name in names}, "actions": actions})


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    pipeline_conversion_platforms = fields.Char("Reported To", compute="_compute_pipeline_conversion_platforms")

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_pipeline_conversion_platforms(self):
        targets = self.env["pipeline.conversion.target"].search([("is_enabled", "=", True)])
        for settings in self:
            of_company = targets.filtered(lambda target, company=settings.company_id: target.company_id == company)
            names = ", ".join(of_company.mapped("display_name"))
            settings.pipeline_conversion_platforms = names or self.env._("Off: no platform hears of your leads.")
