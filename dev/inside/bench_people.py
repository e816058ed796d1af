"""Make what a generated database is about: users, teams, stages, words, and one row of each kind to copy from."""
import json
import os

values = json.loads(os.environ["SALES_PIPELINE_VALUES"])
quiet = {"no_reset_password": True, "mail_create_nosubscribe": True, "tracking_disable": True}
env = env(context={**env.context, **quiet})

env["res.config.settings"].create({"group_use_lead": True, "group_sale_order_template": True}).execute()
# measured is what people wait for, not which jobs happen to be due
env["ir.cron"].search([]).active = False
env["ir.config_parameter"].sudo().set_param("crm.pls_start_date", values["scored_since"])

roles = ["sales_team.group_sale_salesman", "sales_team.group_sale_salesman_all_leads", "sales_team.group_sale_manager"]
groups = [env.ref(role).id for role in roles]
users = env["res.users"].create([
    {"name": f"Seller {n}", "login": f"seller{n}", "email": f"seller{n}@bench.example", "password": "seller",
     "group_ids": [(4, groups[0 if n % 10 < 7 else 1 if n % 10 < 9 else 2])]} for n in range(values["users"])
])  # fmt: skip
env["crm.team"].create([
    {"name": f"Region {n}", "use_leads": True, "user_id": users[n].id, "crm_team_member_ids": [
        (0, 0, {"user_id": user.id}) for user in users[n::values["teams"]]
    ]} for n in range(values["teams"])
])  # fmt: skip

# stages as a company has made them its own
first = env["crm.stage"].search([("is_won", "=", False)], limit=1)
first.name = "Fresh"
env["crm.stage"].create([
    {"name": "Demo Given", "sequence": 2}, {"name": "Legal", "sequence": 5},
    {"name": "Parked", "sequence": 6, "fold": True},
])  # fmt: skip
env["crm.tag"].create([{"name": f"Interest {n}", "color": n} for n in range(1, 11)])
env["utm.source"].create([{"name": f"Origin {n}"} for n in range(1, 9)])

# the rows that the generator copies, written by Odoo itself
partner = env["res.partner"].create({"name": "Pattern", "email": "pattern@bench.example", "phone": "+1 212-555-0100"})
lead = env["crm.lead"].with_context(tracking_disable=False).create({
    "name": "Pattern", "type": "opportunity", "email_from": "pattern@bench.example", "phone": "+1 212-555-0100",
    "partner_id": partner.id, "country_id": env.ref("base.us").id, "user_id": users[0].id,
})  # fmt: skip
env["mail.activity"].create({
    "res_model_id": env["ir.model"]._get_id("crm.lead"), "res_id": lead.id, "summary": "Call", "user_id": users[0].id,
    "activity_type_id": env.ref("mail.mail_activity_data_call").id,
})  # fmt: skip
env["calendar.event"].create({
    "name": "Pattern", "opportunity_id": lead.id, "user_id": users[0].id,
    "partner_ids": [(6, 0, users[0].partner_id.ids)],
    "start": "2026-01-05 10:00:00", "stop": "2026-01-05 11:00:00",
})  # fmt: skip
product = env["product.product"].create({"name": "Subscription", "type": "service", "list_price": 100})
orders = env["sale.order"].create([
    {"partner_id": partner.id, "opportunity_id": lead.id, "user_id": users[0].id,
     "client_order_ref": f"pattern {state}", "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})]}
    for state in ("draft", "sent", "sale", "cancel")
])  # fmt: skip
orders[1].action_quotation_sent()
orders[2].action_confirm()
orders[3]._action_cancel()
env.cr.commit()
