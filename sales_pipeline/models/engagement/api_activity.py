"""Plan, do and correct activities on behalf of programs."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from .api_activity_facts import ActivityFacts
from .mail_activity import DONE_AT, DoneAt


class MailActivity(models.Model):
    _inherit = "mail.activity"

    # ---- use cases

    @api.model
    def _plan_by_api(self, record, code: str, values: dict[str, Any]) -> "MailActivity":
        """Plan an activity on a lead, deal or customer, as the acting user; whoever gets it is told by mail.

        :param code: of ``const.ACTIVITY_TYPES``
        :param values: ``summary``, ``description`` (text), ``user``, ``scheduled_at`` (naive UTC), ``metadata``
        """
        user = values.get("user") or self.env.user
        return self.create({
            "res_model_id": self.env["ir.model"]._get_id(record._name),
            "res_id": record.id,
            "user_id": user.id,
            **self._prepare_api_values({"code": code, **values}, user),
        })  # fmt: skip

    @api.model
    def _log_done(self, record, code: str, values: dict[str, Any], at: datetime | None = None) -> str:
        """Write down what was done already, and return its public id; nobody is asked to do it any more.

        :param at: naive UTC; default: now
        """
        quiet = self.with_context(mail_activity_quick_update=True)
        activity = quiet._plan_by_api(record, code, {**values, "description": ""})
        uuid = activity.uuid
        activity._do_by_api(at, values.get("description"))
        return uuid

    def _do_by_api(self, at: datetime | None = None, feedback: str | None = None) -> None:
        """Say that a planned activity is done.

        :param at: naive UTC; default: now
        """
        self.ensure_one()
        context = {DONE_AT: DoneAt(at)} if at else {}
        self.with_context(mail_notify_force_send=False, **context)._action_done(feedback=feedback or False)

    def _change_by_api(self, values: dict[str, Any]) -> None:
        """Change a planned activity; its meeting moves along.

        :param values: as for ``_plan_by_api``, and ``code``
        """
        self.ensure_one()
        user = values.get("user") or self.user_id or self.env.user
        prepared = self._prepare_api_values(values, user)
        if prepared.get("activity_type_id") and self.activity_type_id._get_pipeline_code() == values["code"]:
            # Several of Odoo's types may count as one code: keep the one that somebody chose.
            del prepared["activity_type_id"]
        if "user" in values and values["user"] != self.user_id:
            prepared["user_id"] = values["user"].id
        event = self.calendar_event_id
        start = prepared.get("scheduled_at")
        if event and start and start != event.start and not event.allday:
            event.write({"start": start, "stop": start + (event.stop - event.start)})
        if prepared:
            # The meeting was moved just now; Odoo would move it once more by the day.
            self.with_context(calendar_event_meeting_update=True).write(prepared)

    # ---- helpers

    @api.model
    def _prepare_api_values(self, values: dict[str, Any], user) -> dict[str, Any]:
        prepared: dict[str, Any] = {}
        if "code" in values:
            prepared["activity_type_id"] = self._find_type(values["code"]).id
        if "summary" in values:
            prepared["summary"] = values["summary"] or False
        if "description" in values:
            prepared["note"] = plaintext2html(values["description"]) if values["description"] else False
        if "metadata" in values:
            prepared["metadata"] = values["metadata"] or False
        if "scheduled_at" in values:
            prepared["scheduled_at"] = values["scheduled_at"] or False
            if values["scheduled_at"]:
                prepared["date_deadline"] = _get_day(values["scheduled_at"], user)
        return prepared

    @api.model
    def _find_type(self, code: str):
        """Return the first type that counts as this code.

        :raise UserError: an administrator archived all of them
        """
        types = self.env["mail.activity.type"].sudo().search([("res_model", "in", (False, "crm.lead"))])
        for each in types.sorted(lambda each: (bool(each.res_model), each.sequence, each.id)):
            # Odoo's to-dos count as notes; a note of its own says more.
            if each.pipeline_code == code or (code != "note" and each._get_pipeline_code() == code):
                return each
        for each in types:
            if each._get_pipeline_code() == code:
                return each
        raise UserError(
            self.env._("No activity type counts as %(code)s. An administrator can bring one back.", code=code)
        )


class PipelineEvent(models.Model):
    _inherit = "pipeline.event"

    @api.model
    def _correct_activity(self, facts: ActivityFacts, values: dict[str, Any]) -> None:
        """Append what a done activity should have said; the log keeps what it said before.

        :param values: ``summary``, ``description``, ``metadata``, ``completed_at`` (naive UTC), those that change
        """
        model_name, res_id = facts.record
        before = self._load_corrections([facts.uuid]).get(facts.uuid, (None, {}))[1]
        plain = dict(values)
        if "completed_at" in plain:
            plain["completed_at"] = fields.Datetime.to_string(plain["completed_at"])
        self._append([{
            "kind": "correction", "record": self.env[model_name].sudo().browse(res_id), "story": facts.story,
            "uuid": facts.uuid, "metadata": {"kind": facts.code, "fields": sorted(values)},
            "detail": {**before, **plain},
        }])  # fmt: skip


def _get_day(moment: datetime, user):
    """Return the day on which a moment (naive UTC) falls where the user lives."""
    zone = ZoneInfo(user.sudo().tz or "UTC")
    return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
