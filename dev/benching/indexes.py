"""Show by EXPLAIN that the indexes which our addons add are used at this size."""
from __future__ import annotations

import re

from dev.benching import rows
from dev.postgres import Server

LISTED = "SELECT indexname FROM pg_indexes WHERE tablename = ANY ('{crm_lead,sale_order,mail_activity}') ORDER BY 1"
# for each index the question, worded as Odoo's ORM words it, that it is there for
QUESTIONS = {
    "crm_lead_uuid_unique": "SELECT id FROM crm_lead WHERE uuid = (SELECT uuid FROM crm_lead WHERE id = {some})",
    "crm_lead_email_normalized_btree": """SELECT id FROM crm_lead WHERE won_status = 'pending'
        AND email_normalized = ANY ('{{a@b.example,c@d.example}}')""",
    "crm_lead_board_idx": """SELECT id FROM crm_lead WHERE active IS TRUE AND deleted_at IS NULL
        AND type = 'opportunity' AND stage_id = (SELECT max(id) FROM crm_stage WHERE is_won)
        ORDER BY priority DESC, id DESC LIMIT 20""",
    "crm_lead_page_idx": """SELECT id FROM crm_lead WHERE active IS TRUE AND deleted_at IS NULL AND type = 'lead'
        ORDER BY create_date DESC, id DESC LIMIT 80""",
    "crm_lead_owner_order_idx": """SELECT id FROM crm_lead WHERE active IS TRUE AND deleted_at IS NULL
        AND type = 'lead' AND user_id = {user} ORDER BY priority DESC, id DESC LIMIT 80""",
    "crm_lead_owner_status_idx": """SELECT id FROM crm_lead WHERE user_id = {user} AND lead_status = 'new'
        ORDER BY create_date DESC LIMIT 80""",
    "crm_lead_captured_idx": """SELECT count(*) FROM crm_lead
        WHERE captured_at >= (now() AT TIME ZONE 'UTC')::date - 90 AND deleted_at IS NULL""",
    "crm_lead_deleted_idx": "SELECT id FROM crm_lead WHERE deleted_at IS NOT NULL",
    "crm_lead__capture_channel_index": "SELECT count(*) FROM crm_lead WHERE capture_channel = 'website'",
    "crm_lead__pipeline_source_id_index": "SELECT id FROM crm_lead WHERE pipeline_source_id = 1",
    "crm_lead__referrer_partner_id_index": "SELECT id FROM crm_lead WHERE referrer_partner_id = 1",
    "crm_lead__pipeline_customer_id_index": "SELECT id FROM crm_lead WHERE pipeline_customer_id = 1",
    "mail_activity_uuid_unique": "SELECT id FROM mail_activity WHERE uuid = (SELECT uuid FROM mail_activity LIMIT 1)",
    "mail_activity_record_idx": """SELECT id FROM mail_activity WHERE res_model = 'crm.lead' AND res_id = {some}
        ORDER BY id DESC""",
    "mail_activity_done_idx": """SELECT id FROM mail_activity WHERE res_model = 'crm.lead' AND active IS NOT TRUE
        ORDER BY date_done DESC, id DESC LIMIT 80""",
    "mail_activity_my_day_idx": """SELECT id FROM mail_activity WHERE active IS TRUE AND user_id = {user}
        AND date_deadline <= CURRENT_DATE""",
    "sale_order_uuid_unique": "SELECT id FROM sale_order WHERE uuid = (SELECT uuid FROM sale_order LIMIT 1)",
    "sale_order_accepted_once": """SELECT id FROM sale_order WHERE accepted_opportunity_id =
        (SELECT max(accepted_opportunity_id) FROM sale_order)""",
    "sale_order_deal_state_idx": """SELECT id FROM sale_order WHERE state = 'sale'
        AND opportunity_id = (SELECT max(opportunity_id) FROM sale_order)""",
    "sale_order_open_validity_idx": """SELECT id FROM sale_order WHERE state IN ('draft', 'sent')
        AND validity_date < (SELECT min(validity_date) + 3 FROM sale_order)""",
    "sale_order__superseded_by_id_index": "SELECT id FROM sale_order WHERE superseded_by_id = 1",
}


def measure(server: Server, size: str) -> dict[str, object]:
    """Explain the question of each new index and count those whose plan uses it."""
    ours, stock = rows.our_name(size), rows.stock_name(size)
    new = sorted(set(server.sql(LISTED, ours).split()) - set(server.sql(LISTED, stock).split()))
    values = {
        "some": server.sql("SELECT max(id) / 2 FROM crm_lead", ours),
        "user": server.sql("SELECT id FROM res_users WHERE login = 'seller0'", ours),
    }
    asked = [name for name in new if name in QUESTIONS]
    unused = []
    for name in asked:
        plan = server.sql(f"EXPLAIN (ANALYZE, TIMING OFF) {QUESTIONS[name].format(**values)}", ours)
        used = name in plan
        taken = re.search(r"Execution Time: ([\d.]+) ms", plan)
        print(f"{'used' if used else 'NOT used'}  {name}  {taken.group(1) if taken else '?'} ms", flush=True)
        unused += [] if used else [name]
    for name in sorted(set(new) - set(asked)):
        print(f"not asked  {name}", flush=True)
    return {"bench": "indexes", "new": len(new), "asked": len(asked), "used": len(asked) - len(unused)}
