import hashlib
import json
import secrets
from typing import Any
from uuid import uuid4

from odoo import api, fields, models


class PipelineEventDetail(models.Model):
    """Personal values of an event, in a table of its own so that they can be erased.

    The event's digest covers only the salted hash, so an erased detail leaves the log verifiable.
    """

    _name = "pipeline.event.detail"
    _description = "Personal Detail of an Event"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    salt = fields.Char(required=True, readonly=True)
    values = fields.Json(readonly=True)

    _key_unique = models.UniqueIndex("(key)")

    @api.model
    def _store(self, values: dict[str, Any] | None) -> tuple[str | None, str | None]:
        """Keep personal values beside the log.

        :return: the key under which they stand and their salted SHA-256, or two ``None`` without values
        """
        if not values:
            return None, None
        plain = json.loads(json.dumps(values, default=str))
        detail = self.sudo().create({"key": str(uuid4()), "salt": secrets.token_hex(16), "values": plain})
        return detail.key, detail._get_hash()

    def _get_hash(self) -> str:
        self.ensure_one()
        text = self.salt + json.dumps(self.values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
