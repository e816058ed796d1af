# Use every part of the addon a little, so that there is something to leave behind, then remove it.
# pylint: disable=undefined-variable
# ruff: noqa: F821
source = env["pipeline.source"].create(
    {"name": "Form", "provider": "website", "user_id": env.ref("base.user_admin").id}
)


class Item:
    external_id = "left-1"
    payload = {"name": "Left Behind", "email": "left@stock.example", "message": "Hello", "utm_source": "newsletter"}


env["pipeline.inbox"]._store(source, [Item])
env["pipeline.inbox"]._cron_drain()
lead = env["crm.lead"].search([("email_normalized", "=", "left@stock.example")])
assert lead.user_id, "the capture made no lead with an owner"
lead._convert()
lead.action_set_won()
env["pipeline.moments.mixin"]._flush_moments()
env["pipeline.outbox"]._cron_drain()
gone = env["crm.lead"].create({"name": "Deleted", "type": "lead"})
gone.unlink()
admin = env.ref("base.user_admin")
client = env["pipeline.api.client"].create({"name": "Shop", "user_id": admin.id, "scopes": "leads:read"})
client._issue_token()
webhook = env["pipeline.webhook"].create({"name": "Shop", "url": "https://hooks.example.com", "events": "lead.*"})
webhook._send_test()
customers = env["pipeline.customer"].search_count([("deal_ids", "in", lead.ids)])
env.cr.commit()
env["ir.module.module"].search([("name", "=", values["addon"])]).button_immediate_uninstall()
answer = {"seen": answer, "customers": customers}
