"""Why a conversion was not counted, in words that say what to do."""

from odoo import api, models


class PipelineConversion(models.Model):
    _inherit = "pipeline.conversion"

    @api.model
    def _get_reasons(self) -> dict[str, str]:
        """Return the sentence for each reason code (door)."""
        return {**self._get_own_reasons(), **self._get_setup_reasons(), **self._get_row_reasons()}

    def _get_own_reasons(self) -> dict[str, str]:
        return {
            "turned_off": self.env._("Reporting to this platform was turned off. Turn it on again, then send again."),
            "deleted": self.env._("The lead was deleted, so nothing is reported of it."),
            "no_consent": self.env._("The person does not agree to be reported: nothing was sent."),
            "unknown_consent": self.env._(
                "Nobody knows whether the person agrees. Note the consent on the lead, or let the platform hear of "
                "people without it, then send again."
            ),
            "already": self.env._("The platform had it already from an attempt whose answer was lost: it counts once."),
        }

    def _get_setup_reasons(self) -> dict[str, str]:
        later = self.env._("It is tried again by itself.")
        mend = self.env._(
            "Mend this on the platform's page here; it is tried again by itself for some hours, then send again."
        )
        words = {
            "token": self.env._("The platform does not accept the credentials: they expired or were taken back."),
            "token_missing": self.env._("The credentials are not filled in."),
            "developer_token": self.env._("Google does not accept the developer token."),
            "permission": self.env._("Whoever gave the credentials may not report to this account."),
            "account": self.env._("The platform does not know the account number."),
            "action": self.env._(
                "The platform does not know what a qualified lead or a won deal is called there, or it is of a kind "
                "that cannot be reported to."
            ),
            "terms": self.env._("Accept the customer data terms and turn on enhanced conversions in Google Ads."),
            "road_closed": self.env._(
                "Since June 2026 Google takes conversions of this developer token by the Data Manager API only: set "
                "up Google Ads (Data Manager API) instead."
            ),
            "address": self.env._("The other address cannot be used."),
            "insecure_address": self.env._("The other address must begin with https."),
            "redirected": self.env._("The address leads elsewhere, where credentials are not sent."),
            "request": self.env._("The credentials hold characters that cannot be sent: copy them again."),
            "gone": self.env._("The platform does not know this version of its interface: enter another one."),
        }
        waits = {
            "timeout": self.env._("The platform did not answer in time."),
            "unreachable": self.env._("The platform could not be reached."),
            "broken": self.env._("Something is broken at the platform."),
            "busy": self.env._("The platform is busy."),
            "throttled": self.env._("The platform asks us to wait: too many requests."),
            "unreadable": self.env._("The platform's answer could not be read."),
            "too_early": self.env._("The click or the conversion action is too new to be known there."),
        }
        return {
            **{code: f"{word} {mend}" for code, word in words.items()},
            **{code: f"{word} {later}" for code, word in waits.items()},
        }

    def _get_row_reasons(self) -> dict[str, str]:
        return {
            "no_click": self.env._("The lead has no click of this platform any more."),
            "too_old": self.env._("It is too long ago: the platform takes only what is recent."),
            "before_click": self.env._("The platform says that the click came later. Check the server's clock."),
            "unknown_click": self.env._(
                "The platform does not know the click. It may be of another account, or was changed."
            ),
            "wrong_account": self.env._("The click belongs to another ad account: enter the account that owns it."),
            "not_tracked": self.env._("When the click happened, conversions were not tracked in the ad account."),
            "too_large": self.env._("The platform's answer was too large to be read."),
            "refused": self.env._("The platform did not accept it; its own code stands beside this."),
        }
