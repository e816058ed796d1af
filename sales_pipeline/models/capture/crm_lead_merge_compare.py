"""Show leads side by side, so that a person decides which one stays and whose values count."""

from collections.abc import Mapping
from typing import Any

from odoo import api, models
from odoo.tools import format_date, format_datetime, formatLang, html2plaintext

from .crm_lead_merge import MOST_MERGED

# The rows of the comparison, in the order in which they are read.
_COMPARED = (
    "name", "contact_name", "partner_name", "partner_id", "function", "email_from", "phone", "whatsapp", "website",
    "street", "street2", "zip", "city", "state_id", "country_id", "lang_id", "prospective_type", "temperature",
    "priority", "stage_id", "user_id", "team_id", "expected_revenue", "recurring_revenue", "recurring_plan",
    "date_deadline", "tag_ids", "description", "email_cc", "campaign_id", "medium_id", "source_id", "referred",
)  # fmt: skip
# Joined from all, unless somebody wants those of one.
_JOINED = {"tag_ids", "description"}
_LONGEST = 600
_PROGRESS = {"new": 0, "contacted": 1, "qualified": 2}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- what the screen asks

    def action_open_merge(self) -> dict:
        """Open the side-by-side comparison of these leads."""
        leads = self._get_living()
        leads._check_comparable()
        return {
            "type": "ir.actions.client", "tag": "sales_pipeline.merge", "name": self.env._("Merge"),
            "params": {"ids": leads.ids}, "context": {"active_model": self._name, "active_ids": leads.ids},
        }  # fmt: skip

    @api.model
    def get_merge_comparison(self, lead_ids: list[int]) -> dict[str, Any]:
        """Return leads side by side, the one that should stay first; documented RPC of the merge screen.

        :return: ``records`` (who they are and what would move), ``fields`` (a row each: label and text by lead id)
        :raise AccessError: when the user may not write one of them
        """
        leads = self.browse(lead_ids).exists()._get_living()
        leads._check_comparable()
        leads = leads._sort_for_merge()
        has_deal = any(lead.type == "opportunity" for lead in leads)
        moved = leads._count_what_moves()
        return {
            "records": [
                {**lead._describe_for_merge(), "moves": moved[lead.id],
                 "can_stay": lead.type == "opportunity" or not has_deal}
                for lead in leads
            ],
            "fields": [leads._describe_field_for_merge(name) for name in leads._get_choosable_fields()],
        }  # fmt: skip

    @api.model
    def merge_compared(self, survivor_id: int, other_ids: list[int], choices: Mapping[str, int]) -> dict[str, Any]:
        """Merge as decided on the screen.

        :param other_ids: the others, the best first
        :param choices: by field the id whose value counts
        """
        survivor, others = self.browse(int(survivor_id)), self.browse([int(id_) for id_ in other_ids])
        merge = self._merge_leads(survivor, others, {str(name): int(id_) for name, id_ in choices.items()})
        return {
            "merge_id": merge.id, "survivor_id": survivor.id, "can_undo": merge.state == "merged",
            "message": self.env._("%(names)s merged into “%(name)s”.", names=merge.loser_names, name=survivor.name),
            "action": {**survivor.redirect_lead_opportunity_view(), "views": [(False, "form")]},
        }  # fmt: skip

    # ---- what is compared

    def _check_comparable(self) -> None:
        """Refuse what cannot be merged, before anything of it is shown."""
        self.check_access("write")
        # Too many are refused for their number: that needs no look at all of them.
        some = self[: MOST_MERGED + 1]
        some._refuse_merge(some._sort_for_merge()[:1], {})

    @api.model
    def _get_compared_fields(self) -> list[str]:
        """Return the fields that a merge compares, in the order of the rows (door)."""
        custom = [name for name, field in self._fields.items() if field.manual and field.store and not field.compute]
        return [name for name in (*_COMPARED, *custom) if name in self._fields]

    @api.model
    def _get_choosable_fields(self) -> list[str]:
        """Return the compared fields that the user may write."""
        return [name for name in self._get_compared_fields() if self._has_field_access(self._fields[name], "write")]

    def _sort_for_merge(self):
        """Return leads, the one that should stay first: open deals, then the farthest, the busiest, the oldest."""
        leads = self.sudo()
        busy = {lead.id: sum(count for _name, count in moved) for lead, moved in
                zip(leads, leads._count_what_moves().values(), strict=True)}  # fmt: skip

        def rank(lead):
            kind = {"won": 2, "lost": 0}.get(lead.won_status, 3 if lead.type == "opportunity" else 1)
            is_deal = lead.type == "opportunity"
            progress = lead.stage_id.sequence if is_deal else _PROGRESS.get(lead.lead_status, 0)
            return (not is_deal, -kind, -progress, -busy[lead.id], lead.id)

        return self.browse(lead.id for lead in leads.sorted(rank))

    def _count_what_moves(self) -> dict[int, list[tuple[str, int]]]:
        """Return for each lead how many of what belong to it, in words and numbers; nothing that there is none of."""
        of_record = [("model", "=", self._name), ("res_id", "in", self.ids)]
        of_document = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        kinds = [
            (self.env._("Quotes"), "sale.order", "opportunity_id", [("opportunity_id", "in", self.ids)]),
            (self.env._("Meetings"), "calendar.event", "opportunity_id", [("opportunity_id", "in", self.ids)]),
            (self.env._("To-dos"), "mail.activity", "res_id", of_document),
            (self.env._("Messages"), "mail.message", "res_id",
             [*of_record, ("message_type", "in", ("comment", "email", "email_outgoing"))]),
            (self.env._("Files"), "ir.attachment", "res_id", of_document),
            (self.env._("Touches"), "pipeline.touch", "lead_id", [("lead_id", "in", self.ids)]),
        ]  # fmt: skip
        found: dict[int, list[tuple[str, int]]] = {id_: [] for id_ in self.ids}
        for label, model_name, field_name, domain in kinds:
            model = self.env[model_name].sudo().with_context(active_test=False)
            for target, count in model._read_group(domain, [field_name], ["__count"]):
                found[target if isinstance(target, int) else target.id].append((label, count))
        return found

    def _describe_for_merge(self) -> dict[str, Any]:
        """Return what stands at the head of a column."""
        self.ensure_one()
        selections = self._fields["won_status"]._description_selection(self.env)
        is_open = self.won_status == "pending"
        statuses = dict(self._fields["lead_status"]._description_selection(self.env))
        kind = self.env._("Deal") if self.type == "opportunity" else self.env._("Lead")
        status = self.stage_id.name if self.type == "opportunity" else statuses.get(self.lead_status, "")
        return {
            "id": self.id, "name": self.display_name or self.name or "", "kind": kind,
            "status": status if is_open else dict(selections).get(self.won_status, ""),
            "won_status": self.won_status, "owner": self.user_id.name or self.env._("Nobody"),
            "created": format_date(self.env, self.create_date),
        }  # fmt: skip

    def _describe_field_for_merge(self, name: str) -> dict[str, Any]:
        """Return a row of the comparison: text by lead id, empty where nothing is known."""
        field = self._fields[name]
        texts = {lead.id: lead._format_for_merge(name) for lead in self}
        # Odoo calls the title of a lead an opportunity.
        label = self.env._("Title") if name == "name" else field._description_string(self.env)
        return {
            "name": name, "label": label, "is_joined": name in _JOINED,
            "differs": len(set(texts.values())) > 1, "texts": texts,
        }  # fmt: skip

    def _format_for_merge(self, name: str) -> str:
        """Return one value as a person reads it."""
        self.ensure_one()
        field, value = self._fields[name], self[name]
        if not value and field.type not in ("integer", "float", "boolean"):
            return ""
        if field.type == "many2one":
            return value.sudo().display_name or ""
        if field.type == "many2many":
            return ", ".join(value.sudo().mapped("display_name"))
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.type == "monetary":
            return formatLang(self.env, value, currency_obj=self[field.get_currency_field(self)])
        if field.type in ("date", "datetime"):
            return format_date(self.env, value) if field.type == "date" else format_datetime(self.env, value)
        if field.type == "html":
            return html2plaintext(value).strip()[:_LONGEST]
        return str(value)[:_LONGEST]
