"""Who gets a lead hears of it at once: a row that stays until it is read, a toast for who is online, mail for who wants
it."""

from collections import defaultdict
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

_KINDS = [
    ("assigned", "New lead"), ("again", "Came back"), ("reassigned", "Passed on"), ("escalated", "Waits too long"),
]  # fmt: skip
# What brings one person more than these at once, or to who has so many unread, is one row with their number: nobody
# reads a thousand.
_ROWS_AT_ONCE = 50
_MOST_ROWS = 200
# A toast names these; more are told as a number.
_NAMED_IN_TOAST = 3
_LISTED = 30
_KEPT_DAYS = 30


class PipelineNotice(models.Model):
    """Something one person has to know of one lead, or of ``count`` leads that came at once."""

    _name = "pipeline.notice"
    _description = "Notice of a Lead"
    _order = "id desc"
    _rec_name = "kind"

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="cascade", index="btree_not_null")
    kind = fields.Selection(_KINDS, required=True, readonly=True)
    count = fields.Integer(readonly=True, default=1, help="How many leads a notice without a lead stands for.")
    read_at = fields.Datetime("Read On", readonly=True)
    mail_at = fields.Datetime("Mail Due", readonly=True, help="Empty: no mail is due.")
    mailed_at = fields.Datetime("Mailed On", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")

    _unread_unique = models.UniqueIndex("(user_id, lead_id, kind) WHERE read_at IS NULL AND lead_id IS NOT NULL")
    _unread_idx = models.Index("(user_id, id DESC) WHERE read_at IS NULL")
    _mail_idx = models.Index("(mail_at) WHERE mail_at IS NOT NULL")
    _mailed_idx = models.Index("(user_id, mailed_at) WHERE mailed_at IS NOT NULL")

    # ---- use cases

    @api.model
    def _tell(self, leads, kind: str, receivers: dict[int, list[int]] | None = None, by_mail: bool = True) -> None:
        """Tell people of leads, in the caller's transaction; toasts follow its commit, mails a job.

        One transaction tells a person of a lead once, and nobody is told of the own act.

        :param receivers: ids of leads by user id; default: every lead to its owner
        :param by_mail: whether a mail goes to who prefers mails; no, where Odoo sends one by itself
        """
        if receivers is None:
            receivers = {owner.id: owned.ids for owner, owned in leads.grouped("user_id").items() if owner}
        receivers = {user_id: ids for user_id, ids in receivers.items() if user_id != self.env.uid and ids}
        if not receivers:
            return
        self.env.flush_all()
        companies = {lead.id: lead.company_id.id or None for lead in leads}
        new = self._insert(self._prepare_rows(receivers, companies), kind, by_mail)
        if any(row["mail_at"] for row in new):
            self.env["pipeline.lane.mixin"]._wake_job("sales_pipeline.ir_cron_mail_notices")
        self._send_toasts(leads, kind, new)

    @api.model
    def _prepare_rows(self, receivers: dict[int, list[int]], companies: dict[int, int | None]) -> list[tuple]:
        """Return user, lead, number of leads and company of each row."""
        unread = self._count_unread(list(receivers))
        rows: list[tuple] = []
        for user_id, lead_ids in receivers.items():
            if len(lead_ids) > _ROWS_AT_ONCE or unread.get(user_id, 0) + len(lead_ids) > _MOST_ROWS:
                rows.append((user_id, None, len(lead_ids), companies.get(lead_ids[0])))
            else:
                rows += [(user_id, lead_id, 1, companies.get(lead_id)) for lead_id in lead_ids]
        return rows

    @api.model
    def _insert(self, rows: list[tuple], kind: str, by_mail: bool) -> list[dict[str, Any]]:
        """Write rows in one statement, and return what is new: dicts with id, user_id, lead_id, count and mail_at."""
        if not rows:
            return []
        values = SQL(", ").join(SQL("(%s, %s::integer, %s, %s::integer)", *row) for row in rows)
        now = self.env.cr.now().replace(tzinfo=None)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO pipeline_notice (user_id, lead_id, kind, count, company_id, mail_at,
                                             create_date, write_date, create_uid, write_uid)
                     SELECT u.id, v.lead_id, %(kind)s, v.count, v.company_id,
                            CASE WHEN %(by_mail)s AND u.notification_type = 'email' THEN %(now)s::timestamp END,
                            %(now)s, %(now)s, %(uid)s, %(uid)s
                       FROM (VALUES %(values)s) v (user_id, lead_id, count, company_id)
                       JOIN res_users u ON u.id = v.user_id AND u.active AND u.share IS NOT TRUE
                      WHERE NOT EXISTS (SELECT 1 FROM pipeline_notice known
                                         WHERE known.user_id = u.id AND known.lead_id = v.lead_id
                                               AND known.read_at IS NULL AND known.create_date = %(now)s)
                   ORDER BY u.id, v.lead_id
                ON CONFLICT (user_id, lead_id, kind) WHERE read_at IS NULL AND lead_id IS NOT NULL
                  DO UPDATE SET create_date = EXCLUDED.create_date, mail_at = EXCLUDED.mail_at
                  RETURNING id, user_id, lead_id, count, mail_at
                """,
                kind=kind, values=values, now=now, by_mail=by_mail, uid=self.env.uid or api.SUPERUSER_ID,
            ),
            # Who meets the job that mails, or a reader, is tried again.
            log_exceptions=False,
        )  # fmt: skip
        self.invalidate_model()
        return self.env.cr.dictfetchall()

    @api.model
    def _send_toasts(self, leads, kind: str, new: list[dict[str, Any]]) -> None:
        by_user = defaultdict(list)
        for row in new:
            by_user[row["user_id"]].append(row)
        counts = self._count_unread(list(by_user))
        by_id = {lead.id: lead for lead in leads}
        told_at = fields.Datetime.to_string(self.env.cr.now())
        for user_id, rows in by_user.items():
            user = self.env["res.users"].browse(user_id)
            named = [row for row in rows if row["lead_id"]][:_NAMED_IN_TOAST]
            user._bus_send("pipeline_notice", {
                "kind": kind,
                "count": sum(row["count"] for row in rows),
                "unread": counts.get(user_id, 0),
                "ids": [row["id"] for row in rows],
                "told_at": told_at,
                "notices": [
                    {"id": row["id"], "kind": kind, "count": 1,
                     **by_id[row["lead_id"]].with_context(lang=user.lang)._describe_for_notice()}
                    for row in named
                ],
            })  # fmt: skip

    @api.model
    def _count_unread(self, user_ids: list[int]) -> dict[int, int]:
        """Return the number of unread leads by user id."""
        if not user_ids:
            return {}
        self.env.cr.execute(
            SQL(
                "SELECT user_id, sum(count) FROM pipeline_notice WHERE user_id IN %s AND read_at IS NULL "
                "GROUP BY user_id", tuple(user_ids),
            )
        )  # fmt: skip
        return dict(self.env.cr.fetchall())

    @api.model
    def _mark_read(self, condition: SQL) -> None:
        """Note unread notices as read; the tabs of the users whose they are hear of it."""
        self.env.cr.execute(
            SQL(
                "UPDATE pipeline_notice SET read_at = now() AT TIME ZONE 'UTC', mail_at = NULL "
                "WHERE read_at IS NULL AND %s RETURNING user_id", condition,
            )
        )  # fmt: skip
        user_ids = sorted({row[0] for row in self.env.cr.fetchall()})
        self.invalidate_model()
        counts = self._count_unread(user_ids)
        told_at = fields.Datetime.to_string(self.env.cr.now())
        for user in self.env["res.users"].browse(user_ids):
            user._bus_send("pipeline_notice_read", {"unread": counts.get(user.id, 0), "told_at": told_at})

    # ---- calls of the web client

    @api.model
    @api.readonly
    def get_unread(self) -> dict[str, Any]:
        """Return the own unread notices, newest first; documented RPC of the systray.

        :return: ``is_seller``, ``unread`` (how many leads), ``now`` (UTC) and ``notices``; leads that the user may not
            read (any more) are not among them
        """
        if not self.has_access("read"):
            return {"is_seller": False, "unread": 0, "notices": [], "now": False}
        notices = self.search([("read_at", "=", False), ("user_id", "=", self.env.uid)], limit=_LISTED)
        readable = set(self.env["crm.lead"].search([("id", "in", notices.sudo().lead_id.ids)]).ids)
        shown = notices.sudo().filtered(lambda notice: not notice.lead_id or notice.lead_id.id in readable)
        return {
            "is_seller": True,
            "now": fields.Datetime.to_string(self.env.cr.now()),
            "unread": self._count_unread([self.env.uid]).get(self.env.uid, 0),
            "notices": [
                {"id": notice.id, "kind": notice.kind, "count": notice.count,
                 "told_at": fields.Datetime.to_string(notice.create_date),
                 **(notice.lead_id._describe_for_notice() if notice.lead_id else {"lead_id": False})}
                for notice in shown
            ],
        }  # fmt: skip

    @api.model
    def mark_read(self, lead_ids: list[int] | None = None) -> int:
        """Note the own notices as read, of some leads or all; documented RPC of the systray.

        :return: how many leads are still unread
        """
        if not self.has_access("read"):
            raise AccessError(self.env._("Only salespeople have notices of leads."))
        condition = SQL("user_id = %s", self.env.uid)
        if lead_ids is not None:
            ids = tuple(int(lead_id) for lead_id in lead_ids[: _LISTED * 10]) or (0,)
            condition = SQL("%s AND lead_id IN %s", condition, ids)
        self._mark_read(condition)
        return self._count_unread([self.env.uid]).get(self.env.uid, 0)

    @api.autovacuum
    def _gc_old(self) -> None:
        """Forget notices after 30 days, read or not: what came so long ago is no news."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM pipeline_notice WHERE create_date < now() AT TIME ZONE 'UTC' - %s * interval '1 day'",
                _KEPT_DAYS,
            )
        )
