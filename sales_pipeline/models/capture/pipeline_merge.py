"""The ledger of merges: who was merged into whom, by whom, and until when it can be undone."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..locks import key_lock

_UNDO_DAYS = 30
_FREED_AT_ONCE = 5000


class PipelineMerge(models.Model):
    """One merge. Its rows say what every row that it touched was before and after; undoing replays them backwards."""

    _name = "pipeline.merge"
    _description = "Merge"
    _order = "id desc"
    _rec_name = "survivor_id"

    survivor_id = fields.Many2one(
        "crm.lead", "Merged Into", required=True, readonly=True, ondelete="cascade", index=True
    )
    loser_ids = fields.Many2many(
        "crm.lead", "pipeline_merge_loser_rel", "merge_id", "lead_id", "Merged Away", readonly=True,
        context={"with_deleted": True, "active_test": False},
    )  # fmt: skip
    loser_count = fields.Integer("Merged Records", readonly=True)
    loser_names = fields.Char("Merged", compute="_compute_loser_names")
    user_id = fields.Many2one("res.users", "Merged By", readonly=True, default=lambda self: self.env.uid, index=True)
    merged_at = fields.Datetime("Merged On", required=True, readonly=True, default=fields.Datetime.now)
    undo_until = fields.Datetime("Can Be Undone Until", readonly=True)
    state = fields.Selection(
        [("merged", "Can Be Undone"), ("undone", "Undone"), ("expired", "Final")],
        "Status", required=True, readonly=True, default="merged",
    )  # fmt: skip
    undone_at = fields.Datetime("Undone On", readonly=True)
    undone_uid = fields.Many2one("res.users", "Undone By", readonly=True)
    row_ids = fields.One2many("pipeline.merge.row", "merge_id", "Ledger", groups="base.group_system")
    company_id = fields.Many2one("res.company", readonly=True, index=True)

    _undo_idx = models.Index("(undo_until) WHERE state = 'merged'")

    @api.depends("loser_ids")
    def _compute_loser_names(self):
        for merge in self:
            names = merge.sudo().loser_ids.mapped("name")
            shown = ", ".join(names[:3])
            more = merge.loser_count - len(names[:3])
            merge.loser_names = (
                merge.env._("%(names)s and %(count)s more", names=shown, count=more) if names and more > 0 else shown
            )

    # ---- actions

    def action_undo(self):
        """Take a merge apart again and open what had been merged into."""
        self.ensure_one()
        self._undo()
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {
                "type": "success", "message": self.env._("The merge was undone: %(names)s", names=self.loser_names),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }  # fmt: skip

    def action_open_survivor(self) -> dict:
        """Open what is left of a merge."""
        self.ensure_one()
        return self.survivor_id.redirect_lead_opportunity_view()

    # ---- use cases

    def _undo(self) -> None:
        """Give every row back that the merge took, except what was changed since.

        :raise UserError: when it is too late, or another merge must be undone first
        :raise AccessError: when the user may not write one of the records
        """
        self.ensure_one()
        self.check_access("read")
        # Who may not see one of them would not find it among the others.
        leads = (self.sudo().survivor_id | self.sudo().loser_ids).with_env(self.env).with_context(with_deleted=True)
        leads.check_access("write")
        key_lock(self.env, *leads._get_merge_keys())
        self.env.invalidate_all()
        if self.state == "undone":
            # Asked twice; it is done.
            return
        self._refuse_undo()
        losers, survivor = self.sudo().loser_ids.exists(), self.sudo().survivor_id
        losers._note_changing(["deleted_at"])
        survivor._note_changing(survivor._get_contact_fields())
        kept = self.sudo()._put_back()
        self.env["pipeline.story.alias"]._part(losers.mapped("uuid"), survivor.uuid)
        self.sudo().write({"state": "undone", "undone_at": fields.Datetime.now(), "undone_uid": self.env.uid})
        self.sudo().row_ids.unlink()
        self.env["pipeline.event"].sudo()._append(
            [{"kind": "unmerged", "record": survivor, "metadata": {"count": len(losers), "merge": self.id}}]
        )
        self._tell_kept(survivor, kept)

    def _link_losers(self, losers, survivor_story: str) -> None:
        """Write down who was merged away, and have their stories told along: one statement, since Odoo's assignment
        merges hundreds of times in one transaction."""
        self.ensure_one()
        self.env.cr.execute(SQL(
            """
            WITH gone AS (SELECT * FROM unnest(%s::int[], %s::varchar[]) AS gone (lead_id, story)),
                 joined AS (INSERT INTO pipeline_story_alias (story, alias_of)
                            SELECT story, %s FROM gone WHERE story <> '')
            INSERT INTO pipeline_merge_loser_rel (merge_id, lead_id) SELECT %s, lead_id FROM gone
            """,
            losers.ids, [lead.uuid or "" for lead in losers], survivor_story, self.id,
        ))  # fmt: skip
        self.invalidate_recordset(["loser_ids", "loser_names"], flush=False)
        self.env["pipeline.story.alias"].invalidate_model(flush=False)

    def _refuse_undo(self) -> None:
        """Say in plain words why a merge cannot be undone now, if it cannot."""
        survivor = self.sudo().survivor_id
        if self.state != "merged" or self.undo_until < fields.Datetime.now():
            raise UserError(self.env._(
                "This merge is final: it could be undone until %(date)s.",
                date=format_date(self.env, self.undo_until or self.merged_at),
            ))  # fmt: skip
        if later := survivor.merge_id:
            raise UserError(self.env._(
                "“%(name)s” was merged into “%(other)s” afterwards. Undo that merge first, then this one.",
                name=survivor.name, other=later.survivor_id.name,
            ))  # fmt: skip
        if survivor.deleted_at:
            raise UserError(self.env._(
                "“%(name)s” was deleted after the merge. Restore it first, then undo the merge.", name=survivor.name
            ))  # fmt: skip

    def _tell_kept(self, survivor, kept: list[str]) -> None:
        """Say on the record which values stay although the merge is undone, since somebody changed them meanwhile."""
        if not kept:
            return
        survivor.message_post(body=self.env._(
            "The merge with %(names)s was undone. What was changed since then stays: %(kept)s.",
            names=self.loser_names, kept=", ".join(kept),
        ))  # fmt: skip

    # ---- housekeeping

    @api.model
    def _get_undo_days(self) -> int:
        """Return for how many days merges can be undone; 0 where what is merged away shall be deleted for good."""
        text = self.env["ir.config_parameter"].sudo().get_param("sales_pipeline.merge_undo_days", _UNDO_DAYS)
        return max(int(text), 0) if str(text).strip().lstrip("-").isdigit() else _UNDO_DAYS

    @api.model
    def _get_undo_until(self):
        return fields.Datetime.now() + timedelta(days=self._get_undo_days())

    @api.autovacuum
    def _gc_rows(self) -> tuple[int, bool]:
        """Free the ledger of merges that can no longer be undone.

        :return: how many rows went, and whether more are left
        """
        over = self.search([("state", "=", "merged"), ("undo_until", "<", fields.Datetime.now())])
        over.write({"state": "expired"})
        self.flush_model()
        self.env.cr.execute(SQL(
            """
            DELETE FROM pipeline_merge_row WHERE id IN (
                SELECT r.id FROM pipeline_merge_row r JOIN pipeline_merge m ON m.id = r.merge_id
                 WHERE m.state != 'merged' LIMIT %s)
            """,
            _FREED_AT_ONCE,
        ))  # fmt: skip
        count = self.env.cr.rowcount
        return count, count == _FREED_AT_ONCE


class PipelineMergeRow(models.Model):
    """A row that a merge changed, added or removed: the columns that differ, before and after."""

    _name = "pipeline.merge.row"
    _description = "Row of a Merge"
    _log_access = False

    merge_id = fields.Many2one("pipeline.merge", required=True, readonly=True, ondelete="cascade", index=True)
    change = fields.Selection(
        [("changed", "Changed"), ("added", "Added"), ("removed", "Removed")], required=True, readonly=True
    )
    res_table = fields.Char("Table", required=True, readonly=True)
    res_id = fields.Integer("Row", readonly=True, help="Empty for rows that only link two records.")
    before = fields.Json(readonly=True)
    after = fields.Json(readonly=True)
