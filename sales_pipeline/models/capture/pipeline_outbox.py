"""Conversions on their way to the ad platforms: one call a platform carries all that wait for it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any

from odoo import fields, models

from ...providers.conversion.base import Conversion, ConversionProvider, to_error
from ...providers.http import VendorHttp


@dataclass(frozen=True)
class ConversionContact:
    """One conversion with the provider that tells it."""

    target_id: int
    provider: ConversionProvider
    conversion: Conversion
    is_repeatable = True  # both order ids and event ids are recognised

    def __call__(self) -> dict[str, Any]:
        (found,) = deliver([self])
        if isinstance(found, Exception):
            raise found
        return found


def deliver(contacts: Sequence[ConversionContact]) -> list[dict[str, Any] | Exception]:
    """Tell one platform several conversions; an error stands for what is to be tried again."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    with VendorHttp() as http:
        outcomes = contacts[0].provider.send([contact.conversion for contact in contacts], http, now)
    return [to_error(outcome) if outcome.state == "later" else asdict(outcome) for outcome in outcomes]


class PipelineOutbox(models.Model):
    _inherit = "pipeline.outbox"

    kind = fields.Selection(
        selection_add=[("conversion", "Conversion for an Ad Platform")], ondelete={"conversion": "cascade"}
    )

    def _perform(self) -> None:
        if self.kind != "conversion":
            super()._perform()
        # Only a row that was erased meanwhile comes here.

    def _get_contact(self):
        if self.kind != "conversion":
            return super()._get_contact()
        row = self.env["pipeline.conversion"].sudo().browse(self.res_id).exists()
        if not row:
            return None
        provider = row.target_id._get_provider()
        return ConversionContact(row.target_id.id, provider, row._prepare_message(provider))

    def _get_calls(self, contacts):
        ours = {row_id: contact for row_id, contact in contacts.items() if isinstance(contact, ConversionContact)}
        by_target = defaultdict(list)
        for row_id, contact in ours.items():
            by_target[contact.target_id].append(row_id)
        calls = super()._get_calls({row_id: contact for row_id, contact in contacts.items() if row_id not in ours})
        return calls + [(ids, partial(deliver, [ours[row_id] for row_id in ids])) for ids in by_target.values()]

    def _on_settled(self, outcome) -> None:
        super()._on_settled(outcome)
        if self.kind == "conversion":
            self.env["pipeline.conversion"].sudo().browse(self.res_id).exists()._note_outcome(outcome)
