"""The findings of a check in words, with what to do."""

from collections.abc import Sequence
from typing import Any

from odoo import models

# What may be as it is, though somebody should know.
_SOFT = {"overlap", "nobody", "received", "refused", "trouble", "public", "leads"}

# What words may name.
_TOLD = (
    "url", "reason", "status", "person", "team", "count", "minutes", "job", "moment", "text", "name", "account",
)  # fmt: skip


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    def _describe_findings(self, findings: Sequence) -> list[dict[str, str]]:
        """Return findings for the screen: ``state`` (good, soft, bad), ``title`` and ``advice``."""
        words = {**self._get_address_words(), **self._get_work_words(), **self._get_vendor_words()}
        found = []
        for finding in findings:
            good, bad, advice = words.get(finding.code, (finding.code, finding.code, ""))
            state = "good" if finding.is_ok else "soft" if finding.code in _SOFT else "bad"
            told = self._get_told(finding.data)
            found.append({
                "state": state,
                "title": (good if finding.is_ok else bad) % told,
                "advice": "" if finding.is_ok else advice % told,
            })  # fmt: skip
        return found

    def _get_told(self, data) -> dict[str, Any]:
        """Return everything that words may name, blank where a finding does not say it."""
        told = {**dict.fromkeys(_TOLD, ""), **{name: "" if value is None else value for name, value in data.items()}}
        return {**told, "reason": self._get_reasons().get(told["reason"], told["reason"])}

    def _get_reasons(self) -> dict[str, str]:
        """Return the words for what a call ended in (door)."""
        _ = self.env._
        return {
            "timeout": _("no answer in time"),
            "unreachable": _("no connection"),
            "broken": _("an error of the other side"),
            "throttled": _("too many calls; try later"),
            "redirected": _("it leads elsewhere"),
            "insecure_address": _("it is not https"),
            "address": _("the address cannot be read"),
            "other_system": _("another system answers there"),
            "gone": _("nothing is there"),
            "permission": _("a permission is missing"),
            "token": _("the token is not accepted"),
            "token_missing": _("no token is set"),
            "account_missing": _("no account is set"),
            "account_unknown": _("the vendor does not know it"),
            "proof_missing": _("the app's secret is another"),
            "request": _("it cannot be used"),
        }

    def _get_address_words(self) -> dict[str, tuple[str, str, str]]:
        """Return title when good, title when bad, and advice, of what the way here tells (door)."""
        _ = self.env._
        return {
            "address": (
                _("The address is %(url)s"), _("Senders cannot use the address %(url)s"),
                _("Vendors post to public https addresses only. Set the system parameter web.base.url to yours."),
            ),
            "public": (
                "", _("The address %(url)s is known to this machine only"),
                _("Good for trying things out. For vendors set the system parameter web.base.url "
                  "to your https address."),
            ),
            "reach": (
                _("The public address leads to this database"),
                _("The public address does not lead to this database: %(reason)s %(status)s"),
                _("Look at DNS, certificate and reverse proxy: /pipeline/capture must reach Odoo. "
                  "With several databases, the host name has to choose this one."),
            ),
            "secret": (
                _("A secret is set"), _("No secret is set, so everybody is turned away"), _("Press “New Secret”."),
            ),
            "active": ("", _("The source is archived, so its address does not exist"), _("Unarchive it.")),
            "overlap": (
                "", _("The old secret is still let in"), _("Bring the new one to the sender, then end it above."),
            ),
            "mailbox": (
                _("The e-mail address is set"), _("The e-mail address is not complete"),
                _("Choose a name and a domain. Domains are set under Settings › General Settings › Emails."),
            ),
        }  # fmt: skip

    def _get_work_words(self) -> dict[str, tuple[str, str, str]]:
        """Return title when good, title when bad, and advice, of what becomes of leads here (door)."""
        _ = self.env._
        return {
            "nobody": ("", _("Nobody gets the leads"), _("So says the owner rule. Somebody has to look for them.")),
            "person": (
                _("Leads go to %(person)s"), _("The person who should get the leads is missing or archived"),
                _("Choose somebody else as the fixed person."),
            ),
            "team": (
                _("Members of %(team)s who take turns: %(count)s"), _("Nobody of %(team)s takes turns"),
                _("Add members to the team, or switch their assignment on again."),
            ),
            "no_team": ("", _("No team takes leads"), _("Choose a team, or let a team use leads.")),
            "job": (
                _("The job that makes leads is running"),
                _("The job that makes leads is not keeping up: the oldest capture waits for %(minutes)s minutes"),
                _("See that Odoo runs with --max-cron-threads above 0, and that the job “%(job)s” is active."),
            ),
            "received": (
                _("Received: %(count)s, the last one on %(moment)s"), _("Nothing was received yet"), _("Send a test."),
            ),
            "refused": ("", _("Requests were turned away"), "%(text)s"),
            "trouble": (
                "", _("Rejected or failed captures: %(count)s"),
                _("The intake inbox says why. “Map Questions” may mend them."),
            ),
        }  # fmt: skip

    def _get_vendor_words(self) -> dict[str, tuple[str, str, str]]:
        """Return title when good, title when bad, and advice, of what the vendor tells (door)."""
        _ = self.env._
        return {
            "reachable": (
                _("The vendor answers"), _("The vendor does not answer: %(reason)s"),
                _("Try again later. If it stays so, look at the firewall of this server."),
            ),
            "token": (
                _("The vendor accepts the API token"), _("The vendor does not accept the API token: %(reason)s"),
                _("Make a new token at the vendor, and paste it under “Connect”."),
            ),
            "account": (
                _("The account is %(name)s"), _("The account does not belong to the token: %(account)s %(reason)s"),
                _("Compare the account under “Connect” with the one at the vendor."),
            ),
            "subscription": (
                _("The vendor sends new leads here"), _("The vendor sends nothing here yet"),
                _("Follow the steps under “Connect” at the vendor."),
            ),
            "leads": (
                _("The token may read leads"), _("The token may not read leads: %(reason)s"),
                _("Give the token the permission that the steps under “Connect” name."),
            ),
        }  # fmt: skip
