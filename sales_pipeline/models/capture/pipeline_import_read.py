"""Read a list ahead of the job that brings it in, where the server has a core to spare in a process of its own."""

import logging
import sys
from collections.abc import Iterator
from itertools import chain, islice

from odoo import models

from ...tools.ahead import give_way, one_ahead
from ...tools.ahead_process import ProcessLost, in_process
from ...tools.csv_mapping import ColumnPlan, TableMapping
from ...tools.csv_table import CsvTable
from ...tools.list_chunk import Chunk, read_chunks
from ...tools.phone import remember_validity

_logger = logging.getLogger(__name__)
# Below this a process costs more time to start than it saves.
_WORTH_A_PROCESS = 3000
# Reading needs our pure modules and Odoo's newer numbering plans, but not Odoo.
_ADDON = __name__.partition(".models.")[0]
_PHONES = "odoo.addons.phone_validation.lib"
_PACKAGES = ("odoo", "odoo.addons", "odoo.tools", _ADDON, _PHONES.rpartition(".")[0], _PHONES)
_PATCHES = (f"{_PHONES}.phonenumbers_patch",)


class PipelineImport(models.Model):
    _inherit = "pipeline.import"

    def _read_ahead(
        self, table: CsvTable, plans: list[ColumnPlan], mapping: TableMapping, size: int
    ) -> Iterator[Chunk]:
        """Yield the rows that were not brought in yet in chunks; the next one is read while one is worked on."""
        source = self.source_id.sudo()
        arguments = {
            "table": table, "plans": plans, "mapping": mapping, "provider": source._get_provider(), "size": size,
            "country_code": source.default_country_id.code or source.company_id.country_id.code or None,
        }  # fmt: skip
        skipped = self.read_count
        if self.total_count - skipped >= _WORTH_A_PROCESS:
            packages = {name: list(sys.modules[name].__path__) for name in _PACKAGES}
            try:
                with in_process(read_chunks, {**arguments, "skipped": skipped + size}, packages, _PATCHES) as coming:
                    # the process takes a moment to begin, which the first chunk need not wait for
                    for chunk in chain(islice(read_chunks(**arguments, skipped=skipped), 1), coming):
                        remember_validity(chunk.validity)
                        skipped += len(chunk.rows)
                        yield chunk
                return
            except ProcessLost as error:
                _logger.warning("Import %s is read by a thread: the process that read it was lost, %s", self.id, error)
        yield from one_ahead(read_chunks(**arguments, skipped=skipped, rest=give_way))
