"""Webhooks whose receivers and clock are the test's."""

from collections import Counter
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.addons.sales_pipeline.models.automation import pipeline_webhook_send, webhook_thread
from odoo.addons.sales_pipeline.providers.pinned import PinnedAnswer
from tests.common import PipelineCase


class WebhookCase(PipelineCase):
    """``act`` says what a receiver does: a function of URL, number of the request there, and moment of the clock."""

    def setUp(self):
        super().setUp()
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.now = datetime.utcnow()
        webhooks = self.env.registry["pipeline.webhook"]
        self.startPatcher(patch.object(webhooks, "_get_now", lambda _self: self.now))
        deliveries = self.env.registry["pipeline.webhook.delivery"]
        self.startPatcher(patch.object(deliveries, "_sleep", lambda _self, seconds: self._pass(seconds)))
        self.startPatcher(patch.object(webhook_thread.pinned, "deliver", self._deliver))
        self.startPatcher(patch.object(pipeline_webhook_send, "_POLL_SECONDS", 0.05))
        # The clock is ours, but a busy machine must not end the job's patience with who failed.
        self.startPatcher(patch.object(pipeline_webhook_send, "_BRAVE_SECONDS", 100))
        self.act = lambda _url, _number, _now: 200
        self.sent = []
        self.counts = Counter()

    def _pass(self, seconds):
        self.now += timedelta(seconds=seconds)

    def _deliver(self, url, body, headers, allowed=None):
        self.counts[url] += 1
        self.sent.append((self.now, url, headers, body))
        act = self.act(url, self.counts[url], self.now)
        if isinstance(act, PinnedAnswer):
            return act
        return PinnedAnswer(error=act) if isinstance(act, str) else PinnedAnswer(status=act)

    def make_webhook(self, name="receiver", **values):
        return self.env["pipeline.webhook"].create({
            "name": name, "url": f"https://{name}.example/", "user_id": self.env.ref("base.user_admin").id, **values,
        })  # fmt: skip

    def tell(self):
        """Tell the moments that are pending."""
        self.env["pipeline.moments.mixin"]._flush_moments()

    def messages(self, webhook, **wanted):
        domain = [("webhook_id", "=", webhook.id), *((name, "=", value) for name, value in wanted.items())]
        return self.env["pipeline.webhook.delivery"].search(domain, order="id")

    def send(self):
        self.env["pipeline.webhook.delivery"]._cron_send()
