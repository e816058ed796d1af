"""Who is told of what was done to many records: each new owner once."""

from odoo import models
from odoo.tools import SQL


class PipelineBulk(models.Model):
    _inherit = "pipeline.bulk"

    def _on_finished(self) -> None:
        super()._on_finished()
        if (self.original_id or self).kind == "assign" and (receivers := self._get_new_leads_by_owner()):
            leads = self.env["crm.lead"].sudo().browse([id_ for ids in receivers.values() for id_ in ids]).exists()
            still = {owner.id: owned.ids for owner, owned in leads.grouped("user_id").items()}
            told = {owner_id: sorted({*ids} & {*still.get(owner_id, ())}) for owner_id, ids in receivers.items()}
            self.env["pipeline.notice"].sudo()._tell(leads, "assigned", told)

    def _get_new_leads_by_owner(self) -> dict[int, list[int]]:
        self.env.cr.execute(
            SQL(
                """
                SELECT (new ->> 'user_id')::integer, array_agg(lead_id ORDER BY id) FROM pipeline_bulk_item
                 WHERE bulk_id = %s AND state = 'done' AND jsonb_typeof(new -> 'user_id') = 'number'
                   AND new -> 'user_id' IS DISTINCT FROM old -> 'user_id'
                 GROUP BY 1
                """,
                self.id,
            )
        )
        return dict(self.env.cr.fetchall())
