"""SQL that gives the orders of an existing database their facts and statuses, set-based, before the ORM would."""

from odoo.sql_db import BaseCursor
from odoo.tools import SQL

from .hooks_sql import add_uuid


def prepare_orders(cr: BaseCursor) -> None:
    """Create the columns of orders and fill them for the orders of deals; other orders get no status.

    Only the latest confirmed order of a deal is its accepted one. Old expiries are known, so that nobody is reminded
    of them.
    """
    add_uuid(cr, "sale_order")
    cr.execute(
        SQL("""
        ALTER TABLE sale_order
            ADD COLUMN IF NOT EXISTS accepted_opportunity_id int4,
            ADD COLUMN IF NOT EXISTS accepted_at timestamp,
            ADD COLUMN IF NOT EXISTS expired_at timestamp,
            ADD COLUMN IF NOT EXISTS sent_at timestamp,
            ADD COLUMN IF NOT EXISTS first_viewed_at timestamp,
            ADD COLUMN IF NOT EXISTS rejected_at timestamp,
            ADD COLUMN IF NOT EXISTS quote_status varchar,
            ADD COLUMN IF NOT EXISTS order_status varchar,
            ADD COLUMN IF NOT EXISTS payment_status varchar,
            ADD COLUMN IF NOT EXISTS is_invoiced bool
    """)
    )
    cr.execute(SQL(_FILL))


_FILL = """
        UPDATE sale_order o SET
            accepted_opportunity_id = CASE WHEN o.id = latest.id THEN o.opportunity_id END,
            accepted_at = CASE WHEN o.state = 'sale' THEN o.date_order END,
            expired_at = CASE
                WHEN o.state IN ('draft', 'sent') AND o.validity_date < (now() AT TIME ZONE 'UTC')::date
                THEN o.validity_date + interval '1 day' END,
            quote_status = CASE
                WHEN o.state = 'sale' THEN 'accepted'
                WHEN o.state IN ('draft', 'sent') AND o.validity_date < (now() AT TIME ZONE 'UTC')::date THEN 'expired'
                WHEN o.state = 'sent' THEN 'sent' ELSE 'draft' END,
            order_status = CASE
                WHEN o.state = 'cancel' THEN 'cancelled'
                WHEN o.state != 'sale' THEN 'pending'
                WHEN lines.wanted > 0 AND lines.open = 0 THEN 'delivered' ELSE 'confirmed' END,
            is_invoiced = COALESCE(bills.is_invoiced, false),
            payment_status = CASE
                WHEN o.invoice_status IN ('invoiced', 'upselling') AND bills.posted > 0 AND bills.unpaid = 0 THEN 'paid'
                WHEN COALESCE(o.amount_total, 0) = 0 THEN CASE WHEN o.state = 'sale' THEN 'paid' ELSE 'pending' END
                WHEN txs.done >= o.amount_total - 0.005 THEN 'paid'
                WHEN txs.last_state IN ('error', 'cancel') THEN 'failed' ELSE 'pending' END
        FROM sale_order s
        LEFT JOIN LATERAL (
            SELECT c.id FROM sale_order c WHERE c.opportunity_id = s.opportunity_id AND c.state = 'sale'
            ORDER BY c.date_order DESC NULLS LAST, c.id DESC LIMIT 1) latest ON true
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE l.product_uom_qty > 0) AS wanted,
                   count(*) FILTER (
                       WHERE l.product_uom_qty > 0 AND COALESCE(l.qty_delivered, 0) < l.product_uom_qty) AS open
            FROM sale_order_line l
            WHERE l.order_id = s.id AND l.display_type IS NULL AND l.is_downpayment IS NOT TRUE) lines ON true
        LEFT JOIN LATERAL (
            SELECT bool_or(m.state != 'cancel') AS is_invoiced,
                   count(*) FILTER (WHERE m.state = 'posted' AND m.payment_state IS DISTINCT FROM 'reversed') AS posted,
                   count(*) FILTER (
                       WHERE m.state = 'posted' AND COALESCE(m.payment_state, '')
                       NOT IN ('paid', 'in_payment', 'reversed')) AS unpaid
            FROM sale_order_line l
            JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
            JOIN account_move_line ml ON ml.id = r.invoice_line_id
            JOIN account_move m ON m.id = ml.move_id AND m.move_type = 'out_invoice'
            WHERE l.order_id = s.id) bills ON true
        LEFT JOIN LATERAL (
            SELECT sum(t.amount) FILTER (WHERE t.state = 'done') AS done,
                   (array_agg(t.state ORDER BY t.id DESC) FILTER (WHERE t.state != 'draft'))[1] AS last_state
            FROM payment_transaction t JOIN sale_order_transaction_rel r ON r.transaction_id = t.id
            WHERE r.sale_order_id = s.id) txs ON true
        WHERE o.id = s.id AND s.opportunity_id IS NOT NULL
"""
