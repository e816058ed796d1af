"""Who asks, and whether the server is well."""

from typing import Any, Literal

from odoo import models
from odoo.tools import SQL
from pydantic import Field

from .common import Flag, Line, Moment, Notes, Schema, Uuid, Whole, moment_to_json
from .parts import omittable


class MeUser(Schema):
    id: Uuid
    name: Line
    email: Line | None
    role: Line


class MeClient(Schema):
    name: Line
    scopes: list[Line] | None
    plan: Line | None
    expires_at: Moment | None


class MeCompany(Schema):
    name: Line
    currency: Line
    timezone: Line | None


class Me(Schema):
    user: MeUser
    client: MeClient | None
    company: MeCompany


class HealthDatabase(Schema):
    is_replica: Flag = Field(description="this answer was read from a replica")
    replica_lag_seconds: float | None = Field(description="null on the primary")


class HealthJobs(Schema):
    """Work that waits for a scheduled job."""

    name: Line
    oldest_waiting_seconds: Whole
    is_late: Flag


class HealthLimits(Schema):
    is_degraded: Flag = Field(description="requests are counted in memory, each process for itself")


class Health(Schema):
    status: Literal["ok", "degraded"]
    database: HealthDatabase | None = omittable()
    jobs: list[HealthJobs] | None = omittable()
    limits: HealthLimits | None = omittable()


class OAuthToken(Schema):
    access_token: Line
    token_type: Line
    expires_in: Whole
    scope: Notes


class OAuthTokenRequest(Schema):
    grant_type: Line
    scope: Notes | None = None
    client_id: Line | None = None
    client_secret: Line | None = None


# The tables of work that scheduled jobs drain, and after how long somebody should look.
_LANES = {"pipeline.inbox": "captures", "pipeline.outbox": "mails", "pipeline.webhook.delivery": "webhooks"}
_LATE_SECONDS, _LAG_SECONDS = 900, 60
_ROLES = (
    ("admin", "sales_pipeline.group_admin"),
    ("manager", "sales_pipeline.group_manager"),
    ("manager", "sales_team.group_sale_salesman_all_leads"),
    ("rep", "sales_team.group_sale_salesman"),
    ("customer_success", "sales_pipeline.group_customer_success"),
)


def get_role(user) -> str:
    """Return the role of a user as the API calls it."""
    return next((role for role, group in _ROLES if user.has_group(group)), "other")


class PipelineApiSystem(models.AbstractModel):
    _name = "pipeline.api.system"
    _inherit = "pipeline.api.resource"
    _description = "The API about itself"

    _api_schemas = {
        "Me": Me, "Health": Health, "OAuthToken": OAuthToken, "OAuthTokenRequest": OAuthTokenRequest,
    }  # fmt: skip

    def _may_look_inside(self, caller) -> bool:
        """Tell whether a caller may know how the server is."""
        if caller.scopes is not None:
            return "changes:read" in caller.scopes
        return self.env["res.users"].sudo().browse(caller.user_id).has_group("sales_pipeline.group_admin")

    def _represent_health(self, is_degraded: bool) -> dict[str, Any]:
        """Return how the server is.

        :param is_degraded: the limits are not counted as they should be
        """
        database, jobs = self._represent_database(), self._represent_jobs()
        is_well = not is_degraded and not any(job["is_late"] for job in jobs)
        is_well = is_well and (database["replica_lag_seconds"] or 0) < _LAG_SECONDS
        return {
            "status": "ok" if is_well else "degraded", "database": database, "jobs": jobs,
            "limits": {"is_degraded": is_degraded},
        }  # fmt: skip

    def _represent_database(self) -> dict[str, Any]:
        # A primary that is idle sends nothing: then the replica is not behind, however old the last change is.
        [(is_replica, lag)] = self.env.execute_query(SQL(
            """
            SELECT pg_is_in_recovery(), CASE
                   WHEN NOT pg_is_in_recovery() THEN NULL
                   WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                   ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END
            """
        ))  # fmt: skip
        return {"is_replica": is_replica, "replica_lag_seconds": None if lag is None else round(float(lag), 1)}

    def _represent_jobs(self) -> list[dict[str, Any]]:
        waiting = {name: self.env[model].sudo()._get_oldest_waiting_seconds() for model, name in _LANES.items()}
        return [
            {"name": name, "oldest_waiting_seconds": seconds, "is_late": seconds > _LATE_SECONDS}
            for name, seconds in waiting.items()
        ]

    def _represent_me(self, caller) -> dict:
        """Return who acts, for whom and where.

        :param caller: the ``Caller`` of the request
        """
        user, company = self.env.user, self.env.company
        return {
            "user": {"id": user.uuid, "name": user.name, "email": user.email or None, "role": get_role(user)},
            "client": self._represent_client(caller),
            "company": {
                "name": company.name, "currency": company.currency_id.name, "timezone": company.partner_id.tz or None,
            },
        }  # fmt: skip

    def _represent_client(self, caller) -> dict | None:
        """Return what the client may do (door); Odoo's own keys have none."""
        if caller.client_id is None:
            return None
        client = self.env["pipeline.api.client"].sudo().browse(caller.client_id)
        return {
            "name": client.name, "scopes": sorted(caller.scopes or ()), "plan": client.plan_id.name,
            "expires_at": moment_to_json(client.expires_at or None),
        }  # fmt: skip
