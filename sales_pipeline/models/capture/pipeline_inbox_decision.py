"""What became of a capture, in words, and another try at it."""

from collections import Counter
from typing import Any

from odoo import api, fields, models

_SEEN_FIELDS = ("state", "result", "refused_field", "refused_code", "error_message", "attempts", "next_attempt_at")


class PipelineInbox(models.Model):
    _inherit = "pipeline.inbox"

    # ---- the reason

    @api.depends(*_SEEN_FIELDS, "has_no_contact", "payload_erased_at", "likeness")
    @api.depends_context("lang")
    def _compute_reason(self):
        for row in self:
            row.reason = row._describe_decision()

    def _describe_decision(self) -> str:
        """Return why the row is where it is, and what a person can do about it (door)."""
        if self.state == "received":
            if self.attempts:
                return self.env._(
                    "The work failed (%(error)s). It is tried again by itself.", error=self.error_message
                )
            return self.env._("Waits for the job that makes leads.")
        if self.state == "failed":
            return self.env._(
                "The work failed %(count)s times (%(error)s). Mend the cause, then replay it.",
                count=self.attempts, error=self.error_message or self.env._("unknown reason"),
            )  # fmt: skip
        if self.state == "rejected":
            return self._describe_refusal()
        if self.result == "test":
            return self.env._("The sender marked it as a test, so no lead was made.")
        if self.result == "duplicate":
            return self._describe_duplicate()
        if self.has_no_contact:
            return self.env._("A new lead was made, though nobody can be reached on it.")
        if alike := self._describe_likeness():
            return self.env._("A new lead was made. It looks like %(alike)s: a person decides.", alike=alike)
        return self.env._("A new lead was made.")

    def _describe_duplicate(self) -> str:
        if alike := self._describe_likeness():
            return self.env._("Taken for the open lead %(alike)s, which got a touch.", alike=alike)
        return self.env._("The e-mail address or phone number is that of an open lead, which got a touch.")

    def _describe_refusal(self) -> str:
        if not self.refused_code and self.error_message:
            # 19.0.1.0 kept the sentence instead of the reason.
            return self.error_message
        if self.refused_code == "spam":
            return self._describe_spam()
        if self.refused_code == "invalid":
            return self.env._(
                "The value of “%(field)s” cannot be used. Correct the mapping of the source, then replay it.",
                field=self.refused_field,
            )
        return self.env._(
            "“%(field)s” is missing. Map a question to it in the source, or stop requiring it, then replay it.",
            field=self.refused_field,
        )

    def _describe_spam(self) -> str:
        if self.refused_field == "fill_seconds":
            return self.env._("Taken for a robot: the form was filled in too fast. If a person wrote it, replay it.")
        return self.env._(
            "Taken for a robot: a field that people do not see was filled in. If a person wrote it, replay it."
        )

    # ---- replay

    def action_replay(self) -> dict[str, Any]:
        """Have rejected and failed captures worked off once more, by the source's present settings.

        What became a lead already stays one lead: such rows are left as they are, and the notice says so.
        """
        self.check_access("write")
        rows = self.filtered(lambda row: row.state in ("rejected", "failed") and not row.payload_erased_at)
        waiting = self.filtered(lambda row: row.state == "received" and row.waits_for != "rest")
        if rows:
            rows.write({"result": False, "refused_field": False, "refused_code": False, "replay_uid": self.env.uid})
            rows._begin_anew()
        if waiting:
            waiting.write({"next_attempt_at": fields.Datetime.now()})
            waiting._wake_lane()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info" if rows or waiting else "warning",
                "message": self._describe_replay(len(rows) + len(waiting)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _describe_replay(self, count: int) -> str:
        erased = len(self.filtered(lambda row: row.state in ("rejected", "failed") and row.payload_erased_at))
        settled = Counter(row.result for row in self if row.state in ("processed", "duplicate"))
        known = settled.total() - settled["test"]
        parts = [
            (count, self.env._("Worked on again: %(count)s.", count=count)),
            (known, self.env._("Already a lead, so nothing is made twice: %(count)s.", count=known)),
            (settled["test"], self.env._("Tests, which never make a lead: %(count)s.", count=settled["test"])),
            (erased, self.env._("Erased, so they cannot be replayed: %(count)s.", count=erased)),
        ]
        return " ".join(text for number, text in parts if number) or self.env._("Nothing was chosen.")

    def _tell_replay_result(self) -> None:
        """Tell whoever replayed these rows what became of them."""
        for user, rows in self.grouped("replay_uid").items():
            settled = rows.filtered(lambda row: row.state != "received")
            waiting = self.search_count([("replay_uid", "=", user.id), ("state", "=", "received")])
            env = self.with_context(lang=user.lang).env
            labels = dict(self.with_env(env)._fields["state"]._description_selection(env))
            told = ", ".join(f"{labels[state]}: {len(some)}" for state, some in settled.grouped("state").items())
            if waiting:
                told = env._("%(told)s, still waiting: %(count)s", told=told, count=waiting)
            if settled:
                user._bus_send("simple_notification", {
                    "type": "info" if waiting else "success", "title": env._("Replay"), "message": told,
                })  # fmt: skip
            settled.write({"replay_uid": False})

    # ---- is the job running?

    @api.model
    def get_waiting(self) -> dict[str, int]:
        """Return how long, in seconds, the oldest capture has been due, and how many wait; for the banner."""
        self.browse().check_access("read")
        seconds = self._get_oldest_waiting_seconds()
        return {"seconds": seconds, "count": self.sudo().search_count(self._get_due_domain()) if seconds else 0}

    # ---- actions

    def action_open_lead(self) -> dict[str, Any]:
        """Open the lead that this capture made or met."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "views": [(False, "form")],
        }
