"""Collect what happens to records in a transaction and tell it once, in batches, before the commit."""

import logging
from typing import Any

from odoo import models

_logger = logging.getLogger(__name__)

_PENDING = "sales_pipeline.moments"
_DELIVERING = "sales_pipeline.moments.delivering"
_BORN = "sales_pipeline.moments.born"
_MAX_ROUNDS = 3
_KEPT_CONTEXT = ("lang", "tz", "allowed_company_ids")


class PipelineMomentsMixin(models.AbstractModel):
    """Moments for a spine model.

    Stage and won status of a deal are stored computes, and a create of Odoo writes inside itself, so a hook in
    ``write`` sees neither the whole nor the truth. Here the first old value of each watched field is kept, and before
    the commit the change is told once. A rollback tells nothing.
    """

    _name = "pipeline.moments.mixin"
    _description = "Moments of a Pipeline Record"

    # ---- doors

    def _get_watched_fields(self) -> set[str]:
        """Return the names of the stored fields whose changes are moments."""
        return set()

    def _get_told_fields(self) -> set[str]:
        """Return further stored fields whose changes are told, of records that were there before the transaction."""
        return set()

    def _get_birth_values(self) -> dict[str, Any]:
        """Return values that every record is taken to be born with, so that being born otherwise is a change."""
        return {}

    def _on_created(self) -> None:
        """React once to records created in this transaction."""

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        """React once to changed records.

        :param old: for each id the first old values of the fields that differ now (many2one as id)
        """

    # ---- what the spine calls

    def _note_created(self) -> None:
        """Remember new records and their values as the base for later changes of the same transaction."""
        pending = self._get_pending_moments()
        watched = self._get_watched_fields()
        for record in self:
            pending["created"][record.id] = True
            pending["old"][record.id] = {**record._get_moment_values(watched), **self._get_birth_values()}

    def _note_changing(self, field_names) -> None:
        """Remember the present values of watched fields about to change."""
        watched = self._get_watched_fields().intersection(field_names)
        told = self._get_told_fields().intersection(field_names)
        records = self.filtered("id") if watched or told else self.browse()
        if not records:
            return
        pending, born = self._get_pending_moments(), self._get_born_ids()
        for record in records:
            names = watched if record.id in born else watched | told
            if not names:
                continue
            known = pending["old"].setdefault(record.id, {})
            missing = names - known.keys()
            known.update(record._get_moment_values(missing) if missing else {})

    def _compute_field_value(self, field):
        self._note_changing(f.name for f in self.pool.field_computed[field] if f.store)
        return super()._compute_field_value(field)

    def _forget_changes(self) -> None:
        """Take the present values as the base, so that what happened to these records until now is never told."""
        self.env.flush_all()
        old = self._get_pending_moments()["old"]
        for record in self:
            old[record.id] = record._get_moment_values(self._get_watched_fields())

    # ---- delivery

    def _flush_moments(self) -> None:
        """Deliver what is pending now; for tests and for jobs that read what moments write."""
        self.env.flush_all()
        self._deliver_moments()

    def _deliver_moments(self) -> None:
        cache = self.env.cr.cache
        if _DELIVERING in cache:
            return
        # Whoever opens a savepoint in a moment makes Odoo run and then forget what waits for the commit. So what
        # moments cause is kept beside it until all is told.
        data = self.env.cr.precommit.data
        waiting = cache[_DELIVERING] = {_PENDING: data.pop(_PENDING, None)}
        try:
            for _round in range(_MAX_ROUNDS):
                pending = waiting.pop(_PENDING, None)
                if not pending:
                    return
                for model_name, moments in pending.items():
                    self._deliver_model(model_name, moments)
                self.env.flush_all()
            if waiting.pop(_PENDING, None):
                _logger.error("Moments still cause moments after %s rounds; the last ones were dropped", _MAX_ROUNDS)
        finally:
            del cache[_DELIVERING]

    def _deliver_model(self, model_name: str, moments: dict) -> None:
        # The actor stays the user of the environment; moments keep the books, so they must not fail for want of rights.
        model = self.env(user=moments["uid"], context=moments["context"], su=True)[model_name]
        self.env.cr.cache[_DELIVERING].setdefault(_BORN, {}).setdefault(model_name, {}).update(moments["created"])
        created = model.browse(list(moments["created"])).exists()
        if created:
            created._on_created()
        old = model._get_really_changed(moments["old"])
        if old:
            model.browse(old)._on_changed(old)

    def _get_really_changed(self, old_by_id: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        changed = {}
        for record in self.browse(old_by_id).exists():
            old = old_by_id[record.id]
            now = record._get_moment_values(old)
            different = {name: value for name, value in old.items() if now[name] != value}
            if different:
                changed[record.id] = different
        return changed

    # ---- helpers

    def _get_pending_moments(self) -> dict:
        precommit = self.env.cr.precommit
        waiting = self.env.cr.cache.get(_DELIVERING, precommit.data)
        if waiting is precommit.data and not waiting.get(_PENDING):
            precommit.add(self.env["pipeline.moments.mixin"]._deliver_moments)
        models_pending = waiting.setdefault(_PENDING, {})
        # Plain values only: Odoo's test cases copy what waits for a commit.
        context = {name: self.env.context[name] for name in _KEPT_CONTEXT if name in self.env.context}
        return models_pending.setdefault(
            self._name, {"uid": self.env.uid, "context": context, "created": {}, "old": {}}
        )

    def _get_born_ids(self) -> set[int]:
        """Return the ids of the records of this model that were made in the transaction whose moments are pending."""
        told = self.env.cr.cache.get(_DELIVERING, {}).get(_BORN, {}).get(self._name, {})
        return {*self._get_pending_moments()["created"], *told}

    def _get_moment_values(self, field_names) -> dict[str, Any]:
        self.ensure_one()
        record = self.sudo()
        return {name: _as_plain(record._fields[name].type, record[name]) for name in field_names}


def _as_plain(field_type: str, value: Any) -> Any:
    if field_type == "many2one":
        return value.id
    if field_type in ("one2many", "many2many"):
        return tuple(sorted(value.ids))
    if field_type == "json":
        # What is in the cache may be changed in place.
        return repr(value)
    if field_type == "properties":
        # The field's own value holds the record and follows it, so it could never differ.
        return {name: str(one) for name, one in (value or {}).items()}
    return value
