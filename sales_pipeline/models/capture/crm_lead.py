"""How a lead comes in: the one use case behind the public routes, the form, and the lists."""

from collections.abc import Sequence
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from ... import const
from ...tools.capture_draft import CaptureDraft, CaptureResult


class CrmLead(models.Model):
    _inherit = "crm.lead"

    capture_channel = fields.Selection(
        const.CAPTURE_CHANNELS, "Channel", readonly=True, copy=False, index="btree_not_null"
    )
    captured_at = fields.Datetime("Captured On", readonly=True, copy=False, default=fields.Datetime.now)
    pipeline_source_id = fields.Many2one(
        "pipeline.source", "Lead Source", readonly=True, copy=False, index="btree_not_null"
    )
    prospective_type = fields.Selection(const.PROSPECTIVE_TYPES, "Type of Prospect")
    whatsapp = fields.Char("WhatsApp", help="Number for WhatsApp, if it is not the phone number.")
    utm_term = fields.Char("Search Term", readonly=True, copy=False)
    utm_content = fields.Char("Ad Content", readonly=True, copy=False)
    click_ids = fields.Json("Click Ids", readonly=True, copy=False)
    click_ids_text = fields.Char("Ad Click", compute="_compute_click_ids_text")
    referrer_url = fields.Char("Referring Page", readonly=True, copy=False)
    landing_page_url = fields.Char("Landing Page", readonly=True, copy=False)
    touch_ids = fields.One2many("pipeline.touch", "lead_id", "Touches", readonly=True)
    touch_count = fields.Integer(compute="_compute_touch_count")

    # Reports ask for a span of time. Leads lie in the table nearly as they came, so a summary of a few pages will do; a
    # tree would be one more to keep on every write.
    _captured_idx = models.Index("USING brin (captured_at) WITH (pages_per_range = 32)")

    @api.depends("click_ids")
    def _compute_click_ids_text(self):
        for lead in self:
            lead.click_ids_text = ", ".join(f"{name}: {value}" for name, value in (lead.click_ids or {}).items())

    @api.depends("touch_ids")
    def _compute_touch_count(self):
        counts = dict(self.env["pipeline.touch"]._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"]))
        for lead in self:
            lead.touch_count = counts.get(lead._origin, 0)

    # ---- use case

    @api.model
    def _capture(self, captured: Sequence, source) -> list[CaptureResult]:
        """Turn captured contacts into leads: checked, deduplicated, assigned, told.

        An exact duplicate (same e-mail or phone as an open lead or deal of the company) makes no second lead: it adds a
        touch to the known one and tells its owner. The caller holds the locks of ``_get_capture_keys``.

        :param captured: ``CapturedLead`` objects
        :param source: the ``pipeline.source`` they came by; it decides what is required, the team and the owner
        :return: one ``CaptureResult`` an object, in order
        """
        source = source.sudo()
        model = self.sudo().with_company(source.company_id)
        country_code = source.default_country_id.code or source.company_id.country_id.code or None
        drafts = [CaptureDraft(item, index, country_code) for index, item in enumerate(captured)]
        results: list[CaptureResult | None] = [draft.get_refusal(source) for draft in drafts]
        open_drafts = [draft for draft in drafts if results[draft.index] is None]
        known = model._find_exact(open_drafts, source.company_id)
        source._find_referrals(open_drafts)
        fresh: list[CaptureDraft] = []
        again: list[tuple] = []
        for draft in open_drafts:
            lead = next((known[key] for key in draft.keys if key in known), None)
            if lead is None:
                fresh.append(draft)
                known.update(dict.fromkeys(draft.keys, draft))
            elif isinstance(lead, CaptureDraft):
                lead.followers.append(draft)
            else:
                again.append((lead, draft))
        for draft, lead in zip(fresh, model._create_captured(fresh, source), strict=True):
            results[draft.index] = CaptureResult("created", lead.id, has_no_contact=not draft.keys)
            again += [(lead, follower) for follower in draft.followers]
        model._add_touches(again, source)
        for lead, draft in again:
            results[draft.index] = CaptureResult("duplicate", lead.id)
        return results

    @api.model
    def _get_capture_keys(self, captured: Sequence, source) -> list[str]:
        """Return the lock keys of captured contacts and of the team whose turn is taken."""
        country_code = source.default_country_id.code or source.company_id.country_id.code or None
        keys = {key for index, item in enumerate(captured) for key in CaptureDraft(item, index, country_code).keys}
        team = source.sudo()._get_team()
        return [f"contact:{source.company_id.id}:{key}" for key in keys] + [team._get_turn_key()]

    # ---- duplicates

    @api.model
    def _find_exact(self, drafts: list, company) -> dict[str, Any]:
        """Return the open lead or deal that already has each contact key, the oldest first."""
        emails = [key for draft in drafts for key in draft.keys if "@" in key]
        phones = [key for draft in drafts for key in draft.keys if "@" not in key]
        contact = Domain("email_normalized", "in", emails) | Domain("phone_sanitized", "in", phones)
        domain = contact & Domain("won_status", "=", "pending") & Domain("company_id", "in", [False, company.id])
        leads = self.search(domain & self._get_duplicate_domain(), order="id desc") if emails or phones else self
        found = {}
        for lead in leads:
            found.update({key: lead for key in (lead.email_normalized, lead.phone_sanitized) if key})
        return found

    @api.model
    def _get_duplicate_domain(self) -> Domain:
        """Return what limits the exact duplicate check (door)."""
        return Domain.TRUE

    @api.model
    def _add_touches(self, met: list[tuple], source) -> None:
        """Note that known contacts came again, fill what was unknown, and tell their owners.

        :param met: pairs of the known lead and the draft that met it; a lead may be met several times
        """
        if not met:
            return
        now = fields.Datetime.now()
        compared = {lead.id for lead, draft in met if draft.captured.journey.first}
        touches = {lead: [*lead.touch_ids] if lead.id in compared else [] for lead, _draft in met}
        for lead, draft in met:
            touches[lead] += draft.prepare_touches(lead, source, now, touches[lead])
        self.env["pipeline.touch"].create([new for made in touches.values() for new in made if isinstance(new, dict)])
        for lead, draft in met:
            blanks = {name: value for name, value in draft.prepare_contact_values().items() if value and not lead[name]}
            if blanks:
                lead.write(blanks)
        self.browse([lead.id for lead, _draft in met])._on_captured_again([draft.captured for _lead, draft in met])

    # ---- creation

    @api.model
    def _create_captured(self, drafts: list, source):
        if not drafts:
            return self.browse()
        team = source._get_team()
        owners = self._choose_owners(drafts, source, team)
        found = self.env["pipeline.capture.lookup"]._find_all(drafts)
        # Odoo's compute asks for the first stage lead by lead.
        stage = self._stage_find(team_id=team.id, domain=[("fold", "=", False)])
        values = [
            {"stage_id": stage.id, **self._prepare_captured_values(draft, source, team, owner, found)}
            for draft, owner in zip(drafts, owners, strict=True)
        ]
        # The event log tells the creation; Odoo's notes, tracking and subscriptions would be most of the cost.
        leads = self.with_context(tracking_disable=True).create(values).with_env(self.env)
        leads._subscribe_followers()
        now = fields.Datetime.now()
        touches = [draft.prepare_touches(lead, source, now) for draft, lead in zip(drafts, leads, strict=True)]
        self.env["pipeline.touch"].create([values for made in touches for values in made])
        leads._on_captured([draft.captured for draft in drafts])
        return leads

    def _subscribe_followers(self) -> None:
        """Let owners, and who follows the team's new leads, follow these, as Odoo does lead by lead.

        Without it nobody would hear of replies. Our own notice replaces Odoo's.
        """
        quiet = self.with_context(mail_auto_subscribe_no_notify=True)
        for (owner, team), leads in quiet.grouped(lambda lead: (lead.user_id, lead.team_id)).items():
            leads._message_auto_subscribe({"user_id": owner.id, "team_id": team.id})

    @api.model
    def _prepare_captured_values(self, draft, source, team, owner_id: int | bool, found) -> dict[str, Any]:
        """Return the values of a new lead (door).

        :param found: callable ``(model name, text) -> record id or False`` for sources, tags and countries
        """
        captured = draft.captured
        utm = captured.attribution
        return {
            **draft.prepare_contact_values(),
            "name": captured.deal_name or captured.name or captured.company_name or draft.email or draft.phone,
            "type": "lead",
            "team_id": team.id,
            "user_id": owner_id,
            "company_id": source.company_id.id,
            **draft.prepare_origin_values(source),
            "captured_at": captured.submitted_at or self.env.cr.now(),
            "tag_ids": [fields.Command.set([*source.tag_ids.ids, *(found("crm.tag", name) for name in captured.tags)])],
            "country_id": found("res.country", draft.country_code),
            "source_id": found("utm.source", utm.utm_source),
            "medium_id": found("utm.medium", utm.utm_medium),
            "campaign_id": found("utm.campaign", utm.utm_campaign),
            "utm_term": utm.utm_term,
            "utm_content": utm.utm_content,
            "click_ids": dict(utm.click_ids) or False,
            "referrer_url": utm.referrer_url,
            "landing_page_url": utm.landing_page_url,
        }

    # ---- moments (doors)

    def _tells_creation(self) -> bool:
        return not self.capture_channel and super()._tells_creation()

    def _on_captured(self, captured: Sequence) -> None:
        """React to new leads of the capture use case; the owner is told at once."""
        self.env["pipeline.event"]._append(
            [
                {
                    "kind": "captured",
                    "record": lead,
                    "channel": lead.capture_channel,
                    "direction": "in",
                    "occurred_at": min(item.submitted_at or lead.create_date, lead.create_date),
                    "origin": lead.pipeline_source_id,
                }
                for lead, item in zip(self, captured, strict=True)
            ]
        )

    def _on_captured_again(self, captured: Sequence) -> None:
        """React to exact duplicates: these leads were met by these contacts, one by one; a lead may come twice."""
        self.env["pipeline.event"]._append(
            [
                {"kind": "duplicate", "record": lead, "channel": item.channel, "direction": "in"}
                for lead, item in zip(self, captured, strict=True)
            ]
        )
