"""Touches are found by their lead and in their order; the index of the lead alone is not needed any more."""


def migrate(cr, version):
    """Drop the index that the wider one replaces."""
    cr.execute("DROP INDEX IF EXISTS pipeline_touch__lead_id_index")
