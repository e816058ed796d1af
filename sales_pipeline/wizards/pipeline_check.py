from typing import Any

from odoo import api, fields, models


class PipelineCheck(models.TransientModel):
    """What a check of a source found, in words."""

    _name = "pipeline.check"
    _description = "Check of a Lead Source"

    source_id = fields.Many2one("pipeline.source", required=True, readonly=True, ondelete="cascade")
    findings = fields.Json(readonly=True)
    findings_html = fields.Html("What Was Found", compute="_compute_findings_html", sanitize=False)

    @api.depends("findings")
    def _compute_findings_html(self):
        for check in self:
            values = {"findings": check.findings or []}
            check.findings_html = self.env["ir.qweb"]._render("sales_pipeline.check_findings", values)

    @api.model
    def _open(self, source) -> dict[str, Any]:
        """Check a source and return the action that shows what was found."""
        findings = source._describe_findings(source._check_connection())
        check = self.create({"source_id": source.id, "findings": findings})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Connection of %(name)s", name=source.name),
            "res_model": self._name,
            "res_id": check.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "medium"},
        }

    def action_check_again(self) -> dict[str, Any]:
        """Check once more, after something was mended."""
        return self._open(self.source_id)
