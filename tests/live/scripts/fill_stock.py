# Fill a database that knows only Odoo's own addons as years of use would.
# pylint: disable=undefined-variable
# ruff: noqa: F821
import random

random.seed(19)
quiet = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "no_reset_password": True,
}
env = env(context={**env.context, **quiet})
roles = ["sales_team.group_sale_salesman", "sales_team.group_sale_salesman_all_leads", "sales_team.group_sale_manager"]
users = env["res.users"].create([
    {"name": f"Stock {n}", "login": f"user{n}@stock.example", "email": f"user{n}@stock.example", "group_ids": [
        (4, env.ref(roles[n % 3]).id), *([(4, env.ref("crm.group_use_lead").id)] if n > 3 else []),
    ]} for n in range(6)
])  # fmt: skip
env["res.users"].create(
    {"name": "Clerk", "login": "clerk@stock.example", "group_ids": [(4, env.ref("base.group_user").id)]}
)
teams = env["crm.team"].create([
    {"name": f"Region {n}", "user_id": users[n].id, "crm_team_member_ids": [(0, 0, {"user_id": user.id})]}
    for n, user in enumerate(users[3:])
])  # fmt: skip
teams[2].use_leads = True

# stages: renamed, added, put in another order, a second won one
stages = env["crm.stage"].search([])
stages.filtered(lambda stage: not stage.is_won)[0].name = "Fresh"
env["crm.stage"].create([
    {"name": "Demo Given", "sequence": 2}, {"name": "Legal", "sequence": 5, "team_ids": [(4, teams[0].id)]},
    {"name": "Parked", "sequence": 6, "fold": True}, {"name": "Won Abroad", "sequence": 80, "is_won": True},
])  # fmt: skip
stages = env["crm.stage"].search([])
open_stages = stages.filtered(lambda stage: not stage.is_won)
won_stages = stages - open_stages
reason = env["crm.lost.reason"].create({"name": "Too far"})
partners = env["res.partner"].create([
    {"name": f"Firm {n}", "is_company": True, "email": f"firm{n}@stock.example"} for n in range(40)
])  # fmt: skip

few = min(values["leads"], 2000)
vals_list = []
for n in range(few):
    kind = "lead" if n % 3 == 0 else "opportunity"
    vals = {
        "name": f"Old {n}", "type": kind, "email_from": f"old{n % 1500}@stock.example", "phone": f"+1 212 555 {n:04d}",
        "user_id": random.choice([*users.ids, False]),
        "team_id": random.choice([*teams.ids, False]), "priority": str(n % 4), "expected_revenue": n,
        "stage_id": random.choice(open_stages).id, "partner_id": random.choice(partners).id if n % 2 else False,
    }  # fmt: skip
    if n % 11 == 0:
        vals.update(date_conversion="2025-01-01 10:00:00", type="opportunity")
    vals_list.append(vals)
leads = env["crm.lead"].create(vals_list)
deals = leads.filtered(lambda lead: lead.type == "opportunity")
leads[5::17].action_set_lost(lost_reason_id=reason.id)
for deal in deals[3::19]:
    deal.stage_id = random.choice(won_stages)
leads[7::40].action_archive()
env["mail.activity"].create([
    {"res_model_id": env["ir.model"]._get_id("crm.lead"), "res_id": lead.id, "summary": "Call", "user_id": users[1].id,
     "activity_type_id": env.ref("mail.mail_activity_data_call").id} for lead in leads[:60]
])  # fmt: skip
env["mail.activity"].search([("res_model", "=", "crm.lead")], limit=10).action_feedback("done")

# quotes: drafts, sent, expired, confirmed, two confirmed for one deal, cancelled, and orders without any deal
product = env["product.product"].create({"name": "Thing", "type": "service", "list_price": 10})


def make_orders(records):
    return env["sale.order"].create([
        {"partner_id": ((deal and deal.partner_id) or partners[0]).id, "opportunity_id": deal and deal.id,
         "user_id": users[1].id,
         "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": 2})]} for deal in records
    ])  # fmt: skip


quoted = deals.filtered("partner_id")[:60]
orders = make_orders([*quoted, *quoted[:20], *[None] * 15])
orders[:30].action_confirm()
orders[60:70].action_confirm()
orders[30:40].action_quotation_sent()
orders[40:45]._action_cancel()
orders[45:50].validity_date = "2025-02-01"
orders[-15:-8].action_confirm()
env.flush_all()

# the rest of a big table, copied by the database
columns = [
    field.name for field in env["crm.lead"]._fields.values() if field.store and field.column_type and field.name != "id"
]
if values["leads"] > few:
    listed = ", ".join(f'"{name}"' for name in columns)
    env.cr.execute(
        f"INSERT INTO crm_lead ({listed}) SELECT {listed}"
        " FROM (SELECT * FROM crm_lead ORDER BY id LIMIT %s) l, generate_series(2, %s)",
        (few, values["leads"] // few),
    )
