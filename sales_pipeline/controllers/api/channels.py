"""Reach the contact of a lead."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply_record
from ...rest.call import current_call

_NOT_CONFIGURED = {501: "No provider is set up; the detail says what to install or configure"}
_MAIL = {"subject": "Your lamps", "body": "Hello Ann,\nshall we talk on Monday?"}
_MEETING = {"start": "2026-03-02T09:30:00Z", "duration_minutes": 30, "subject": "Show the lamps", "location": "Online"}


class ChannelsController(Controller):
    @api.route("/api/leads/<uuid:id>/call", methods=["POST"], operation=Operation(
        "Call the contact", scope="leads:contact", tag="Leads", body="CallStart", answer="Activity", status=202,
        others=_NOT_CONFIGURED, examples={"as who asks": {}},
    ))  # fmt: skip
    def call_lead(self, id: UUID) -> Response:
        """Answer with the activity of the call that was started."""
        channel = request.env["pipeline.api.channel"]
        return self._answer(channel._start_call(channel._find_lead(str(id)), current_call().body), 202)

    @api.route("/api/leads/<uuid:id>/whatsapp", methods=["POST"], operation=Operation(
        "Send the contact a WhatsApp message", scope="leads:contact", tag="Leads", body="WhatsAppSend",
        answer="Activity", status=202, others=_NOT_CONFIGURED, examples={"body": {"text": "Hello Ann"}},
    ))  # fmt: skip
    def message_lead(self, id: UUID) -> Response:
        """Answer with the activity of the message that will be sent."""
        channel = request.env["pipeline.api.channel"]
        return self._answer(channel._send_whatsapp(channel._find_lead(str(id)), current_call().body), 202)

    @api.route("/api/leads/<uuid:id>/email", methods=["POST"], operation=Operation(
        "Send the contact a mail", scope="leads:contact", tag="Leads", body="EmailSend", answer="Activity",
        status=202, others=_NOT_CONFIGURED, examples={"body": _MAIL},
    ))  # fmt: skip
    def mail_lead(self, id: UUID) -> Response:
        """Answer with the activity of the mail; it is completed when the mail is handed to the mail server's queue."""
        channel = request.env["pipeline.api.channel"]
        return self._answer(channel._send_mail(channel._find_lead(str(id)), current_call().body), 202)

    @api.route("/api/leads/<uuid:id>/schedule", methods=["POST"], operation=Operation(
        "Arrange a meeting with the contact", scope="activities:write", tag="Leads", body="MeetingSchedule",
        answer="Activity", status=201, examples={"body": _MEETING},
    ))  # fmt: skip
    def schedule_lead(self, id: UUID) -> Response:
        """Answer with the activity of the meeting, which stands in the calendar too."""
        channel = request.env["pipeline.api.channel"]
        return self._answer(channel._schedule(channel._find_lead(str(id)), current_call().body), 201)

    def _answer(self, uuid: str, status: int) -> Response:
        activities = request.env["pipeline.api.activity"]
        return reply_record(activities, activities._find(uuid), status, location=True)
