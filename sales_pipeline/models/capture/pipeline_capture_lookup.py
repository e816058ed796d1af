from collections.abc import Callable

from odoo import api, models

_CREATED_BY_NAME = ("crm.tag", "utm.source", "utm.medium", "utm.campaign")


class PipelineCaptureLookup(models.AbstractModel):
    """Find, or make, the records that captured texts name: a few queries a batch, however many contacts it has."""

    _name = "pipeline.capture.lookup"
    _description = "Names in Captured Contacts"

    @api.model
    def _find_all(self, drafts: list) -> Callable[[str, str | tuple | None], int | bool]:
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
        places = self._find_places(drafts)

        def found(model_name: str, text: str | tuple | None) -> int | bool:
            if model_name not in ids:
                return places(model_name, text)
            return ids[model_name].get(text.strip().lower(), False) if text else False

        return found

    @api.model
    def _find_places(self, drafts: list) -> Callable[[str, str | tuple | None], int | bool]:
        """Return a function like that of ``_find_all`` which knows countries and states only, and makes nothing."""
        codes = [draft.country_code for draft in drafts if draft.country_code]
        ids = {
            "res.country": {
                country.code: country.id for country in self.env["res.country"].search([("code", "in", codes)])
            },
            "res.country.state": self._find_states({(draft.country_code, draft.captured.region) for draft in drafts}),
        }
        return lambda model_name, text: ids.get(model_name, {}).get(text, False)

    @api.model
    def _find_states(self, named: set[tuple]) -> dict[tuple, int]:
        """Return state ids by country code and what a person wrote: the state's name or its code."""
        wanted = [(code, text) for code, text in named if code and text]
        if not wanted:
            return {}
        states = self.env["res.country.state"].search([("country_id.code", "in", [code for code, _text in wanted])])
        known = {
            (state.country_id.code, word.lower()): state.id for state in states for word in (state.code, state.name)
        }
        found = {(code, text): known.get((code, text.strip().lower())) for code, text in wanted}
        return {pair: id_ for pair, id_ in found.items() if id_}

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
