"""Merge leads and deals: everything follows the one that stays, nothing is lost, and it can be undone."""

from collections.abc import Mapping
from typing import Any

import psycopg2
from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ...tools.merge import MergePlan
from ..crm_lead import FOR_GOOD, HARD_UNLINK
from ..locks import key_lock

MOST_MERGED = 50
# What Odoo's own merge leaves out of the values that fill blanks.
_MORE_FIELDS = (
    "whatsapp", "prospective_type", "ad_consent", "utm_term", "utm_content", "referrer_url", "landing_page_url",
    "click_ids",
)  # fmt: skip
# Followers come along as Odoo does it: those who said something lately. Conversions as said below.
_MOVED_OTHERWISE = {"mail.followers", "pipeline.conversion"}
# The rows of a list say what the list made: whoever takes it back must not delete what that was merged into.
_MOVED_ROWS = {"pipeline.inbox": [("import_id", "=", False)]}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    merged_into_id = fields.Many2one(
        "crm.lead", "Merged Into", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    merge_id = fields.Many2one(
        "pipeline.merge", "Merged By", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    merge_ids = fields.One2many("pipeline.merge", "survivor_id", "Merges", readonly=True)

    # ---- use case

    @api.model
    def _merge_leads(self, survivor, others, choices: Mapping[str, int] | None = None):
        """Merge leads or deals into one of them; the same merge asked again is done once.

        :param survivor: the one that stays
        :param others: the ones that go, the best first: a blank of the survivor is filled by the first that knows
        :param choices: by field the id of the one whose value counts; other fields keep the survivor's value, tags
            and notes are joined
        :return: the ``pipeline.merge``
        :raise UserError: in words that say what to do
        :raise AccessError: when the user may not write one of them
        """
        survivor.ensure_one()
        others -= survivor
        leads = survivor | others
        leads.check_access("write")
        key_lock(self.env, *leads._get_merge_keys())
        self.env.invalidate_all()
        if done := survivor._get_merge_with(others):
            return done
        leads._refuse_merge(survivor, choices or {})
        plan = MergePlan(tuple(leads.ids), choices or {})
        leads.with_context(merge_plan=plan)._merge_opportunity(max_length=0)
        return self.env["pipeline.merge"].search([("survivor_id", "=", survivor.id)], limit=1)

    def _get_merge_with(self, others):
        """Return the merge that brought all of some others here already, if there is one."""
        merges = others.sudo().merge_id
        same = len(merges) == 1 and merges.survivor_id == self and not self.deleted_at
        return self.env["pipeline.merge"].browse(merges.id) if same and all(others.mapped("merge_id")) else None

    def _refuse_merge(self, survivor, choices: Mapping[str, int]) -> None:
        """Say in plain words why some leads cannot be merged, if they cannot."""
        if refusal := self._find_merge_refusal(survivor, choices):
            raise UserError(refusal[1])

    def _find_merge_refusal(self, survivor, choices: Mapping[str, int]) -> tuple[str, str] | None:
        """Return why some leads cannot be merged, as a code and in plain words; None where they can."""
        _ = self.env._
        if len(self) < 2:
            return "count", _("Choose at least two leads or deals to merge.")
        if len(self) > MOST_MERGED:
            return "count", _("At most %(count)s leads can be merged at once. Choose fewer.", count=MOST_MERGED)
        for gone in self.sudo().filtered("deleted_at"):
            if gone.merged_into_id:
                return "changed", _(
                    "“%(name)s” was merged into “%(other)s” meanwhile. Open the comparison again.",
                    name=gone.name, other=gone.merged_into_id.name,
                )  # fmt: skip
            return "changed", _("“%(name)s” was deleted meanwhile. Open the comparison again.", name=gone.name)
        if len(self.sudo().company_id) > 1:
            return "companies", _("These belong to different companies. Only leads of one company can be merged.")
        if survivor.type == "lead" and any(lead.type == "opportunity" for lead in self):
            return "deal", _("A deal cannot be merged into a lead. Choose a deal as the one that stays.")
        allowed = set(self._get_choosable_fields())
        if wrong := sorted(choices.keys() - allowed):
            return "choice", _("These fields cannot be chosen: %(names)s.", names=", ".join(wrong))
        if not set(choices.values()) <= set(self.ids):
            return "choice", _("A value was chosen of a lead that is not part of this merge.")
        return None

    def _get_merge_keys(self) -> list[str]:
        """Return the lock keys of records, and of the contacts by which captures would meet them."""
        keys = {f"lead:{lead.uuid}" for lead in self}
        everywhere = [] if all(lead.company_id for lead in self) else self._get_every_company_id()
        for lead in self:
            companies = lead.company_id.ids or everywhere
            reached = filter(None, (lead.email_normalized, lead.phone_sanitized))
            keys |= {f"contact:{company}:{key}" for key in reached for company in companies}
        return sorted(keys)

    @api.model
    @tools.ormcache()
    def _get_every_company_id(self) -> tuple[int, ...]:
        # Odoo empties its caches when a company comes or goes.
        return tuple(self.env["res.company"].sudo().search([]).ids)

    # ---- Odoo's merge, whoever calls it

    def _merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True, max_length=5):
        if not self._get_merge_plan() and key_lock(self.env, *self._get_merge_keys()):
            # Only a new snapshot shows what others did meanwhile.
            self.env.invalidate_all()
        leads = self._get_living()
        if len(leads) == 1 < len(self):
            # Some list was made before its leads were merged.
            return leads
        leads.check_access("write")
        merges, days = self.env["pipeline.merge"].sudo(), self.env["pipeline.merge"]._get_undo_days()
        before = merges._take_snapshot(leads) if days and len(leads) > 1 else None
        survivor = super(CrmLead, leads)._merge_opportunity(user_id, team_id, False, max_length)
        losers = leads - survivor
        merge = survivor._note_merge(losers, is_final=not days)
        # Not everything that moved tells the leads that had it. What else was read stays, and what is to be written
        # waits, for Odoo's assignment merges hundreds of times in one transaction.
        leads.invalidate_recordset([name for name, field in self._fields.items() if not field.column_type])
        if days:
            losers._soft_delete()
            self.env["pipeline.moments.mixin"]._flush_moments()
            merge._book(before, merges._take_snapshot(leads, before))
        else:
            losers._delete_merged(auto_unlink)
        return survivor.with_env(self.env)

    def _get_living(self):
        """Return leads without the deleted ones; in place of those merged away, what they were merged into."""
        if not any(self.sudo().mapped("deleted_at")):
            return self
        found = [lead.sudo().merged_into_id or lead for lead in self]
        return self.browse(dict.fromkeys(lead.id for lead in found if not lead.sudo().deleted_at))

    def _note_merge(self, losers, is_final: bool):
        """Write into the books that others were merged into this record, and join the stories."""
        self.ensure_one()
        merges = self.env["pipeline.merge"]
        merge = merges.sudo().create({
            "survivor_id": self.id, "loser_count": len(losers),
            "user_id": self.env.uid, "company_id": self.sudo().company_id.id or self.env.company.id,
            "undo_until": merges._get_undo_until(), "state": "expired" if is_final else "merged",
        })  # fmt: skip
        losers.sudo().write({"merged_into_id": self.id, "merge_id": merge.id})
        merge._link_losers(losers, self.uuid)
        self.env["pipeline.event"].sudo()._append(
            [{"kind": "merged", "record": self, "metadata": {"count": len(losers), "merge": merge.id}}]
            + [{"kind": "merged_away", "record": lead, "metadata": {"into": self.id}} for lead in losers]
        )
        return merge

    def _delete_merged(self, auto_unlink: bool) -> None:
        """Delete for good what was merged away, or let the caller's own deletion do so."""
        if auto_unlink:
            self.sudo().with_context(hard_unlink=HARD_UNLINK).unlink()
        else:
            self.env.cr.cache.setdefault(FOR_GOOD, set()).update(self.ids)

    def _sort_by_confidence_level(self, reverse=False):
        leads = super()._sort_by_confidence_level(reverse=reverse)
        plan = self._get_merge_plan()
        return self.browse(plan.sort(leads.ids)) if plan and reverse else leads

    def _merge_get_fields(self):
        custom = [name for name, field in self._fields.items() if field.manual and field.store and not field.compute]
        return [*super()._merge_get_fields(), *_MORE_FIELDS, *custom]

    def _merge_data(self, fnames=None):
        data = super()._merge_data(fnames)
        # Records that belong to a lead are moved with everything else, whoever may see them.
        data = {name: value for name, value in data.items() if self._fields[name].type != "one2many"}
        if properties := self._merge_properties(data.get("team_id")):
            data["lead_properties"] = properties
        plan = self._get_merge_plan()
        for name, id_ in (plan.choices if plan else {}).items():
            data[name] = self._fields[name].convert_to_write(self.browse(id_)[name], self)
        return data

    def _merge_properties(self, team_id: int | bool) -> dict[str, Any] | None:
        """Return the properties of the first lead with blanks filled by the others of its team; None where none are."""
        head = self[0]
        same_team = self.filtered(lambda lead: lead.team_id == head.team_id)
        if len(same_team) < 2 or team_id not in (head.team_id.id, None):
            return None
        self.env.cr.execute(SQL("SELECT id, lead_properties FROM crm_lead WHERE id = ANY(%s)", same_team.ids))
        values = dict(self.env.cr.fetchall())
        known = values[head.id] or {}
        filled: dict[str, Any] = {}
        for lead in same_team[1:]:
            for name, value in (values[lead.id] or {}).items():
                if value and not known.get(name):
                    filled.setdefault(name, value)
        return {**known, **filled} if filled else None

    def _tells_deletion(self) -> bool:
        return not self.merged_into_id and super()._tells_deletion()

    def _get_merge_plan(self) -> MergePlan | None:
        # It is an object, so that no client can put it into a context.
        plan = self.env.context.get("merge_plan")
        return plan if isinstance(plan, MergePlan) else None

    # ---- what follows

    def _merge_dependences(self, opportunities):
        """Move whatever points to leads that are merged away (door)."""
        super()._merge_dependences(opportunities)
        told = {(row.target_id, row.stage) for row in self.sudo().conversion_ids}
        for row in opportunities.sudo().conversion_ids:
            # What was told of any of them was told of the person: it must not be told again of the lead that is left.
            if (row.target_id, row.stage) not in told:
                told.add((row.target_id, row.stage))
                row.lead_id = self
        self.env.flush_all()
        for link in self.env["pipeline.merge"]._find_used_links(opportunities.ids):
            if link.model not in _MOVED_OTHERWISE:
                self._take_over(link, opportunities)

    def _take_over(self, link, others) -> None:
        """Let what points to other leads by one field point here."""
        model = self.env[link.model].sudo().with_context(
            active_test=False, with_deleted=True, tracking_disable=True, mail_notrack=True
        )  # fmt: skip
        if link.kind == "many2many":
            if link.model == self._name:
                linked = others.sudo()[link.field] - self.sudo()[link.field]
                model.browse(self.id).write({link.field: [Command.link(id_) for id_ in linked.ids]})
            else:
                model.search([(link.field, "in", others.ids)]).write({link.field: [Command.link(self.id)]})
            return
        if link.kind == "reference":
            domain = [(link.field, "in", [f"{self._name},{id_}" for id_ in others.ids])]
            value = f"{self._name},{self.id}"
        else:
            domain, value = [(link.field, "in", others.ids)], self.id
            if link.kind == "pair":
                domain.append((link.model_column, "=", self._name))
        rows = model.search([*domain, *_MOVED_ROWS.get(link.model, ())])
        try:
            with self.env.cr.savepoint():
                rows.write({link.field: value})
        except psycopg2.errors.UniqueViolation:
            for row in rows:
                self._point_if_free(row, link.field, value)

    @api.model
    def _point_if_free(self, row, field_name: str, value) -> None:
        """Let a row point to a lead, unless that has such a row already: then it stays where it is."""
        try:
            with self.env.cr.savepoint():
                row.write({field_name: value})
        except psycopg2.errors.UniqueViolation:
            row.invalidate_recordset()
