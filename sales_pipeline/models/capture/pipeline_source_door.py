"""What stands at a source's public address, kept in memory: a sender waits for every query of ours."""

from datetime import datetime
from typing import Any

from odoo import api, fields, models, tools

# Counters and cursors of jobs, which no request asks for.
_NOT_AT_THE_DOOR = {"poll_cursor", "polled_at", "vendor_problem", "vendor_problem_at", "vendor_wait_until"}


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        self._forget_doors()
        return sources

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - _NOT_AT_THE_DOOR:
            self._forget_doors()
        return result

    def unlink(self):
        result = super().unlink()
        self._forget_doors()
        return result

    @api.model
    def _forget_doors(self) -> None:
        # The second time after the commit: until then another request may have remembered the old state.
        self.env.registry.clear_cache()
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    @api.model
    def _find_door(self, token: str):
        """Return the active source at an address and its provider, or two ``None``; archived ones do not answer.

        The source is not read: whoever needs a field of it pays a query.
        """
        source = self.sudo().browse(self._get_door_ids().get(token))
        if not source:
            return None, None
        provider, until = source._get_door()
        if until and fields.Datetime.now() >= until:
            # An old secret was let in until now.
            source.invalidate_recordset(["is_replacing_secret"])
            provider = source._get_provider()
        return source, provider

    @api.model
    @tools.ormcache()
    def _get_door_ids(self) -> dict[str, int]:
        """Return the ids of active sources by token; no stranger's guess is remembered."""
        return {source.token: source.id for source in self.sudo().search([])}

    @tools.ormcache("self.id")
    def _get_door(self) -> tuple[Any, datetime | bool]:
        """Return the provider, which knows no records, and until when it is right."""
        source = self.sudo()
        return source._get_provider(), source.is_replacing_secret and source.previous_secret_until


class PipelineSourceMapping(models.Model):
    _inherit = "pipeline.source.mapping"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        self.env["pipeline.source"]._forget_doors()
        return rows

    def write(self, vals):
        result = super().write(vals)
        self.env["pipeline.source"]._forget_doors()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["pipeline.source"]._forget_doors()
        return result
