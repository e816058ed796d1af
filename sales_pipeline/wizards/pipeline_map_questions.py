from typing import Any

from odoo import Command, api, fields, models

from ..models.capture.pipeline_source_mapping import TARGETS
from ..providers.capture.questions import KEEP_AS_ANSWER, OWN_FIELD, readable

# Questions are gathered from this many of the newest captures; forms change, and not everybody answers everything.
_LOOKED_AT = 30
_SHOWN_CHARACTERS = 120


class PipelineMapQuestions(models.TransientModel):
    """Say where the answers of a source go, and see at once what a received capture would become."""

    _name = "pipeline.map.questions"
    _description = "Map Questions"

    source_id = fields.Many2one("pipeline.source", required=True, readonly=True, ondelete="cascade")
    inbox_id = fields.Many2one(
        "pipeline.inbox", "Received Capture", ondelete="set null",
        domain="[('source_id', '=', source_id), ('payload_erased_at', '=', False)]",
    )  # fmt: skip
    inbox_text = fields.Char("Submission", compute="_compute_inbox_text")
    has_older = fields.Boolean("Older Ones Wait", compute="_compute_inbox_text")
    has_newer = fields.Boolean("Newer Ones Wait", compute="_compute_inbox_text")
    line_ids = fields.One2many("pipeline.map.questions.line", "wizard_id", "Questions")
    preview_html = fields.Html("What Becomes of It", compute="_compute_preview_html", sanitize=False)

    # ---- the capture that is looked at

    @api.depends("inbox_id")
    def _compute_inbox_text(self):
        for wizard in self:
            row = wizard.inbox_id
            wizard.has_older, wizard.has_newer = bool(wizard._find_beside("<")), bool(wizard._find_beside(">"))
            state = dict(row._fields["state"]._description_selection(self.env)).get(row.state, "")
            moment = fields.Datetime.context_timestamp(self, row.received_at) if row else None
            wizard.inbox_text = f"{moment:%Y-%m-%d %H:%M} · {state}" if row else False

    def _find_beside(self, operator: str):
        """Return the next received capture of the source, older (``<``) or newer (``>``)."""
        self.ensure_one()
        if not self.inbox_id:
            return self.inbox_id
        domain = [*self._get_inbox_domain(), ("id", operator, self.inbox_id.id)]
        return self.env["pipeline.inbox"].search(domain, order="id desc" if operator == "<" else "id", limit=1)

    def _get_inbox_domain(self) -> list:
        """Return which captures can be looked at (door)."""
        return [("source_id", "=", self.source_id.id), ("payload_erased_at", "=", False), ("payload", "!=", False)]

    # ---- the preview

    @api.depends("inbox_id", "line_ids.target", "line_ids.field_id")
    def _compute_preview_html(self):
        for wizard in self:
            row = wizard.inbox_id
            found = wizard.source_id._preview(row.payload, row.external_id, wizard._get_mapping()) if row else None
            wizard.preview_html = self.env["ir.qweb"]._render("sales_pipeline.lead_preview", {"preview": found})

    def _get_mapping(self) -> dict[str, str]:
        """Return the mapping as it stands on the screen; questions without a choice go where their names suggest."""
        return {line.question: line._get_word() for line in self.line_ids if line._get_word()}

    # ---- opening

    @api.model
    def _open(self, source, inbox=None) -> dict[str, Any]:
        """Return the action that shows a source's questions beside one of its captures, the newest unless given."""
        source.check_access("write")
        wizard = self.create({"source_id": source.id})
        rows = self.env["pipeline.inbox"].search(wizard._get_inbox_domain(), order="id desc", limit=_LOOKED_AT)
        wizard.inbox_id = inbox or rows[:1]
        wizard.line_ids = [Command.create(values) for values in wizard._prepare_lines(rows | wizard.inbox_id)]
        return wizard._show()

    def _prepare_lines(self, rows) -> list[dict[str, Any]]:
        """Return a line for every question that was received or has a place already."""
        saved = {row.question: row for row in self.source_id.mapping_ids}
        found = {question.name: question for row in rows.sorted("id") for question in _read_questions(row)}
        lines = []
        for name in [*found, *(name for name in saved if name not in found)]:
            question, row = found.get(name), saved.get(name)
            lines.append({
                "question": name,
                "label": question.label if question and question.label != name else False,
                "guess": (question.target if question else None) or KEEP_AS_ANSWER,
                "target": row.target if row else False,
                "field_id": row.field_id.id if row else False,
            })  # fmt: skip
        return lines

    def _show(self) -> dict[str, Any]:
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Questions of %(name)s", name=self.source_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # ---- actions

    def action_older(self) -> dict[str, Any]:
        """Look at the capture before this one."""
        self.inbox_id = self._find_beside("<") or self.inbox_id
        return self._show()

    def action_newer(self) -> dict[str, Any]:
        """Look at the capture after this one."""
        self.inbox_id = self._find_beside(">") or self.inbox_id
        return self._show()

    def action_save(self) -> dict[str, Any]:
        """Keep the mapping; captures from now on follow it."""
        self._save()
        return {"type": "ir.actions.act_window_close"}

    def action_save_and_replay(self) -> dict[str, Any]:
        """Keep the mapping and have the source's rejected and failed captures worked off by it."""
        self._save()
        trouble = [*self._get_inbox_domain(), ("state", "in", ("rejected", "failed"))]
        action = self.env["pipeline.inbox"].search(trouble).action_replay()
        action["params"]["next"] = {"type": "ir.actions.act_window_close"}
        return action

    def _save(self) -> None:
        self.ensure_one()
        source = self.source_id
        source.check_access("write")
        rows = {row.question: row for row in source.mapping_ids}
        commands = []
        for sequence, line in enumerate(self.line_ids):
            row, values = rows.get(line.question), line._prepare_mapping_values(sequence)
            if values and row:
                commands.append(Command.update(row.id, values))
            elif values:
                commands.append(Command.create({**values, "question": line.question}))
            elif row:
                commands.append(Command.delete(row.id))
        source.mapping_ids = commands


class PipelineMapQuestionsLine(models.TransientModel):
    """One question with its answer and its place."""

    _name = "pipeline.map.questions.line"
    _description = "Question to Map"

    wizard_id = fields.Many2one("pipeline.map.questions", required=True, ondelete="cascade")
    question = fields.Char(readonly=True)
    label = fields.Char(readonly=True)
    title = fields.Char("Their Question", compute="_compute_title")
    answer = fields.Char("Answer", compute="_compute_answer")
    guess = fields.Selection(TARGETS, "By Itself", readonly=True)
    target = fields.Selection(TARGETS, "Our Field")
    field_id = fields.Many2one(
        "ir.model.fields", "Own Field", ondelete="cascade",
        domain=lambda self: list(self.env["crm.lead"]._get_own_field_domain()),
    )  # fmt: skip

    @api.depends("question", "label")
    def _compute_title(self):
        for line in self:
            line.title = line.label or line.question

    @api.depends("wizard_id.inbox_id", "question")
    def _compute_answer(self):
        for wizard, lines in self.grouped("wizard_id").items():
            found = {question.name: question.value for question in _read_questions(wizard.inbox_id)}
            for line in lines:
                line.answer = (readable(found.get(line.question)) or "")[:_SHOWN_CHARACTERS]

    def _get_word(self) -> str | None:
        """Return the chosen word as providers know it, or nothing while the choice is missing."""
        if self.target == "field":
            return f"{OWN_FIELD}{self.field_id.sudo().name}" if self.field_id else None
        return self.target or None

    def _prepare_mapping_values(self, sequence: int) -> dict[str, Any] | None:
        """Return the values of the row to keep, or nothing where the name's own suggestion is right."""
        if not self.target:
            return None
        own = self.field_id.id if self.target == "field" else False
        return {"target": self.target, "field_id": own, "sequence": sequence}


def _read_questions(row) -> list:
    """Return the questions of a received capture; one that cannot be read has none."""
    provider = row.source_id._get_provider() if row else None
    if provider is None or not row.payload:
        return []
    try:
        return provider.read_questions(row.payload)
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
