import secrets

from odoo import api, fields, models

from ... import const
from ...providers.capture.bulk_upload import BulkUploadProvider
from ...providers.capture.google_ads import GoogleAdsProvider
from ...providers.capture.website import WebsiteProvider


class PipelineSource(models.Model):
    """A place from which leads come in by themselves: one form, one ad account, one list."""

    _name = "pipeline.source"
    _description = "Lead Source"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, translate=False)
    active = fields.Boolean(default=True)
    provider = fields.Selection(
        [("website", "Website Form"), ("google_ads", "Google Ads Lead Form"), ("bulk_upload", "List Import")],
        required=True, default="website",
    )
    capture_channel = fields.Selection(
        const.CAPTURE_CHANNELS, compute="_compute_capture_channel", store=True, readonly=False
    )
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: secrets.token_urlsafe(32),
        groups="base.group_system",
    )
    secret = fields.Char(
        copy=False,
        default=lambda self: secrets.token_urlsafe(24),
        groups="base.group_system",
        help="What the sender must show: the Google key, the signing secret, or the form key. "
        "Empty refuses everything.",
    )
    capture_url = fields.Char(compute="_compute_capture_url", groups="base.group_system")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True)
    user_id = fields.Many2one(
        "res.users", string="Fixed Salesperson", domain="[('share', '=', False)]",
        help="Leads of this source go to this person; empty: the members of the team take turns.",
    )
    tag_ids = fields.Many2many("crm.tag", string="Tags")
    name_required = fields.Boolean(default=True)
    contact_required = fields.Boolean("E-mail or Phone Required", default=True)
    default_country_id = fields.Many2one(
        "res.country", help="Country of phone numbers written without a country code.",
        default=lambda self: self.env.company.country_id,
    )
    thank_you_url = fields.Char(
        "Thank-You Page", help="Where a browser goes after the form; empty shows a short thank-you."
    )
    inbox_ids = fields.One2many("pipeline.inbox", "source_id", groups="sales_pipeline.group_admin")
    received_count = fields.Integer(compute="_compute_counts", compute_sudo=True)
    refused_count = fields.Integer(
        "Unverified Requests",
        readonly=True,
        copy=False,
        help="Requests with a wrong secret. They are counted, never stored.",
    )
    last_received_at = fields.Datetime(compute="_compute_counts", compute_sudo=True)

    _token_unique = models.UniqueIndex("(token)")

    @api.depends("provider")
    def _compute_capture_channel(self):
        for source in self:
            source.capture_channel = source.provider

    @api.depends("token")
    def _compute_capture_url(self):
        for source in self:
            source.capture_url = f"{source.get_base_url()}/pipeline/capture/{source.token}"

    def _compute_counts(self):
        rows = self.env["pipeline.inbox"]._read_group(
            [("source_id", "in", self.ids)], ["source_id"], ["__count", "received_at:max"]
        )
        counts = {source.id: (count, last) for source, count, last in rows}
        for source in self:
            source.received_count, source.last_received_at = counts.get(source.id, (0, False))

    def _get_provider_class(self) -> type | None:
        """Return the class that speaks this source's language, or nothing for a source that brings nothing itself."""
        self.ensure_one()
        classes = (WebsiteProvider, GoogleAdsProvider, BulkUploadProvider)
        return {provider_class.channel: provider_class for provider_class in classes}.get(self.provider)

    def _get_provider(self):
        """Return the provider of this source with its secrets, or nothing."""
        provider_class = self._get_provider_class()
        if provider_class is None:
            return None
        self_sudo = self.sudo()
        return provider_class([self_sudo.secret] if self_sudo.secret else [], self.default_country_id.code or None)

    def _get_team(self):
        """Return the team whose members take turns: the source's, else the company's first with leads switched on."""
        self.ensure_one()
        if self.team_id:
            return self.team_id.with_company(self.company_id)
        domain = [("use_leads", "=", True), ("company_id", "in", [False, self.company_id.id])]
        return self.env["crm.team"].sudo().search(domain, limit=1).with_company(self.company_id)

    @api.model
    def _find_by_token(self, token: str):
        """Return the active source with this token, or an empty set; archived ones do not answer."""
        return self.sudo().search([("token", "=", token)], limit=1) if token else self.browse()

    def action_rotate_secret(self) -> None:
        """Replace the secret with a new random one."""
        # Administrators replace a secret that only the system's may read.
        self.check_access("write")
        for source in self:
            source.sudo().secret = secrets.token_urlsafe(24)

    def action_view_inbox(self) -> dict:
        """Open what this source brought."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_inbox_action")
        action["domain"] = [("source_id", "=", self.id)]
        return action

    @api.model
    def _get_import_source(self, company):
        """Return the source under which imported lists of a company stand, made on first use."""
        domain = [("provider", "=", "bulk_upload"), ("company_id", "=", company.id)]
        source = self.sudo().with_context(active_test=False).search(domain, order="id", limit=1)
        return source or self.sudo().create({
            "name": self.env._("List import"),
            "provider": "bulk_upload",
            "company_id": company.id,
            "contact_required": False,
        })
