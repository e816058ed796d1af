"""The notes that Odoo logs of changed values, stored together where many leads change at once."""

from odoo import api, models

from .pipeline_bulk_run import is_part_of_bulk

_GATHERED, _LOGGING = "sales_pipeline.notes", "sales_pipeline.notes.logging"


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _message_track(self, fields_iter, initial_values_dict):
        cache = self.env.cr.cache
        if len(self) == 1 or not is_part_of_bulk(self.env) or _GATHERED in cache:
            return super()._message_track(fields_iter, initial_values_dict)
        self._read_former_names(initial_values_dict)
        cache[_GATHERED] = []
        try:
            tracking = super()._message_track(fields_iter, initial_values_dict)
        finally:
            gathered = cache.pop(_GATHERED)
        self._store_notes(gathered)
        return tracking

    @api.model
    def _read_former_names(self, initial_values_dict: dict[int, dict]) -> None:
        """Read the names of all former owners, teams and what else notes name at once; Odoo reads each alone."""
        former: dict[str, set[int]] = {}
        for values in initial_values_dict.values():
            for value in values.values():
                if isinstance(value, models.BaseModel):
                    former.setdefault(value._name, set()).update(value.ids)
        for name, ids in former.items():
            self.env[name].sudo().browse(ids).exists().mapped("display_name")

    def _message_log(self, **kwargs):
        cache = self.env.cr.cache
        if _GATHERED not in cache:
            return super()._message_log(**kwargs)
        cache[_LOGGING] = True
        try:
            return super()._message_log(**kwargs)
        finally:
            del cache[_LOGGING]

    def _message_create(self, values_list):
        cache = self.env.cr.cache
        if _LOGGING not in cache:
            return super()._message_create(values_list)
        cache[_GATHERED] += values_list
        return self.env["mail.message"]

    def _store_notes(self, values_list: list[dict]) -> None:
        """Store notes and their changed values in a statement each, where Odoo takes two for each note."""
        changes = [values.pop("tracking_value_ids", None) or [] for values in values_list]
        notes = self.sudo()._message_create(values_list) if values_list else self.env["mail.message"]
        self.env["mail.tracking.value"].sudo().create([
            {**command[2], "mail_message_id": note.id}
            for note, commands in zip(notes, changes, strict=True) for command in commands
        ])  # fmt: skip
