"""Whether a source can bring leads: what this database knows, what its public address answers, what the vendor says."""

import secrets
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import hmac

from ...exceptions import VendorError
from ...providers.capture.base import Finding
from ...providers.capture.samples import make_sample
from ...providers.http import VendorHttp
from ...tools.signatures import constant_time_equal

# A person waits for the answer.
_SECONDS = {"silent_seconds": 10, "total_seconds": 15}
_WAITS_TOO_LONG_SECONDS = 180
_NO_ROUTE = ("email", "bulk_upload")


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    # ---- actions

    def action_check_connection(self) -> dict[str, Any]:
        """Look at everything that a lead needs on its way here, and show what is missing."""
        return self.env["pipeline.check"]._open(self)

    def action_send_test(self) -> dict[str, Any]:
        """Send a test lead to the public address, as the sender would."""
        self.ensure_one()
        self.check_access("write")
        source = self.sudo()
        sample = make_sample(self.provider, source.secret or "", self._get_provider_settings(), secrets.token_hex(6))
        if sample is None:
            raise UserError(self.env._("Only the vendor can send a test here: see the steps under “Connect”."))
        url = source.capture_url
        self._end_reading()
        try:
            with VendorHttp(**_SECONDS) as http:
                headers = {**sample.headers, "Content-Type": sample.content_type}
                http.call("POST", url, data=sample.body, headers=headers)
        except VendorError as error:
            raise UserError(self._describe_test_failure(error.status)) from None
        return self.action_view_inbox()

    def _describe_test_failure(self, status: int | None) -> str:
        if status == 401:
            return self.env._("The test was turned away: the proof was not accepted. Make a new secret and try again.")
        return self.env._(
            "The test did not arrive (%(status)s). “Check Connection” says what stands in its way.",
            status=status or self.env._("no answer"),
        )

    # ---- use case

    def _check_connection(self) -> list[Finding]:
        """Return what was found, good and bad, in the order in which a lead travels."""
        self.ensure_one()
        self.check_access("write")
        found = list(self._check_here())
        provider = self._get_provider()
        nonce = secrets.token_urlsafe(16)
        url, proof = f"{self.sudo().capture_url}/reach/{nonce}", self._get_reach_proof(nonce)
        is_reachable = self.provider not in _NO_ROUTE and (found[0].is_ok or found[0].code == "public")
        self._end_reading()
        with VendorHttp(**_SECONDS) as http:
            if is_reachable:
                found.insert(1, _reach(http, url, proof))
            found += _ask_vendor(http, provider) if provider else []
        return found

    def _get_reach_proof(self, nonce: str) -> str:
        """Return what only this database answers to a nonce."""
        return hmac(self.env(su=True), "sales_pipeline.reach", nonce)

    def _end_reading(self) -> None:
        """End a transaction that has only read: none is open while a vendor is asked."""
        self.env.flush_all()
        self.env.cr.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
        if self.env.cr.fetchone()[0]:
            self.env.cr.rollback()

    def _check_here(self) -> Iterator[Finding]:
        """List what this database knows without asking anybody (door)."""
        source = self.sudo()
        if self.provider not in _NO_ROUTE:
            url = self.get_base_url()
            if _is_loopback(url):
                yield Finding("public", False, {"url": url})
            else:
                yield Finding("address", _is_public(url), {"url": url})
            yield Finding("secret", bool(source.secret))
        if self.provider == "email":
            yield Finding("mailbox", bool(source.alias_name and source.alias_domain_id))
        if not self.active:
            yield Finding("active", False)
        if source.is_replacing_secret:
            yield Finding("overlap", False)
        yield self._check_owner()
        yield from self._check_work()

    def _check_owner(self) -> Finding:
        if self.owner_rule == "nobody":
            return Finding("nobody", False)
        if self.owner_rule == "fixed":
            return Finding("person", bool(self.user_id.active), {"person": self.user_id.name or ""})
        team = self._get_team()
        members = team._get_turn_member_ids() if team else []
        return Finding("team" if team else "no_team", bool(members), {"team": team.name or "", "count": len(members)})

    def _check_work(self) -> Iterator[Finding]:
        inbox = self.env["pipeline.inbox"].sudo()
        cron = self.env.ref(inbox._lane_cron).sudo()
        waiting = inbox._get_oldest_waiting_seconds()
        is_late = waiting > _WAITS_TOO_LONG_SECONDS
        yield Finding("job", cron.active and not is_late, {"minutes": waiting // 60, "job": cron.name})
        moment = self.last_received_at and fields.Datetime.context_timestamp(self, self.last_received_at)
        told = {"count": self.received_count, "moment": f"{moment:%Y-%m-%d %H:%M}" if moment else ""}
        yield Finding("received", bool(self.received_count), told)
        if self.refused_count:
            yield Finding("refused", False, {"text": self.refusal_text})
        trouble = inbox.search_count([("source_id", "=", self.id), ("state", "in", ("rejected", "failed"))])
        if trouble:
            yield Finding("trouble", False, {"count": trouble})


def _reach(http: VendorHttp, url: str, proof: str) -> Finding:
    try:
        body = http.get(url).body
    except VendorError as error:
        return Finding("reach", False, {"reason": error.code, "status": error.status or ""})
    given = body.get("proof") if isinstance(body, dict) else None
    return Finding("reach", isinstance(given, str) and constant_time_equal(given, proof), {"reason": "other_system"})


def _ask_vendor(http: VendorHttp, provider) -> list[Finding]:
    try:
        return provider.check(http)
    except VendorError as error:
        return [Finding("reachable", False, {"reason": error.code})]


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)


def _is_public(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_known = ip_address(host).is_global if _is_number(host) else "." in host and not host.endswith((".local", ".lan"))
    return parts.scheme == "https" and is_known


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
