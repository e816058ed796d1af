"""The spine of the lead: the only place that overrides its create, write, unlink and search."""

from typing import Any
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .. import const
from .bridges import Entry

# Values that say what happened to a deal; a change of one of them is a moment.
_WATCHED = {
    "user_id",
    "team_id",
    "stage_id",
    "type",
    "date_conversion",
    "won_status",
    "lead_status",
    "temperature",
    "deleted_at",
}

# Set by our own acts alone: who may write a lead may not thereby delete it, or tell its story under another's name.
_GUARDED = {
    "uuid", "deleted_at", "deleted_uid", "deleted_links", "first_response_at", "first_response_uid", "response_seconds",
    "assignment_facts", "waiting_pool_id", "merged_into_id", "merge_id",
    "response_started_at", "response_clock_at", "response_due_at", "response_next_at", "response_state",
}  # fmt: skip
# Asks for a real deletion. It is an object, so that no client can put it into a context.
HARD_UNLINK = object()
# Leads that this transaction will really delete.
FOR_GOOD = "sales_pipeline.deleted_for_good"


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "pipeline.moments.mixin"]

    uuid = fields.Char("Public Id", readonly=True, copy=False, default=lambda self: str(uuid4()))
    deleted_at = fields.Datetime("Deleted On", readonly=True, copy=False)
    deleted_uid = fields.Many2one("res.users", "Deleted By", readonly=True, copy=False)
    deleted_links = fields.Json(readonly=True, copy=False, help="Meetings and to-dos let go by the deletion.")
    temperature = fields.Selection(const.TEMPERATURES, tracking=True)

    _uuid_unique = models.UniqueIndex("(uuid)")
    # The exact duplicate check: 115 -> 1 ms at 1,000,000 leads, where Odoo has only a trigram index.
    _email_normalized_btree = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
    # Odoo asks for "active IS TRUE"; PostgreSQL 15 does not see that this implies a bare "active".
    _board_idx = models.Index("(stage_id, priority DESC, id DESC) WHERE active IS TRUE AND type = 'opportunity'")
    # A rep's own list: 227 -> 0.4 ms at 1,000,000 leads, where Odoo's index of the order holds everybody's.
    _owner_order_idx = models.Index("(user_id, type, priority DESC, id DESC) WHERE active IS TRUE")
    _page_idx = models.Index("(type, create_date DESC, id DESC)")
    _api_page_idx = models.Index("(create_date DESC, id DESC) WHERE lead_status IS NOT NULL")
    _api_owner_idx = models.Index("(user_id, create_date DESC, id DESC)")
    _owner_status_idx = models.Index("(user_id, lead_status, create_date DESC)")
    _deleted_idx = models.Index("(deleted_at) WHERE deleted_at IS NOT NULL")

    # ---- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        entry = Entry.take(self.env.context)
        if entry and (known := entry.meet(self, vals_list)):
            return known
        for vals in vals_list:
            self._mirror_temperature(vals)
        # Who gets an entry's lead hears of it once, from us.
        quiet = self.with_context(mail_auto_subscribe_no_notify=True) if entry else self
        leads = super(CrmLead, quiet).create(vals_list).with_env(self.env)
        leads._note_created()
        if entry:
            entry.finish(leads)
        return leads

    def write(self, vals):
        self._refuse_guarded(vals)
        self._mirror_temperature(vals)
        self._note_changing(vals)
        leads = self.filtered(lambda lead: lead.type == "lead") if vals.get("type") == "opportunity" else self.browse()
        if leads:
            leads._guard_conversion()
            if "date_conversion" not in vals:
                # Whatever road a lead takes to become a deal, it stays known that it was a lead.
                super(CrmLead, leads).write({"date_conversion": self.env.cr.now()})
        return super().write(vals)

    def unlink(self):
        if self._is_real_deletion():
            return super().unlink()
        self.check_access("unlink")
        self._soft_delete()
        return True

    @api.model
    def _search(self, domain, *args, active_test=True, **kwargs):
        # active_test=False as a parameter is how the ORM fetches known ids: leave it, so that relations stay readable.
        if active_test and not self.env.context.get("with_deleted"):
            domain = Domain(domain)
            if not any(condition.field_expr == "deleted_at" for condition in domain.iter_conditions()):
                domain &= Domain("deleted_at", "=", False)
        return super()._search(domain, *args, active_test=active_test, **kwargs)

    # ---- soft delete

    def _soft_delete(self) -> None:
        """Take leads out of every list, count and report without touching what they did.

        ``active`` stays as it is: an archived lead with probability 0 would count as lost. Open to-dos and meetings
        are let go as a real deletion would, and remembered for the restoration.
        """
        for lead in self.filtered(lambda lead: not lead.deleted_at):
            activities = lead.sudo().activity_ids
            meetings, documented = lead._find_meetings()
            lead.sudo().write({
                "deleted_at": fields.Datetime.now(), "deleted_uid": self.env.uid,
                "deleted_links": {
                    "calendar.event": meetings.ids, "document": documented.ids, "mail.activity": activities.ids,
                },
            })  # fmt: skip
            meetings.write({"opportunity_id": False})
            documented.write({"res_id": False, "res_model_id": False})
            activities.action_archive()

    def _find_meetings(self) -> tuple[models.Model, models.Model]:
        """Return the meetings of the deal, and those that have the record as their document; often the same."""
        self.ensure_one()
        events = self.env["calendar.event"].sudo().with_context(active_test=False)
        of_document = Domain("res_model", "=", self._name) & Domain("res_id", "=", self.id)
        return events.search([("opportunity_id", "=", self.id)]), events.search(of_document)

    def action_restore_deleted(self) -> None:
        """Bring deleted leads back with their meetings and open to-dos; for managers."""
        self.check_access("unlink")
        self._guard_restoration()
        for lead in self.filtered("deleted_at"):
            links = lead.deleted_links or {}
            lead.sudo().write({"deleted_at": False, "deleted_uid": False, "deleted_links": False})
            lead._get_linked("calendar.event", links).write({"opportunity_id": lead.id})
            document = {"res_id": lead.id, "res_model_id": self.env["ir.model"]._get_id(self._name)}
            lead._get_linked("calendar.event", links, "document").write(document)
            lead._get_linked("mail.activity", links).action_unarchive()

    def _get_linked(self, model_name: str, links: dict[str, list[int]], key: str | None = None) -> models.Model:
        """Return what is left of the records that a deletion let go."""
        return self.env[model_name].sudo().browse(links.get(key or model_name, [])).exists()

    def _is_real_deletion(self) -> bool:
        context = self.env.context
        is_technical = context.get(MODULE_UNINSTALL_FLAG) or context.get("install_mode")
        is_system = self.env.su or self.env.is_system()
        is_let_go = bool(self) and self.env.cr.cache.get(FOR_GOOD, set()).issuperset(self.ids)
        return context.get("hard_unlink") is HARD_UNLINK or is_let_go or bool(is_technical and is_system)

    def _refuse_guarded(self, vals: dict[str, Any]) -> None:
        names = ", ".join(sorted(_GUARDED & vals.keys()))
        if names and not self.env.su:
            raise AccessError(self.env._("Nobody changes this by hand: %(names)s.", names=names))

    @api.model
    def _mirror_temperature(self, vals: dict[str, Any]) -> None:
        """Keep the stars in step with the temperature, since every list and board sorts by them."""
        if vals.get("temperature"):
            vals["priority"] = const.PRIORITY_BY_TEMPERATURE[vals["temperature"]]
        elif "priority" in vals and "temperature" not in vals:
            by_priority = {stars: name for name, stars in const.PRIORITY_BY_TEMPERATURE.items()}
            temperature = by_priority.get(vals["priority"])
            if temperature:
                vals["temperature"] = temperature

    # ---- moments

    def _get_watched_fields(self) -> set[str]:
        return super()._get_watched_fields() | _WATCHED

    def _get_birth_values(self) -> dict[str, Any]:
        # A deal put on the board in the won column is won.
        return {**super()._get_birth_values(), "won_status": "pending"}

    def _get_event_story(self) -> str:
        """Return the uuid under which everything that happens to this lead is told."""
        return self.uuid

    def _get_event_stories(self) -> list[str]:
        """Return the stories that this record's timeline tells (door)."""
        return [lead.uuid for lead in self if lead.uuid]

    def _on_created(self) -> None:
        super()._on_created()
        self.env["pipeline.event"]._append([lead._prepare_created_event() for lead in self if lead._tells_creation()])

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)

        def with_change(name):
            return {id_: values[name] for id_, values in old.items() if name in values}

        moments = [
            ("deleted_at", self._tell_deleted),
            ("user_id", lambda changed: self.browse(changed)._on_assigned(changed)),
            ("type", self._tell_converted),
            ("lead_status", lambda changed: self.browse(changed)._on_status_changed(changed)),
            ("stage_id", lambda changed: self.browse(changed)._on_stage_moved(changed)),
            ("won_status", self._tell_won_status),
        ]
        for name, tell in moments:
            if changed := with_change(name):
                tell(changed)

    def _tell_deleted(self, changed: dict[int, Any]) -> None:
        leads = self.browse(changed)
        if deleted := leads.filtered("deleted_at"):
            deleted._on_deleted()
        if restored := leads - deleted:
            restored._on_restored()

    def _tell_converted(self, changed: dict[int, str]) -> None:
        if converted := self.browse(changed).filtered(lambda lead: lead.type == "opportunity"):
            converted._on_converted()

    def _tell_won_status(self, changed: dict[int, str]) -> None:
        leads = self.browse(changed)
        if won := leads.filtered(lambda lead: lead.won_status == "won"):
            won._on_won()
        if lost := leads.filtered(lambda lead: lead.won_status == "lost"):
            lost._on_lost()

    def _tells_creation(self) -> bool:
        """Return whether the log tells that this record was made; no, where a capture already says so (door)."""
        return True

    def _tells_deletion(self) -> bool:
        """Return whether the log tells that this record was deleted; no, where a merge already says so (door)."""
        return True

    def _prepare_created_event(self) -> dict[str, Any]:
        """Return the event of a new record (door)."""
        return {"kind": "created", "record": self, "metadata": {"type": self.type}}

    def _guard_restoration(self) -> None:
        """Refuse deleted leads that cannot be brought back (door)."""

    def _guard_conversion(self) -> None:
        """Refuse, or prepare for, leads about to become deals (door)."""

    # ---- finer moments (doors); a domain adds what it does in its own file

    def _on_assigned(self, old_user_ids: dict[int, int]) -> None:
        """React to a new owner; ``old_user_ids`` maps lead id to former user id or False."""
        self._append_changes("assigned", old_user_ids, "user_id")

    def _on_status_changed(self, old_statuses: dict[int, str]) -> None:
        """React to a new lead status."""
        # Converted and disqualified are told by the moments of their own.
        told = self.filtered(lambda lead: lead.lead_status in ("new", "contacted", "qualified"))
        told._append_changes("status", old_statuses, "lead_status")

    def _on_stage_moved(self, old_stage_ids: dict[int, int]) -> None:
        """React to another pipeline stage."""
        self.filtered(lambda lead: lead.won_status != "won")._append_changes("stage", old_stage_ids, "stage_id")

    def _on_won(self) -> None:
        """React to won deals."""
        self._append_plain("won")

    def _on_lost(self) -> None:
        """React to lost deals and disqualified leads."""
        self._append_plain("lost")

    def _on_converted(self) -> None:
        """React to leads that became deals."""
        self._append_plain("converted")

    def _on_deleted(self) -> None:
        """React to deleted leads."""
        self.filtered(lambda lead: lead._tells_deletion())._append_plain("deleted")

    def _on_restored(self) -> None:
        """React to leads brought back."""
        self._append_plain("restored")

    def _append_plain(self, kind: str) -> None:
        self.env["pipeline.event"]._append([{"kind": kind, "record": lead} for lead in self])

    def _get_change_facts(self, kind: str) -> dict[str, Any]:
        """Return what else the log keeps of a change of this kind (door)."""
        return {}

    def _append_changes(self, kind: str, old: dict[int, Any], field_name: str) -> None:
        self.env["pipeline.event"]._append([
            {"kind": kind, "record": lead,
             "metadata": {"from": old[lead.id], "to": lead._get_moment_values([field_name])[field_name],
                          **lead._get_change_facts(kind)}}
            for lead in self
        ])  # fmt: skip
