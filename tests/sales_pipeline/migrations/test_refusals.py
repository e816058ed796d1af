"""Counts of refused requests survive the upgrade that counts them by reason."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import odoo.addons.sales_pipeline as addon
from tests.common import PipelineCase

_SCRIPT = Path(addon.__file__).parent / "migrations/19.0.1.1.0/post-refusals.py"


class TestRefusals(PipelineCase):
    def migrate(self):
        spec = spec_from_file_location("post_refusals", _SCRIPT)
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        script.migrate(self.cr, "19.0.1.0.0")

    def test_old_counters_become_rows_once(self):
        counted, quiet = self.env["pipeline.source"].create([{"name": "Counted"}, {"name": "Quiet"}])
        self.env.flush_all()
        self.cr.execute("ALTER TABLE pipeline_source ADD COLUMN refused_count integer")
        self.cr.execute("UPDATE pipeline_source SET refused_count = 7 WHERE id = %s", [counted.id])
        self.migrate()
        self.migrate()
        self.env.invalidate_all()
        self.assertEqual((counted.refused_count, counted.last_refused_reason), (7, "secret"))
        self.assertFalse(quiet.refusal_ids)
        self.cr.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_name = 'pipeline_source'"
            " AND column_name = 'refused_count'"
        )
        self.assertFalse(self.cr.fetchone())
