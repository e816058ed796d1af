"""Leads that somebody sends us from a website or system of their own."""

from .website import WebsiteProvider


class ReferralProvider(WebsiteProvider):
    """Read what a referrer sends, in the language of website forms."""

    channel = "referral"
