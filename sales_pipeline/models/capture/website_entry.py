"""Odoo's own website form on its way through the gate: one contact is one lead, with touches like any other."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import html_sanitize

from ...providers.capture.lead import CapturedLead
from ...providers.capture.visits import JOURNEY_FIELD, VISIT_FIELDS, add_visits
from ...tools.attribution import Attribution
from ...tools.capture_draft import CaptureDraft
from ...tools.text import one_line
from ..bridges import Entry
from ..locks import key_lock

_COOKIES = {name: f"odoo_{name}" for name in ("utm_source", "utm_medium", "utm_campaign")}
# What we know better than the form; whom its leads go to is a choice that Odoo leaves to the form.
_OURS = (
    "capture_channel", "captured_at", "pipeline_source_id", "referrer_partner_id",
    "source_id", "medium_id", "campaign_id", "utm_term", "utm_content", "click_ids", "referrer_url", "landing_page_url",
    "assignment_facts", "waiting_pool_id",
)  # fmt: skip


class WebsiteEntry(Entry):
    """One sending of Odoo's website form.

    :param source: the lead source that stands for the form
    :param captured: who sent it and how they came
    """

    def __init__(self, source, captured: CapturedLead):
        self.source = source
        self.captured = captured
        country = source.default_country_id or source.company_id.country_id
        self.draft = CaptureDraft(captured, 0, country.code or None)
        self.known = None
        self._said, self._described = False, False

    def meet(self, model, vals_list):
        [vals] = vals_list
        self.source._find_referrals([self.draft])
        _fresh, again = model.sudo()._pass_gate([self.draft], self.source.company_id)
        self.known = again[0][0] if again else None
        if not self.known:
            self._prepare(model.sudo(), vals)
            return model.browse()
        self._said, self._described = vals.get("description"), self.known.description
        return self.known.with_env(model.env)

    def _prepare(self, leads, vals: dict[str, Any]) -> None:
        team = leads.env["crm.team"].browse(vals.get("team_id")) or self.source._get_team()
        [owner] = [vals["user_id"]] if vals.get("user_id") else leads._choose_owners([self.draft], self.source, team)
        lookup = leads.env["pipeline.capture.lookup"]._find_all([self.draft])
        values = leads._prepare_captured_values(self.draft, self.source, team, owner, lookup)
        vals.update({name: values[name] for name in _OURS if values.get(name)})
        vals.update(user_id=owner, team_id=values["team_id"])
        vals.setdefault("tag_ids", values["tag_ids"])

    def finish(self, leads):
        leads = leads.sudo()
        touches = self.draft.prepare_touches(leads, self.source, fields.Datetime.now())
        leads.env["pipeline.touch"].create(touches)
        leads._on_captured([self.captured])
        self.draft.lead_id = leads.id
        leads._note_similar([self.draft])

    def close(self, lead_id):
        """Put down on the known lead what was said; the form wrote it over what stood there."""
        if not self.known or lead_id != self.known.id:
            return
        lead = self.known
        said = lead.description if lead.description != self._described else self._said
        lead.description = self._described
        if said:
            lead.message_post(body=Markup(html_sanitize(said)), message_type="comment", subtype_xmlid="mail.mt_note")
        lead._add_touches([(lead, self.draft)], self.source)
        lead._tell_spellings([(lead, self.draft)])


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _get_website_entry(self, params: dict[str, Any], cookies: Mapping[str, str]) -> WebsiteEntry:
        """Return what a visitor sends by the website's form, with the locks that keep one contact one lead (door).

        :param params: the form's fields; what the embed script added is taken out
        :param cookies: the visitor's, in which Odoo keeps the last campaign
        """
        visits = {name: params.pop(name, None) for name in VISIT_FIELDS}
        source = self.env["pipeline.source"].sudo()._get_website_form_source(self.env.company)
        email, phone, name, company = (one_line(params.get(field)) for field in
                                       ("email_from", "phone", "contact_name", "partner_name"))  # fmt: skip
        captured = add_visits(
            CapturedLead(channel="website", email=email, phone=phone, name=name, company_name=company),
            {JOURNEY_FIELD: visits[JOURNEY_FIELD]},
        )
        if not captured.journey.last:
            campaign = {name: one_line(cookies.get(cookie)) for name, cookie in _COOKIES.items()}
            captured = replace(captured, attribution=Attribution(**campaign))
        key_lock(self.env, *self._get_capture_keys([captured], source))
        return WebsiteEntry(source, captured)


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    is_website_form = fields.Boolean(
        "This Odoo's Website", readonly=True, copy=False, help="Stands for the forms of Odoo's own website."
    )

    _website_form_unique = models.UniqueIndex("(company_id) WHERE is_website_form IS TRUE")

    @api.model
    def _get_website_form_source(self, company):
        """Return the source under which the forms of a company's own website stand, made on first use."""
        domain = [("is_website_form", "=", True), ("company_id", "=", company.id)]
        sources = self.sudo().with_context(active_test=False)
        if not (source := sources.search(domain)):
            key_lock(self.env, f"website_form_source:{company.id}")
            source = sources.search(domain) or self.sudo().create({
                "name": self.env._("Forms of our website"), "provider": "website", "is_website_form": True,
                "company_id": company.id,
            })  # fmt: skip
        return source
