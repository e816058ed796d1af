from collections.abc import Callable

from odoo import api, models

_CREATED_BY_NAME = ("crm.tag", "utm.source", "utm.medium", "utm.campaign")


class PipelineCaptureLookup(models.AbstractModel):
    """Find, or make, the records that captured texts name: a few queries a batch, however many contacts it has."""

    _name = "pipeline.capture.lookup"
    _description = "Names in Captured Contacts"

    @api.model
    def _find_all(self, drafts: list) -> Callable[[str, str | None], int | bool]:
        """Return a function from model name and text to a record id.

        :param drafts: ``CaptureDraft`` objects; tags and campaigns they name are created when missing
        """
        texts = {
            "crm.tag": {name for draft in drafts for name in draft.captured.tags},
            "utm.source": {draft.captured.attribution.utm_source for draft in drafts},
            "utm.medium": {draft.captured.attribution.utm_medium for draft in drafts},
            "utm.campaign": {draft.captured.attribution.utm_campaign for draft in drafts},
        }
        ids = {model_name: self._find_or_create(model_name, names - {None, ""}) for model_name, names in texts.items()}
        codes = [draft.country_code for draft in drafts if draft.country_code]
        ids["res.country"] = {
            country.code: country.id for country in self.env["res.country"].search([("code", "in", codes)])
        }

        def found(model_name: str, text: str | None) -> int | bool:
            key = text.strip().lower() if text and model_name in _CREATED_BY_NAME else text
            return ids[model_name].get(key, False) if key else False

        return found

    @api.model
    def _find_or_create(self, model_name: str, names: set[str]) -> dict[str, int]:
        """Return record ids by lower-case name."""
        model = self.env[model_name].sudo()
        wanted = {name.strip().lower(): name.strip() for name in names if name.strip()}
        if not wanted:
            return {}
        same = model.with_context(active_test=False).search([("name", "in", list(wanted.values()))])
        found = {record.name.lower(): record.id for record in same}
        for key, name in wanted.items():
            if key not in found:
                found[key] = self._create_named(model, name, model_name)
        return found

    @api.model
    def _create_named(self, model, name: str, model_name: str) -> int:
        # Odoo's own search by name ignores case, which its unique names need.
        if model_name == "crm.tag":
            return (model.search([("name", "=ilike", name)], limit=1) or model.create({"name": name})).id
        return self.env["utm.mixin"].sudo()._find_or_create_record(model_name, name).id
