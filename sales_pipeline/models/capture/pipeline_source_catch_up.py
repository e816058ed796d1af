"""Leads that never arrived are asked for: a webhook that was lost costs a quarter of an hour, not a customer."""

import logging
from typing import Any

from odoo import api, fields, models

from ...exceptions import VendorError, VendorRefused
from ...providers.http import VendorHttp
from ..locks import key_lock
from ..pipeline_lane_mixin import CONCURRENT_CHANGES

_logger = logging.getLogger(__name__)


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    @api.model
    def _cron_catch_up(self) -> None:
        """Ask each vendor for the leads after the last one, page by page, until all rounds are over."""
        cron = self.env["ir.cron"]
        sources = self._get_sources_to_ask()
        for number, source in enumerate(sources):
            while True:
                has_rest = source._catch_up_page()
                if not cron._commit_progress(1, remaining=len(sources) - number - (not has_rest)):
                    self._wake_catch_up()
                    return
                if not has_rest:
                    break

    @api.model
    def _get_sources_to_ask(self):
        """Return the sources whose vendor can be asked now, those first that were not asked for longest (door)."""
        now = fields.Datetime.now()
        domain = [("vendor_token", "!=", False), ("vendor_account", "!=", False)]
        sources = self.search(domain, order="polled_at nulls first, id")
        return sources.filtered(
            lambda source: source.can_catch_up and not (source.vendor_wait_until and source.vendor_wait_until > now)
        )

    @api.model
    def _wake_catch_up(self) -> None:
        """Ask for the job after this transaction's commit."""
        self.env.ref("sales_pipeline.ir_cron_catch_up_sources").sudo()._trigger()

    def _catch_up_page(self) -> bool:
        """Ask for one page with no transaction open, and store it together with the place behind it.

        :return: whether this source has more
        """
        self.ensure_one()
        provider, before = self._get_provider(), self.poll_cursor
        cursor = self._read_cursor(provider)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        try:
            with VendorHttp() as http:
                items, cursor = provider.catch_up(cursor, http)
        except VendorError as error:
            outcome: Any = type(error)("account_unknown") if error.code == "gone" else error
        except Exception as error:
            # A fault of ours with one source must not keep the others from being asked.
            _logger.exception("Source %s could not be asked for missed leads: %s", self.id, type(error).__name__)
            outcome = VendorRefused("fault")
        else:
            outcome = items, cursor
        return self._book_page(before, outcome) and provider.has_rest(cursor)

    def _read_cursor(self, provider) -> str:
        """Return the place behind what is known; the first round begins with the source."""
        try:
            provider.has_rest(self.poll_cursor)
        except (ValueError, TypeError, KeyError):
            # None yet, or one of another version: the round begins anew, and nothing is stored twice.
            return provider.start_cursor(self.create_date)
        return self.poll_cursor

    def _book_page(self, before: str | bool, outcome: Any) -> bool:
        """Store a page and the place behind it; tell whether that was possible.

        :param before: the place from which was asked
        :param outcome: items and the next place, or a ``VendorError``
        """
        try:
            key_lock(self.env, f"catch_up:{self.id}")
            source = self.exists()
            if not source.active or source.poll_cursor != before:
                # Somebody was faster, or has archived it; the page is asked for again.
                return False
            if isinstance(outcome, VendorError):
                source._note_vendor_error(outcome)
                return False
            items, cursor = outcome
            stored = sum(self.env["pipeline.inbox"]._store(target, part)
                         for target, part in source._route(items).items())  # fmt: skip
            _logger.info("Source %s was asked for missed leads: %s seen, %s new", source.id, len(items), stored)
            source.write({"poll_cursor": cursor, "polled_at": fields.Datetime.now()})
            source._note_vendor_success()
            self.env.flush_all()
        except CONCURRENT_CHANGES as error:
            _logger.info("Source %s is asked again: %s", self.id, type(error).__name__)
            self.env.cr.rollback()
            return False
        return True

    def action_catch_up(self) -> dict[str, Any]:
        """Have the vendor asked now, also where a trouble made the jobs wait."""
        self.check_access("write")
        sources = self.filtered(lambda source: source.active and source.can_catch_up)
        sources.sudo().write({"vendor_wait_until": False, "polled_at": False})
        self.env["pipeline.inbox"]._fetch_now(sources)
        self._wake_catch_up()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The vendor is being asked. New leads appear within a minute."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
