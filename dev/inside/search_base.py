"""Time the nightly search for duplicates over the whole base, batch by batch as its job runs it."""
import json
import resource
import time

# what the job of a running server would have done since the installation
while work := env["pipeline.contact.fill"].search([("next_id", ">", 0)], limit=1):
    work._fill_batch(5000)
    env.cr.commit()
env.cr.execute("DELETE FROM pipeline_duplicate")
env["pipeline.duplicate.run"]._start_over()
env.cr.commit()
run, begin, longest = env["pipeline.duplicate.run"]._get_run(), time.perf_counter(), 0.0
while not run.finished_at:
    start = time.perf_counter()
    run._go_on()
    env.cr.commit()
    longest = max(longest, time.perf_counter() - start)
seconds = time.perf_counter() - begin
env.cr.execute("SELECT count(*) FROM pipeline_duplicate")
print("measured " + json.dumps({
    "nightly_s": f"{seconds:.0f}", "nightly_pairs": env.cr.fetchone()[0], "nightly_contacts": run.compared,
    "longest_batch_s": f"{longest:.1f}", "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
}))
