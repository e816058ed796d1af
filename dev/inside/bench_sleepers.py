"""Make two jobs that hold a job's process for a minute each, as a foreign addon's would; or take them away."""
import json
import os

values = json.loads(os.environ["SALES_PIPELINE_VALUES"])
jobs = env["ir.cron"].with_context(active_test=False).search([("name", "=like", "Bench sleeper%")])
if values["wanted"]:
    jobs = env["ir.cron"].create([
        {"name": f"Bench sleeper {number}", "model_id": env["ir.model"]._get_id("res.partner"), "state": "code",
         "code": "env.cr.execute('SELECT pg_sleep(60)')", "interval_number": 1, "interval_type": "minutes",
         "user_id": env.ref("base.user_root").id, "priority": 5} for number in range(2)
    ])  # fmt: skip
    for job in jobs:
        job._trigger()
else:
    jobs.unlink()
env.cr.commit()
