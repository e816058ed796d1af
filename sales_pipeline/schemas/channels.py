"""Reach the contact of a lead: mail, meeting, and what other addons bring."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from markupsafe import Markup
from odoo import models
from odoo.tools import email_normalize, plaintext2html
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from ..models.engagement.api_mail import LeadMail, Meeting
from ..models.locks import key_lock
from ..rest.problems import ApiProblem, invalid
from ..tools.text import literal
from .common import Moment, Name, Notes, Schema, Uuid, Whole

_DEFAULT_MINUTES = 60
_MAX_SUBJECT = 255
_MAX_MINUTES = 31 * 24 * 60
_MAIL_PROBLEMS = {
    "no-address": ("/to", "The lead has no e-mail address: send one in to, or give the lead one."),
    "blacklisted": ("/to", "This address asked for no more mail. Take it off the blacklist in Odoo if that changed."),
}


def _check_email(value: str) -> str:
    if not email_normalize(value):
        raise ValueError("Write one e-mail address, for instance ann@example.com")
    return value


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_check_email)]
Filled = Annotated[Notes, StringConstraints(min_length=1)]


class EmailSend(Schema):
    """What is written, or the name of one of Odoo's templates for leads; what is sent beside it takes its place."""

    subject: Name | None = Field(None, description="required without template")
    body: Filled | None = Field(None, description="required without template")
    format: Literal["text", "html"] = Field("text", description="of body")
    template: Name | None = Field(None, description="name of a mail template for leads, in any case")
    to: Email | None = None
    cc: Annotated[list[Email], Field(max_length=20)] = []


class MeetingSchedule(Schema):
    start: Moment
    end: Moment | None = None
    duration_minutes: Annotated[Whole, Field(ge=1, le=_MAX_MINUTES)] | None = None
    subject: Name
    location: Annotated[str, StringConstraints(max_length=255)] | None = None
    description: Notes | None = None
    attendees: Annotated[list[Email], Field(max_length=50)] = []

    @model_validator(mode="after")
    def _check_span(self):
        if self.end is not None and self.duration_minutes is not None:
            raise ValueError("Send end or duration_minutes, not both")
        return self


class CallStart(Schema):
    number: Annotated[str, StringConstraints(min_length=3, max_length=64)] | None = None
    user_id: Uuid | None = None


class WhatsAppSend(Schema):
    text: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None
    template: Name | None = None
    variables: Annotated[dict[str, Name], Field(max_length=50)] = {}

    @model_validator(mode="after")
    def _check_content(self):
        if (self.text is None) == (self.template is None):
            raise ValueError("Send text or template")
        return self


class PipelineApiChannel(models.AbstractModel):
    """How the contact of a lead is reached; an addon that brings a provider overrides the door of its channel."""

    _name = "pipeline.api.channel"
    _inherit = "pipeline.api.resource"
    _description = "Channels of the API"

    _api_model = "crm.lead"
    _api_path = "/api/leads"
    _api_schemas: ClassVar = {
        "EmailSend": EmailSend, "MeetingSchedule": MeetingSchedule, "CallStart": CallStart,
        "WhatsAppSend": WhatsAppSend,
    }  # fmt: skip

    # ---- doors

    def _start_call(self, lead, body: CallStart) -> str:
        """Start a call to the contact and return the public id of its activity (``mail.activity._plan_by_api``).

        :raise ApiProblem: 501 until an addon can
        """
        raise _not_configured("Calls need a telephone provider: install sales_pipeline_voip and configure it.")

    def _send_whatsapp(self, lead, body: WhatsAppSend) -> str:
        """Send a message to the contact and return the public id of its activity (``mail.activity._plan_by_api``).

        :raise ApiProblem: 501 until an addon can
        """
        raise _not_configured("Messages need a WhatsApp account: install sales_pipeline_whatsapp and configure it.")

    # ---- use cases

    def _send_mail(self, lead, body: EmailSend) -> str:
        """Plan a mail that goes out after the commit, and return the public id of its activity.

        :raise ApiProblem: 422, 501
        """
        mail = self._write_mail(lead, body)
        problem = lead._get_mail_problem(mail)
        if problem == "no-server":
            raise _not_configured("There is no outgoing mail server: an administrator sets one up in Odoo's settings.")
        if problem:
            pointer, detail = _MAIL_PROBLEMS[problem]
            raise invalid(pointer, problem, detail)
        return lead._plan_mail(mail)

    def _write_mail(self, lead, body: EmailSend) -> LeadMail:
        """Return the mail in the words that were sent, and in those of the template for the rest.

        :raise ApiProblem: 422
        """
        subject, html, files = body.subject, None, ()
        if body.body:
            html = Markup(body.body) if body.format == "html" else plaintext2html(body.body)
        if body.template:
            template = self._find_template(body.template)
            told_subject, told_html = lead._render_template(template)
            subject, html, files = subject or told_subject, html or told_html, tuple(template.attachment_ids.ids)
        for name, value in (("subject", subject), ("body", html)):
            if not value:
                detail = f"{name} is required where no template brings one."
                raise invalid(f"/{name}", "required", detail)
        return LeadMail(subject[:_MAX_SUBJECT], html, body.to, tuple(body.cc), files)

    def _find_template(self, name: str) -> Any:
        found = self.env["mail.template"].search([("model", "=", "crm.lead"), ("name", "=ilike", literal(name))])
        if len(found) == 1:
            return found
        detail = f"There is no mail template {name} for leads." if not found else (
            f"Several mail templates for leads are called {name}: give one another name in Odoo."
        )  # fmt: skip
        raise invalid("/template", "unknown", detail)

    def _schedule(self, lead, body: MeetingSchedule) -> str:
        """Put a meeting into the calendar and return the public id of its activity.

        :raise ApiProblem: 422
        """
        stop = body.end or body.start + timedelta(minutes=body.duration_minutes or _DEFAULT_MINUTES)
        if stop <= body.start:
            raise invalid("/end", "invalid", "A meeting ends after its start.")
        if stop - body.start > timedelta(minutes=_MAX_MINUTES):
            raise invalid("/end", "invalid", "A meeting lasts 31 days at most.")
        return lead._plan_meeting(Meeting(
            body.start, stop, body.subject, body.location, body.description, tuple(body.attendees)
        ))  # fmt: skip

    def _find_lead(self, id_: str) -> Any:
        """Return the lead to reach, after waiting for who else writes it; it must be one that may be written.

        :raise ApiProblem: 404
        """
        key_lock(self.env, f"record:{id_}")
        lead = self.env["pipeline.api.activity"]._find_anchor("lead", id_)
        lead.check_access("write")
        return lead


def _not_configured(detail: str) -> ApiProblem:
    return ApiProblem(501, "not-configured", detail)
