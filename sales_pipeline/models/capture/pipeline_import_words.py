"""Say of rows of a list, in the reader's words, what they become and why not."""

from typing import Any

from odoo import models

from ...tools.duplicates import Candidate
from ...tools.similarity_parts import Reason


class PipelineImportRow(models.Model):
    _inherit = "pipeline.import.row"

    def _describe(self) -> list[dict[str, Any]]:
        """Return each row for the screen: ``line``, ``kind``, ``label``, ``text`` and, if it may be seen, the lead."""
        met = [row._as_candidates() for row in self]
        visible = self.env["pipeline.contact"]._get_visible([one for some in met for one in some])
        shown = {(one.res_model, one.res_id) for one in visible.candidates}
        words = dict(self._fields["kind"]._description_selection(self.env))
        return [
            {
                "id": row.id, "line": row.line, "kind": row.kind, "kind_label": words[row.kind],
                "label": row.label or "", **row._describe_one(some, shown),
            }
            for row, some in zip(self, met, strict=True)
        ]  # fmt: skip

    def _as_candidates(self) -> list[Candidate]:
        reason = self.reason or {}
        lead = self.sudo().lead_id
        model, id_ = (lead._name, lead.id) if lead else reason.get("alike") or (None, None)
        reasons = tuple(Reason(*one) for one in reason.get("reasons") or ())
        return [Candidate(model, id_, 1.0, "same", reasons)] if id_ else []

    def _describe_one(self, met: list[Candidate], shown: set) -> dict[str, Any]:
        reason, _ = self.reason or {}, self.env._
        texts = {
            "imported": lambda: _("An earlier import brought this row."),
            "earlier": lambda: _("The same contact stands in line %(line)s.", line=reason.get("line")),
            "refused": self._describe_refusal,
            "problem": self._describe_problem,
            "failed": lambda: _("It failed; the intake inbox says more."),
            "kept": lambda: _("Somebody has worked on it since."),
        }
        found = {"text": texts[self.kind]() if self.kind in texts else "", "res_model": False, "res_id": False}
        for one in met:
            if (one.res_model, one.res_id) not in shown:
                found["text"] = found["text"] or _("Known, but not to you.")
                continue
            why = "; ".join(self.env["pipeline.contact"]._describe_reasons(one.reasons))
            name = self.env[one.res_model].browse(one.res_id).display_name
            is_new = self.kind == "new"
            plain = _("Looks like “%(name)s”.", name=name) if is_new else _("Known as “%(name)s”.", name=name)
            found = {
                "text": found["text"] or " ".join(filter(None, (plain, why))), "res_model": one.res_model,
                "res_id": one.res_id,
            }  # fmt: skip
        return found

    def _describe_refusal(self) -> str:
        reason, _ = self.reason or {}, self.env._
        field, names = reason.get("field") or "", {
            "name": _("the name"), "email": _("the e-mail address"), "phone": _("the phone number"),
            "whatsapp": _("the WhatsApp number"), "email or phone": _("an e-mail address or phone number"),
        }  # fmt: skip
        if reason.get("code") == "invalid":
            return _upper_first(_("%(field)s cannot be used.", field=names.get(field, field)))
        return _upper_first(_("%(field)s is missing.", field=names.get(field, field)))

    def _describe_problem(self) -> str:
        _ = self.env._
        code = (self.reason or {}).get("code")
        if code == "too_many_cells":
            return _(
                "The row has more cells than there are columns. Does a text with a delimiter lack quotation marks?"
            )
        return _("The row cannot be read. Is a quotation mark missing, or a cell longer than 131,072 characters?")


def _upper_first(text: str) -> str:
    # str.capitalize would write "whatsapp"
    return text[:1].upper() + text[1:]
