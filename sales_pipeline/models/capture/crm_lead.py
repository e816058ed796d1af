"""How a lead comes in: the one use case behind the public routes, the form, and the lists."""

from collections.abc import Sequence
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ... import const
from ...tools.capture_draft import CaptureDraft, CaptureResult
from ..plans import planned_without_bitmaps

# so many addresses that PostgreSQL may take the index of trigrams for them
_MANY_ADDRESSES = 50


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
    touch_count = fields.Integer("Touches", compute="_compute_touch_count")

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

        A duplicate of an open lead or deal of the company (see ``_pass_gate``) makes no second lead: it adds a touch to
        the known one and tells its owner. The caller holds the locks of ``_get_capture_keys``.

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
        source._find_referrals(open_drafts)
        fresh, again = model._pass_gate(open_drafts, source.company_id)
        for draft, lead in zip(fresh, model._create_captured(fresh, source), strict=True):
            again += [(lead, follower) for follower in draft.followers]
        for lead, draft in again:
            draft.lead_id = lead.id
        model._add_touches(again, source)
        model._tell_spellings(again)
        model._note_similar(fresh)
        for draft in fresh:
            results[draft.index] = CaptureResult(
                "created", draft.lead_id, has_no_contact=not draft.keys, likeness=draft.get_likeness()
            )
        for lead, draft in again:
            results[draft.index] = CaptureResult("duplicate", lead.id, likeness=draft.match and draft.get_likeness())
        return results

    @api.model
    def _get_capture_keys(self, captured: Sequence, source) -> list[str]:
        """Return the lock keys of captured contacts, and of the team and the pools whose turn is taken."""
        country_code = source.default_country_id.code or source.company_id.country_id.code or None
        drafts = [CaptureDraft(item, index, country_code) for index, item in enumerate(captured) if not item.is_test]
        team = source.sudo()._get_team()
        contacts = self._get_contact_locks(drafts, source.company_id)
        return [*contacts, team._get_turn_key(), *self._get_assignment_keys(source.company_id)]

    # ---- duplicates

    @api.model
    def _find_exact(self, drafts: list, company) -> dict[str, Any]:
        """Return the open lead or deal that already has each contact key, the oldest first."""
        emails = [key for draft in drafts for key in draft.keys if "@" in key]
        phones = [key for draft in drafts for key in draft.keys if "@" not in key]
        ids = self._find_with_keys(emails, phones)
        if not ids:
            return {}
        domain = Domain("won_status", "=", "pending") & Domain("company_id", "in", [False, company.id])
        domain &= self._get_duplicate_domain()
        leads = self.search(Domain("id", "in", ids) & domain, order="id desc")
        found = self._find_exact_merged(ids, domain)
        for lead in leads:
            found.update({key: lead for key in (lead.email_normalized, lead.phone_sanitized) if key})
        return found

    @api.model
    def _find_with_keys(self, emails: Sequence[str], phones: Sequence[str]) -> list[int]:
        """Return ids of all leads and deals with one of these addresses or numbers, deleted ones too."""
        if not emails and not phones:
            return []
        self.flush_model(["email_normalized", "phone_sanitized"])
        # As arrays, and not joined: for one address at a time PostgreSQL takes the trigrams, a hundred times as long.
        # So it may for a thousand at once, which only bitmaps make possible.
        with planned_without_bitmaps(self.env.cr, len(emails) > _MANY_ADDRESSES):
            self.env.cr.execute(SQL(
                """
                SELECT id FROM crm_lead WHERE email_normalized = ANY(%s::varchar[])
                 UNION
                SELECT id FROM crm_lead WHERE phone_sanitized = ANY(%s::varchar[])
                """,
                list(emails), list(phones),
            ))  # fmt: skip
            return [id_ for (id_,) in self.env.cr.fetchall()]

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
        values = self._prepare_captured_list(drafts, source)
        # The event log tells the creation; Odoo's notes, tracking and subscriptions would be most of the cost.
        leads = self.with_context(tracking_disable=True).create(values).with_env(self.env)
        leads._subscribe_followers()
        for draft, lead in zip(drafts, leads, strict=True):
            draft.lead_id = lead.id
        now = fields.Datetime.now()
        touches = [draft.prepare_touches(lead, source, now) for draft, lead in zip(drafts, leads, strict=True)]
        self.env["pipeline.touch"].create([values for made in touches for values in made])
        leads._on_captured([draft.captured for draft in drafts])
        return leads

    @api.model
    def _prepare_captured_list(self, drafts: Sequence[Any], source) -> list[dict[str, Any]]:
        """Return the values of one new lead for each draft; the team's turns are taken."""
        team = source._get_team()
        owners = self._choose_owners(drafts, source, team)
        found = self.env["pipeline.capture.lookup"]._find_all(drafts)
        return self._add_first_stages([
            self._prepare_captured_values(draft, source, team, owner, found)
            for draft, owner in zip(drafts, owners, strict=True)
        ])  # fmt: skip

    @api.model
    def _add_first_stages(self, values_list: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return values of new leads with the first stage of their team, where they say none.

        Odoo's compute asks for it lead by lead.
        """
        team_ids = {values["team_id"] for values in values_list}
        stages = {id_: self._stage_find(team_id=id_, domain=[("fold", "=", False)]).id for id_ in team_ids}
        return [{"stage_id": stages[values["team_id"]], **values} for values in values_list]

    def _subscribe_followers(self) -> None:
        """Let owners, and who follows the team's new leads, follow these, as Odoo does lead by lead.

        Without it nobody would hear of replies. Our own notice replaces Odoo's. Of many that nobody follows yet one is
        the pattern of those with its owner and team; where another app has a say in it, each is asked about.
        """
        quiet = self.with_context(mail_auto_subscribe_no_notify=True)
        bare = self._get_unfollowed_ids() if len(self) > 1 and not self._find_foreign_methods([]) else set()
        like: dict[int, int] = {}
        for (owner, team), leads in quiet.grouped(lambda lead: (lead.user_id, lead.team_id)).items():
            alike = [id_ for id_ in leads.ids if id_ in bare]
            like |= dict.fromkeys(alike[1:], alike[0] if alike else None)
            (leads - leads.browse(alike[1:]))._message_auto_subscribe({"user_id": owner.id, "team_id": team.id})
        self._copy_followers(like)

    def _get_unfollowed_ids(self) -> set[int]:
        """Return the ids of those of these leads that nobody follows."""
        followers = self.env["mail.followers"].sudo()
        domain = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        return set(self.ids) - {res_id for (res_id,) in followers._read_group(domain, ["res_id"])}

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
            "state_id": found("res.country.state", (draft.country_code, captured.region)),
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
                    "metadata": lead._get_change_facts("captured"),
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
