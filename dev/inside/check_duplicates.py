"""Time one check for duplicates after the other: ours, or Odoo's own where ours is not installed."""
import json
import os
import time

values = json.loads(os.environ["SALES_PIPELINE_VALUES"])
# what the job of a running server would have done since the installation
while "pipeline.contact.fill" in env and (work := env["pipeline.contact.fill"].search([("next_id", ">", 0)], limit=1)):
    work._fill_batch(5000)
    env.cr.commit()
env.cr.execute(
    "SELECT id FROM crm_lead WHERE contact_name IS NOT NULL ORDER BY hashint4(id) LIMIT %s", [values["checks"] + 20]
)
leads = env["crm.lead"].browse([id_ for (id_,) in env.cr.fetchall()])
names = {"email": "email_from", "phone": "phone", "name": "contact_name", "company": "partner_name", "street": "street",
         "zip": "zip", "city": "city"}
typed = [{name: lead[field] or "" for name, field in names.items()} for lead in leads]
times, found = [], 0
for lead, text in zip(leads, typed, strict=True):
    env.invalidate_all()
    company, begin = env.company, time.perf_counter()
    if "pipeline.contact" in env:
        found += bool(env["pipeline.contact"]._find_duplicates_of([text], company)[0])
    else:
        found += lead.duplicate_lead_count > 1
    times.append((time.perf_counter() - begin) * 1000)
print("measured " + json.dumps({"times": times[20:], "found": found}))
