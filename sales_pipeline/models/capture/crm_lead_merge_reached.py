"""Who was merged away is still known by the old e-mail address and phone: what comes in reaches who is left."""

from collections.abc import Sequence
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date


class CrmLead(models.Model):
    _inherit = "crm.lead"

    last_merge_id = fields.Many2one(
        "pipeline.merge", "Last Merge", compute="_compute_last_merge", compute_sudo=True,
        help="The latest merge into this record that can still be undone.",
    )  # fmt: skip
    merge_note = fields.Char("Merged From", compute="_compute_last_merge", compute_sudo=True)

    @api.depends("merge_ids.state")
    def _compute_last_merge(self):
        now = fields.Datetime.now()
        merges = self.env["pipeline.merge"].search(
            [("survivor_id", "in", self.ids), ("state", "=", "merged"), ("undo_until", ">=", now)], order="id"
        )
        latest = {merge.survivor_id.id: merge for merge in merges}
        for lead in self:
            merge = latest.get(lead._origin.id, merges.browse())
            lead.last_merge_id = merge
            # An empty recordset would be written out as a text.
            lead.merge_note = bool(merge) and lead.env._(
                "Merged with %(names)s on %(day)s. Undo until %(until)s.", names=merge.loser_names,
                day=format_date(lead.env, merge.merged_at), until=format_date(lead.env, merge.undo_until),
            )  # fmt: skip

    # ---- actions

    def action_undo_last_merge(self):
        """Take the latest merge into this record apart."""
        self.ensure_one()
        merge = self.last_merge_id.with_env(self.env)
        if not merge:
            raise UserError(self.env._("There is no merge left that can be undone."))
        return merge.action_undo()

    def action_open_merged_into(self) -> dict:
        """Open what this record was merged into."""
        self.ensure_one()
        return (self.merged_into_id or self).redirect_lead_opportunity_view()

    # ---- doors

    def _guard_restoration(self) -> None:
        super()._guard_restoration()
        for lead in self.filtered("merged_into_id"):
            raise UserError(self.env._(
                "“%(name)s” was merged into “%(other)s”. Undo the merge there instead.",
                name=lead.name, other=lead.merged_into_id.name,
            ))  # fmt: skip

    def _get_access_action(self, access_uid=None, force_website=False):
        # Links in old mails lead to what is left.
        lead = self.sudo().merged_into_id.with_env(self.env) if len(self) == 1 and self.sudo().deleted_at else None
        return super(CrmLead, lead or self)._get_access_action(access_uid=access_uid, force_website=force_website)

    # ---- captures

    @api.model
    def _find_exact_merged(self, ids: Sequence[int], domain: Domain) -> dict[str, Any]:
        """Return by contact key the open leads into which those who had the key were merged.

        :param ids: who has the keys, deleted ones too
        :param domain: what a lead must be to be met
        """
        everybody = self.with_context(with_deleted=True, active_test=False)
        away = everybody.search(Domain("id", "in", ids) & Domain("merged_into_id", "!=", False), order="id desc")
        if not away:
            return {}
        met = set(self.search(Domain("id", "in", away.merged_into_id.ids) & domain).ids)
        found = {}
        for lead in away.filtered(lambda lead: lead.merged_into_id.id in met):
            survivor = lead.merged_into_id.with_env(self.env)
            found.update({key: survivor for key in (lead.email_normalized, lead.phone_sanitized) if key})
        return found
