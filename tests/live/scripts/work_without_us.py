# A lead's life by Odoo's own code.
# pylint: disable=undefined-variable
# ruff: noqa: F821
assert env["ir.module.module"].search([("name", "=", "sales_pipeline")]).state == "uninstalled"
assert "pipeline.event" not in env and "uuid" not in env["crm.lead"]._fields
lead = env["crm.lead"].create(
    {"name": "After", "type": "lead", "contact_name": "Ann", "email_from": "ann@after.example"}
)
lead.convert_opportunity(False)
env["crm.stage"].create({"name": "Yet another"})
order = env["sale.order"].create({"partner_id": env["res.partner"].search([], limit=1).id, "opportunity_id": lead.id})
order.action_confirm()
lead.action_set_won()
lead.activity_schedule("mail.mail_activity_data_todo", user_id=env.ref("base.user_admin").id).action_feedback()
env.flush_all()
answer = {"seen": answer, "type": lead.type, "won_status": lead.won_status}
lost = env["crm.lead"].create({"name": "Gone", "type": "lead"})
lost.unlink()
assert not lost.exists()
