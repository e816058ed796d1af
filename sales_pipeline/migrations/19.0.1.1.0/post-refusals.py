"""Refused requests are counted by reason in a table of their own; the old counters had one reason only."""


def migrate(cr, version):
    cr.execute("SELECT 1 FROM information_schema.columns"
               " WHERE table_name = 'pipeline_source' AND column_name = 'refused_count'")  # fmt: skip
    if not cr.fetchone():
        return
    cr.execute(
        """
        INSERT INTO pipeline_source_refusal (source_id, reason, refused_count, first_at, last_at)
             SELECT id, 'secret', refused_count, write_date, write_date FROM pipeline_source WHERE refused_count > 0
        ON CONFLICT (source_id, reason) DO NOTHING
        """
    )
    cr.execute("ALTER TABLE pipeline_source DROP COLUMN refused_count")
