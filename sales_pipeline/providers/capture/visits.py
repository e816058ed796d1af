"""What the embed script and its forms send beside the answers: the visitor's journey, and a trap for robots."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...tools.attribution import Attribution
from ...tools.journey import read_journey
from .lead import CapturedLead

JOURNEY_FIELD, TRAP_FIELD = "pipeline_journey", "pipeline_website"
#: Nobody's answers.
VISIT_FIELDS = {JOURNEY_FIELD, TRAP_FIELD}


def add_visits(lead: CapturedLead, payload: Mapping[str, Any]) -> CapturedLead:
    """Return the lead with the visits that its payload tells of.

    A campaign that the form names itself wins; the landing page is the one where the visit began, not the form's.
    """
    journey = read_journey(payload.get(JOURNEY_FIELD))
    found, told = lead.attribution, journey.last.attribution if journey.last else Attribution()
    return replace(
        lead,
        journey=journey,
        is_trapped=bool(payload.get(TRAP_FIELD)),
        attribution=replace(
            told.updated_by(found),
            landing_page_url=told.landing_page_url or found.landing_page_url,
            referrer_url=told.referrer_url if journey.last else found.referrer_url,
        ),
    )
