"""Fields that the database's owner added to leads, filled by the mapping of a source."""

from html import escape
from typing import Any

from odoo import api, models
from odoo.fields import Domain

from ...tools.own_values import TYPES, fit_value


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _get_own_field_domain(self) -> Domain:
        """Return which fields of a lead a mapping may fill: added by hand, stored, fit for an answer (door).

        Fields of the code have their own words: a mapping to, say, the stage would let a stranger move deals.
        """
        return (
            Domain("model", "=", "crm.lead") & Domain("state", "=", "manual") & Domain("store", "=", True)
            & Domain("ttype", "in", TYPES) & Domain("related", "=", False) & Domain("compute", "=", False)
            & Domain("readonly", "=", False)
        )  # fmt: skip

    @api.model
    def _prepare_captured_values(self, draft, source, team, owner_id, found) -> dict[str, Any]:
        values = super()._prepare_captured_values(draft, source, team, owner_id, found)
        if draft.captured.own:
            own, misfits = self._read_own_values(draft.captured.own)
            values.update(own)
            values["description"] = f"{values.get('description') or ''}{misfits}" or None
        return values

    @api.model
    def _read_own_values(self, given) -> tuple[dict[str, Any], str]:
        """Return values of the owner's fields, and as HTML the answers that do not fit theirs.

        :param given: question and answer by field name
        """
        domain = self._get_own_field_domain() & Domain("name", "in", list(given))
        fields_by_name = {field.name: field for field in self.env["ir.model.fields"].sudo().search(domain)}
        values, misfits = {}, []
        for name, (label, answer) in given.items():
            field = fields_by_name.get(name)
            options = [(option.value, option.name) for option in field.selection_ids] if field else []
            value = fit_value(field.ttype, answer, options) if field else None
            if value is None:
                misfits.append(f"<li><b>{escape(label)}</b>: {escape(str(answer))}</li>")
            else:
                values[name] = value
        return values, f"<ul>{''.join(misfits)}</ul>" if misfits else ""
