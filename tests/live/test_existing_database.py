"""An existing database: nobody loses sight of a lead by the installation, and the removal leaves nothing behind."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from dev import odoo_config
from dev.common import STATE
from tests.live.clients import log_lines_of_trouble, measure, show

HERE = Path(__file__).parent
ADDON = "sales_pipeline"
SCHEMA = """
    SELECT 'relation ' || relkind::text || ' ' || relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
     WHERE nspname = 'public' AND relkind IN ('r', 'p', 'v', 'm', 'S', 'i', 'I')
    UNION ALL SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public'
    UNION ALL SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname FROM pg_constraint
        JOIN pg_namespace n ON n.oid = connamespace WHERE nspname = 'public'
    UNION ALL SELECT 'function ' || proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
        WHERE nspname = 'public'
    UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
"""
RECORDS = """
    SELECT 'data ' || model || ' ' || module || '.' || name FROM ir_model_data
    UNION ALL SELECT 'model ' || model FROM ir_model
    UNION ALL SELECT 'field ' || model || '.' || name FROM ir_model_fields
    UNION ALL SELECT 'value ' || f.model || '.' || f.name || ' ' || s.value FROM ir_model_fields_selection s
        JOIN ir_model_fields f ON f.id = s.field_id
    UNION ALL SELECT 'constraint ' || name FROM ir_model_constraint
    UNION ALL SELECT 'relation ' || name FROM ir_model_relation
    UNION ALL SELECT 'job ' || cron_name FROM ir_cron
    UNION ALL SELECT 'group ' || (name->>'en_US') FROM res_groups
    UNION ALL SELECT 'privilege ' || (name->>'en_US') FROM res_groups_privilege
    UNION ALL SELECT 'menu ' || (name->>'en_US') FROM ir_ui_menu
    UNION ALL SELECT 'view ' || name || ' ' || coalesce(model, '') FROM ir_ui_view
    UNION ALL SELECT 'action ' || type || ' ' || (name->>'en_US') FROM ir_actions
    UNION ALL SELECT 'rule ' || name FROM ir_rule
    UNION ALL SELECT 'access ' || name FROM ir_model_access
    UNION ALL SELECT 'sequence ' || name FROM ir_sequence
    UNION ALL SELECT 'template ' || (name->>'en_US') FROM mail_template
    UNION ALL SELECT 'subtype ' || (name->>'en_US') FROM mail_message_subtype
    UNION ALL SELECT 'activity type ' || (name->>'en_US') FROM mail_activity_type
    -- leads are switched on by Odoo's own settings page, which writes all it shows
    UNION ALL SELECT 'parameter ' || key FROM ir_config_parameter
        WHERE key NOT IN ('crm.iap.lead.enrich.setting', 'product.volume_in_cubic_feet', 'product.weight_in_lbs')
    UNION ALL SELECT 'default ' || f.model || '.' || f.name FROM ir_default d
        JOIN ir_model_fields f ON f.id = d.field_id
    UNION ALL SELECT 'attachment ' || res_model || ' ' || name FROM ir_attachment WHERE res_model LIKE 'pipeline%'
    UNION ALL SELECT 'message ' || model FROM mail_message WHERE model LIKE 'pipeline%'
    UNION ALL SELECT 'follower ' || res_model FROM mail_followers WHERE res_model LIKE 'pipeline%'
    UNION ALL SELECT 'activity ' || res_model FROM mail_activity WHERE res_model LIKE 'pipeline%'
"""


def run_scripts(server, *names, **values):
    """Run scripts of this folder one after the other in Odoo's shell and return the answer of the last."""
    code = "\n".join((HERE / "scripts" / name).read_text(encoding="utf-8") for name in names)
    known = f"import json\nvalues = json.loads({json.dumps(values)!r})\n"
    return json.loads(server.shell(f"{known}{code}\nprint('answer', json.dumps(answer))").rpartition("answer ")[2])


def install(server, *addons):
    """Install addons as an administrator does on the command line, and return the log."""
    log = STATE / "log/live-installation.log"
    log.unlink(missing_ok=True)
    line = odoo_config.odoo_command(
        server.odoo, "-c", odoo_config.conf_path("test"), "-d", server.database, "-i", ",".join(addons),
        "--stop-after-init", "--no-http", "--max-cron-threads=0", "--logfile", log, "--log-level=info",
    )  # fmt: skip
    environment = odoo_config.odoo_environment(server._postgres, "test")
    done = subprocess.run(line, env=environment, cwd=STATE, capture_output=True, text=True, check=False)
    told = log.read_text(encoding="utf-8")
    assert done.returncode == 0, told[-3000:] + done.stderr
    return told


def photograph(server):
    """Return everything of the existing records that the installation must leave as it is."""
    return {
        "leads": server.sql(
            """SELECT id, name, type, active, stage_id, won_status, probability, user_id, team_id, priority,
                      date_closed, date_conversion, write_date FROM crm_lead ORDER BY id"""
        ),
        "orders": server.sql(
            """SELECT id, name, state, amount_total, opportunity_id, invoice_status, validity_date, write_date
                 FROM sale_order ORDER BY id"""
        ),
        "stages": server.sql("SELECT id, name, sequence, is_won, fold FROM crm_stage ORDER BY id"),
        "teams": server.sql("SELECT id, name, active FROM crm_team ORDER BY id"),
        "messages": server.sql("SELECT count(*) FROM mail_message WHERE model IN ('crm.lead', 'sale.order')"),
        "activities": server.sql("SELECT id, res_id, active, date_deadline FROM mail_activity ORDER BY id"),
    }


def list_names(server, query):
    """Return names with how often each is there."""
    return Counter(row[0] for row in server.sql(query))


def check_unique_ids(server):
    """Assert that every row has a public id of its own."""
    for table in ("crm_lead", "sale_order", "mail_activity", "res_users"):
        total, given = server.sql(f"SELECT count(*), count(DISTINCT uuid) FROM {table}")[0]
        assert total == given > 0, table


def check_statuses(server):
    """Assert that the statuses of leads follow from what Odoo knew of them."""
    rows = server.sql(
        """SELECT DISTINCT type, won_status, date_conversion IS NOT NULL, lead_status
             FROM crm_lead WHERE lead_status IS NOT NULL"""
    )
    assert {row for row in rows if not row[2]} == {
        ("lead", "pending", False, "new"),
        ("lead", "lost", False, "disqualified"),
    }
    assert {row[3] for row in rows if row[2]} <= {"converted"}
    assert not server.sql("SELECT 1 FROM crm_lead WHERE type = 'lead' AND lead_status IS NULL")


def check_stages(server):
    """Assert the rule: won is won, the first discovery, the earlier half proposals, the later half negotiations."""
    rows = server.sql("SELECT deal_stage FROM crm_stage WHERE is_won IS NOT TRUE ORDER BY sequence, id")
    codes = [row[0] for row in rows]
    later = len(codes) - 1
    earlier = (later + 1) // 2
    assert later >= 4
    assert codes == ["discovery", *["proposal_sent"] * earlier, *["negotiation"] * (later - earlier)]
    assert server.sql("SELECT DISTINCT deal_stage FROM crm_stage WHERE is_won") == [("won",)]


def check_orders(server):
    """Assert that each deal with confirmed orders has the latest of them as its accepted one."""
    expected = server.sql(
        """SELECT DISTINCT ON (opportunity_id) opportunity_id, id FROM sale_order
            WHERE state = 'sale' AND opportunity_id IS NOT NULL ORDER BY opportunity_id, date_order DESC, id DESC"""
    )
    accepted = server.sql(
        """SELECT accepted_opportunity_id, id FROM sale_order
            WHERE accepted_opportunity_id IS NOT NULL ORDER BY accepted_opportunity_id"""
    )
    assert accepted == expected
    doubled = server.sql(
        """SELECT count(*) FROM sale_order
            WHERE state = 'sale' AND opportunity_id IS NOT NULL AND accepted_opportunity_id IS NULL"""
    )[0][0]
    assert doubled > 0, "no deal had two confirmed orders"
    assert not server.sql(
        """SELECT 1 FROM sale_order
            WHERE opportunity_id IS NULL AND (quote_status IS NOT NULL OR order_status IS NOT NULL)"""
    )
    statuses = dict(
        server.sql("SELECT state, max(quote_status) FROM sale_order WHERE opportunity_id IS NOT NULL GROUP BY state")
    )
    assert statuses["sale"] == "accepted"


def assert_no_trace_of_coming_and_going(server, leads):
    """Fill a database, install, compare, remove, compare, and go on working with Odoo's own code."""
    seen = run_scripts(server, "fill_stock.py", "see.py", leads=leads)
    assert seen["clerk@stock.example"] == "nothing"
    assert 0 < len(seen["user0@stock.example"]) < len(seen["user1@stock.example"]) >= leads * 0.9
    server.sql("ANALYZE")
    schema, records, picture = list_names(server, SCHEMA), list_names(server, RECORDS), photograph(server)
    seconds, log = measure(lambda: install(server, ADDON))
    show(f"installed on {len(picture['leads'])} leads and {len(picture['orders'])} orders in {seconds:.1f} s")
    assert not log_lines_of_trouble(log)
    assert photograph(server) == picture
    check_unique_ids(server)
    check_statuses(server)
    check_stages(server)
    check_orders(server)
    seconds, answer = measure(lambda: run_scripts(server, "see.py", "use_and_leave.py", addon=ADDON))
    show(f"used and removed in {seconds:.1f} s")
    assert answer["seen"] == seen
    assert answer["customers"] == 1
    compare("left behind", list_names(server, SCHEMA) - schema, list_names(server, RECORDS) - records)
    compare("taken along", schema - list_names(server, SCHEMA), records - list_names(server, RECORDS))
    answer = run_scripts(server, "see.py", "work_without_us.py", known=picture["leads"][-1][0])
    assert answer == {"seen": seen, "type": "opportunity", "won_status": "won"}


def compare(what, *differences):
    """Assert that nothing differs."""
    names = [name for difference in differences for name in sorted(difference)]
    assert not names, f"{len(names)} {what}:\n" + "\n".join(names)


def test_two_thousand_leads(stock_server):
    assert_no_trace_of_coming_and_going(stock_server, 2000)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_thousand_leads(stock_server):
    assert_no_trace_of_coming_and_going(stock_server, int(os.environ.get("SALES_PIPELINE_LEADS") or 100_000))
