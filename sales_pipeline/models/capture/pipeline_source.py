import secrets
from typing import Any

from odoo import api, fields, models

from ... import const
from ...providers.capture.bulk_upload import BulkUploadProvider
from ...providers.capture.facebook import FacebookProvider
from ...providers.capture.generic import GenericProvider
from ...providers.capture.google_ads import GoogleAdsProvider
from ...providers.capture.privy import PrivyProvider
from ...providers.capture.typeform import TypeformProvider
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
        [
            ("website", "Website Form"), ("google_ads", "Google Ads Lead Form"), ("facebook", "Facebook Lead Ads"),
            ("typeform", "Typeform"), ("privy", "Privy"), ("generic", "Any System That Posts JSON"),
            ("email", "E-mail Address"), ("referral", "Referral"), ("bulk_upload", "List Import"),
        ],
        required=True, default="website",
    )  # fmt: skip
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
    capture_url = fields.Char("Address for Leads", compute="_compute_capture_url", groups="base.group_system")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    team_id = fields.Many2one("crm.team", string="Sales Team", check_company=True)
    user_id = fields.Many2one(
        "res.users", string="Fixed Person", domain="[('share', '=', False)]",
        help="Leads of this source go to this person; empty: the rules decide, else the team takes turns.",
    )
    owner_rule = fields.Selection(
        [
            ("turns", "The rules, else the team takes turns"), ("fixed", "A fixed person"),
            ("known", "The known contact's owner, else the rules, else the team"), ("nobody", "Nobody"),
        ],
        string="Owner", required=True, compute="_compute_owner_rule", store=True, readonly=False, precompute=True,
    )  # fmt: skip
    tag_ids = fields.Many2many("crm.tag", string="Tags")
    consent_text = fields.Text(
        "Consent Wording", help="What people agree to on this form. It is kept with each of their leads as evidence."
    )
    referrer_partner_id = fields.Many2one("res.partner", "Referred By", check_company=True, index="btree_not_null")
    name_required = fields.Boolean(default=True)
    contact_required = fields.Boolean("E-mail or Phone Required", default=True)
    default_country_id = fields.Many2one(
        "res.country", help="Country of phone numbers written without a country code.",
        default=lambda self: self.env.company.country_id,
    )
    thank_you_url = fields.Char(
        "Thank-You Page", help="Where a browser goes after the form; empty shows a short thank-you."
    )
    inbox_ids = fields.One2many("pipeline.inbox", "source_id", "Received Leads", groups="sales_pipeline.group_admin")
    received_count = fields.Integer("Received", compute="_compute_counts", compute_sudo=True)
    last_received_at = fields.Datetime("Last Received On", compute="_compute_counts", compute_sudo=True)
    vendor_account = fields.Char("Account", help="The page, form or account at the vendor whose leads come in here.")
    vendor_token = fields.Char("API Token", copy=False, groups="base.group_system")
    vendor_api_version = fields.Char("API Version", help="Empty: the version this addon was written for.")
    vendor_base_url = fields.Char(
        "API Address", groups="base.group_system", help="Empty: the vendor's own. For a proxy or for tests."
    )
    poll_cursor = fields.Char("Asked Up To", readonly=True, copy=False)
    polled_at = fields.Datetime("Last Asked For", readonly=True, copy=False)
    allowed_origins = fields.Text(
        help="Addresses of the websites whose pages may send to this source, one a line, for instance "
        "https://www.example.com. Empty: any."
    )
    min_fill_seconds = fields.Integer(
        "Shortest Time to Fill In", help="Who sends the form sooner is taken for a robot. 0 lets everybody in."
    )

    _token_unique = models.UniqueIndex("(token)")

    @api.depends("provider")
    def _compute_capture_channel(self):
        for source in self:
            source.capture_channel = "api" if source.provider == "generic" else source.provider

    @api.depends("user_id")
    def _compute_owner_rule(self):
        for source in self:
            if source.user_id and source.owner_rule in (False, "turns"):
                source.owner_rule = "fixed"
            elif not source.owner_rule or (source.owner_rule == "fixed" and not source.user_id):
                source.owner_rule = "turns"

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
        classes = {
            "website": WebsiteProvider,
            "google_ads": GoogleAdsProvider,
            "facebook": FacebookProvider,
            "typeform": TypeformProvider,
            "privy": PrivyProvider,
            "generic": GenericProvider,
            "bulk_upload": BulkUploadProvider,
        }
        return classes.get(self.provider)

    def _get_provider(self, mapping: dict[str, str] | None = None):
        """Return the provider of this source with its secrets, mapping and settings, or nothing.

        :param mapping: instead of the one that is saved, to try it
        """
        provider_class = self._get_provider_class()
        if provider_class is None:
            return None
        return provider_class(
            secrets=self._get_valid_secrets(),
            country_code=self.default_country_id.code or None,
            mapping=self._get_mapping() if mapping is None else mapping,
            settings=self._get_provider_settings(),
        )

    def _get_provider_settings(self) -> dict[str, Any]:
        """Return what a provider has to know of its vendor and its senders (door)."""
        source = self.sudo()
        return {
            "account": source.vendor_account or "",
            "token": source.vendor_token or "",
            "api_version": source.vendor_api_version or "",
            "base_url": source.vendor_base_url or "",
            "origins": tuple((source.allowed_origins or "").split()),
            "min_fill_seconds": source.min_fill_seconds,
        }

    def _get_team(self):
        """Return the team whose members take turns: the source's, else the company's first with leads switched on."""
        self.ensure_one()
        if self.team_id:
            return self.team_id.with_company(self.company_id)
        domain = [("use_leads", "=", True), ("company_id", "in", [False, self.company_id.id])]
        return self.env["crm.team"].sudo().search(domain, limit=1).with_company(self.company_id)

    def action_view_inbox(self) -> dict:
        """Open what this source brought."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_inbox_action")
        action["domain"] = [("source_id", "=", self.id)]
        return action

    def action_map_questions(self) -> dict:
        """Open the questions of this source beside a received capture."""
        self.ensure_one()
        return self.env["pipeline.map.questions"]._open(self)

    @api.model
    def _get_import_source(self, company):
        """Return the source under which imported lists of a company stand, made on first use."""
        domain = [("provider", "=", "bulk_upload"), ("company_id", "=", company.id)]
        source = self.sudo().with_context(active_test=False).search(domain, order="id", limit=1)
        return source or self.sudo().with_company(company).create({
            "name": self.env._("List import"),
            "provider": "bulk_upload",
            "company_id": company.id,
            "contact_required": False,
        })
