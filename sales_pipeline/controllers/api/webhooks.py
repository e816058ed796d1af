"""Addresses of the API: webhooks, their messages and what to do with them."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply, reply_page, reply_record
from ...rest.call import current_call
from ...rest.problems import not_found
from ...tools.text import storable

_READ, _WRITE, _TAG = "webhooks:read", "webhooks:write", "Webhooks"


def _find(id_: UUID, for_write: bool = False):
    """Return the resource and the webhook of an id; who may only read is told 404, 403 by the write itself."""
    webhooks = request.env["pipeline.api.webhook"]
    webhook = webhooks._find(str(id_), for_write=for_write)
    if for_write:
        webhook.check_access("write")
    return webhooks, webhook


def _find_delivery(id_: UUID, message_id: str, for_write: bool = False):
    _webhooks, webhook = _find(id_, for_write)
    messages = request.env["pipeline.webhook.delivery"]
    # An address may contain what no database can hold.
    domain = [("webhook_id", "=", webhook.id), ("message_id", "=", storable(message_id))]
    found = messages.search(domain, limit=1)
    if not found:
        raise not_found()
    return request.env["pipeline.api.webhook.delivery"], found

_EXAMPLE = {"webhook": {"name": "Accounting", "url": "https://hooks.example.com/odoo", "events": ["quote.accepted"]}}

class WebhooksController(Controller):
    @api.route("/api/webhooks", methods=["GET"], operation=Operation(
        "List webhooks", scope=_READ, tag=_TAG, answer="List[Webhook]", query="WebhookQuery",
    ))  # fmt: skip
    def list_webhooks(self) -> Response:
        """Answer with the webhooks that act for the acting user; administrators see all of the company."""
        webhooks = request.env["pipeline.api.webhook"]
        return reply_page(webhooks, webhooks._list(current_call().query))

    @api.route("/api/webhooks", methods=["POST"], operation=Operation(
        "Create a webhook", scope=_WRITE, tag=_TAG, answer="WebhookSecret", body="WebhookCreate",
        examples=_EXAMPLE, status=201,
        description="The secret is shown by this answer only.",
    ))  # fmt: skip
    def create_webhook(self) -> Response:
        """Make a webhook that sees what the acting user sees."""
        call, webhooks = current_call(), request.env["pipeline.api.webhook"]
        model = request.env["pipeline.webhook"]
        values = webhooks._prepare_values(call.body)
        webhook = model.create({**values, "user_id": request.env.uid, "client_key": call.caller.key})
        shown = webhooks._represent_secret(webhook, webhook.sudo().secret)
        return reply(shown, 201, headers={"Location": f"/api/webhooks/{webhook.uuid}"})

    @api.route("/api/webhooks/<uuid:id>", methods=["GET"], operation=Operation(
        "Read a webhook", scope=_READ, tag=_TAG, answer="Webhook", is_conditional=True,
    ))  # fmt: skip
    def read_webhook(self, id: UUID) -> Response:
        """Answer with one webhook, without its secret."""
        return reply_record(*_find(id))

    @api.route("/api/webhooks/<uuid:id>", methods=["PUT"], operation=Operation(
        "Replace a webhook", scope=_WRITE, tag=_TAG, answer="Webhook", body="WebhookReplace",
        examples=_EXAMPLE, is_conditional=True,
    ))  # fmt: skip
    def replace_webhook(self, id: UUID) -> Response:
        """Write all that may be written."""
        return self._write(id, "replace")

    @api.route("/api/webhooks/<uuid:id>", methods=["PATCH"], operation=Operation(
        "Change a webhook", scope=_WRITE, tag=_TAG, answer="Webhook", body="WebhookPatch",
        examples={"events": {"events": ["lead.created", "quote.*"]}}, is_conditional=True,
    ))  # fmt: skip
    def patch_webhook(self, id: UUID) -> Response:
        """Write what is sent."""
        return self._write(id, "patch")

    def _write(self, id: UUID, mode: str) -> Response:
        webhooks, webhook = _find(id, for_write=True)
        webhooks._check_match(webhook)
        webhooks._check_read_only(webhook)
        values = webhooks._prepare_values(current_call().body, webhook, mode)
        # Odoo notes a new time of change also for an empty write.
        if changes := webhooks._keep_changes(webhook, values):
            webhook.write(changes)
        return reply_record(webhooks, webhook)

    @api.route("/api/webhooks/<uuid:id>", methods=["DELETE"], operation=Operation(
        "Delete a webhook", scope=_WRITE, tag=_TAG, status=204, is_conditional=True,
    ))  # fmt: skip
    def delete_webhook(self, id: UUID) -> Response:
        """Remove a webhook with its messages."""
        webhooks, webhook = _find(id, for_write=True)
        webhooks._check_match(webhook)
        webhook.unlink()
        return reply(None, 204)

    # ---- acts

    @api.route("/api/webhooks/<uuid:id>/rotate-secret", methods=["POST"], operation=Operation(
        "Make a new secret", scope=_WRITE, tag=_TAG, answer="WebhookSecret",
        description="For a day messages carry a signature of the old and one of the new secret.",
    ))  # fmt: skip
    def rotate_secret(self, id: UUID) -> Response:
        """Answer with the new secret."""
        webhooks, webhook = _find(id, for_write=True)
        return reply(webhooks._represent_secret(webhook, webhook._rotate_secret()))

    @api.route("/api/webhooks/<uuid:id>/resume", methods=["POST"], operation=Operation(
        "Send again", scope=_WRITE, tag=_TAG, answer="Webhook",
    ))  # fmt: skip
    def resume_webhook(self, id: UUID) -> Response:
        """Bring a paused webhook back; what was held is sent first."""
        webhooks, webhook = _find(id, for_write=True)
        webhook._resume()
        return reply_record(webhooks, webhook)

    @api.route("/api/webhooks/<uuid:id>/test", methods=["POST"], operation=Operation(
        "Send a test", scope=_WRITE, tag=_TAG, answer="WebhookDelivery", status=202,
    ))  # fmt: skip
    def test_webhook(self, id: UUID) -> Response:
        """Put a message that means nothing into the lane."""
        _webhooks, webhook = _find(id, for_write=True)
        return reply(request.env["pipeline.api.webhook.delivery"]._represent(webhook._send_test())[0], 202)

    @api.route("/api/webhooks/<uuid:id>/redeliver", methods=["POST"], operation=Operation(
        "Send a range again", scope=_WRITE, tag=_TAG, answer="WebhookCount", body="WebhookRedeliver", status=202,
        examples={"range": {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z", "states": ["failed"]}},
    ))  # fmt: skip
    def redeliver_range(self, id: UUID) -> Response:
        """Send the messages of a span of time again, under the same ids."""
        _webhooks, webhook = _find(id, for_write=True)
        body = current_call().body
        messages = request.env["pipeline.webhook.delivery"].sudo()
        return reply({"count": messages._redeliver_range(webhook, body.start, body.end, body.states)}, 202)

    # ---- messages

    @api.route("/api/webhooks/<uuid:id>/deliveries", methods=["GET"], operation=Operation(
        "List messages", scope=_READ, tag=_TAG, answer="List[WebhookDelivery]", query="WebhookDeliveryQuery",
    ))  # fmt: skip
    def list_deliveries(self, id: UUID) -> Response:
        """Answer with what was told to a webhook in the last 30 days."""
        _webhooks, webhook = _find(id)
        messages = request.env["pipeline.api.webhook.delivery"].with_context(api_webhook_id=webhook.id)
        return reply_page(messages, messages._list(current_call().query))

    @api.route("/api/webhooks/<uuid:id>/deliveries/<string:message_id>", methods=["GET"], operation=Operation(
        "Read a message", scope=_READ, tag=_TAG, answer="WebhookDelivery",
    ))  # fmt: skip
    def read_delivery(self, id: UUID, message_id: str) -> Response:
        """Answer with a message, its attempts and what was answered."""
        return reply_record(*_find_delivery(id, message_id))

    @api.route("/api/webhooks/<uuid:id>/deliveries/<string:message_id>/redeliver", methods=["POST"],
        operation=Operation(
        "Send a message again", scope=_WRITE, tag=_TAG, answer="WebhookDelivery", status=202,
    ))  # fmt: skip
    def redeliver(self, id: UUID, message_id: str) -> Response:
        """Send one message again, under the same id."""
        messages, message = _find_delivery(id, message_id, for_write=True)
        message.sudo()._redeliver()
        return reply(messages._represent(message)[0], 202)
