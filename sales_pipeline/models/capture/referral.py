"""Who sent somebody to us: a source that stands for one referrer, with a link and a code to share."""

import re
import secrets
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...providers.capture.referral import ReferralProvider
from ...tools.capture_draft import Referral

# Without letters and digits that people mix up when they read a code out.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE = re.compile(r"[A-Z0-9-]{4,32}")
_PARAMETER = "ref"


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    referral_code = fields.Char(
        compute="_compute_referral_code", store=True, readonly=False, precompute=True, copy=False,
        help="Forms on pages with the embed script send it along when somebody came by the referrer's link.",
    )
    referral_page_url = fields.Char(
        "Page to Share",
        help="The page of your website that the referrer sends people to. Empty: your company's website.",
    )
    referral_link = fields.Char("Link to Share", compute="_compute_referral_link")

    _referral_code_unique = models.UniqueIndex("(referral_code) WHERE referral_code IS NOT NULL")
    _referrer_needed = models.Constraint(
        "CHECK (provider != 'referral' OR referrer_partner_id IS NOT NULL)",
        "A referral source stands for one referrer: choose the contact in “Referred By”.",
    )

    @api.depends("provider")
    def _compute_referral_code(self):
        for source in self:
            is_needed = source.provider == "referral" and not source.referral_code
            source.referral_code = _make_code() if is_needed else source.referral_code

    @api.depends("referral_code", "referral_page_url", "company_id.website")
    def _compute_referral_link(self):
        for source in self:
            page = source.referral_page_url or source.company_id.sudo().website or source.get_base_url()
            source.referral_link = _add_code(page, source.referral_code) if source.referral_code else False

    @api.constrains("referral_code")
    def _check_referral_code(self):
        if any(source.referral_code and not _CODE.fullmatch(source.referral_code) for source in self):
            raise ValidationError(self.env._(
                "A referral code has 4 to 32 characters: capital letters without accents, digits and hyphens."
            ))  # fmt: skip

    @api.model
    def _get_referral_domain(self, codes: set[str], company) -> Domain:
        """Return which sources the codes that visitors brought may mean (door)."""
        is_code = Domain("referral_code", "in", list(codes))
        return is_code & Domain("provider", "=", "referral") & Domain("company_id", "=", company.id)

    def _find_referrals(self, drafts: list) -> None:
        """Tell drafts who sent them: the referrer of this source, else the one whose code they brought.

        Nobody refers oneself.
        """
        codes = {draft: (draft.captured.journey.referral_code or "").upper() for draft in drafts}
        known = {}
        if any(codes.values()) and not self.referrer_partner_id:
            domain = self._get_referral_domain(set(codes.values()), self.company_id)
            known = {source.referral_code: source for source in self.sudo().search(domain)}
        for draft, code in codes.items():
            source = self if self.referrer_partner_id else known.get(code)
            partner = source.referrer_partner_id if source else None
            if partner and (not draft.email or partner.email_normalized != draft.email):
                draft.referral = Referral(source.id, partner.id)

    def _get_provider_class(self) -> type | None:
        return ReferralProvider if self.provider == "referral" else super()._get_provider_class()


class CrmLead(models.Model):
    _inherit = "crm.lead"

    referrer_partner_id = fields.Many2one(
        "res.partner", "Referrer", copy=False, index="btree_not_null", tracking=True,
        help="The contact who sent this person to you.",
    )


class PipelineTouch(models.Model):
    _inherit = "pipeline.touch"

    referrer_partner_id = fields.Many2one(
        "res.partner", "Referrer", readonly=True, ondelete="set null", index="btree_not_null"
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    referred_lead_count = fields.Integer(
        "Referred Leads", compute="_compute_referred_lead_count", groups="sales_team.group_sale_salesman"
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_referred_lead_count(self):
        groups = self.env["crm.lead"].with_context(active_test=False)._read_group(
            self._get_referred_domain(), ["referrer_partner_id"], ["__count"]
        )
        counts = {partner.id: count for partner, count in groups}
        for partner in self:
            partner.referred_lead_count = counts.get(partner.id, 0)

    def _get_referred_domain(self) -> Domain:
        """Return the leads and deals that these contacts sent (door)."""
        return Domain("referrer_partner_id", "in", self.ids)

    def action_view_referred_leads(self) -> dict:
        """Open the leads and deals that this contact sent."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Referred by %(name)s", name=self.display_name),
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "domain": list(self._get_referred_domain()),
            "context": {"active_test": False, "default_referrer_partner_id": self.id},
        }


def _make_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _place in range(8))


def _add_code(page: str, code: str) -> str:
    parts = urlsplit(page if "://" in page else f"https://{page}")
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != _PARAMETER]
    return urlunsplit(parts._replace(path=parts.path or "/", query=urlencode([*query, (_PARAMETER, code)])))
