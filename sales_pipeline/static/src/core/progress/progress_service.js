import { reactive } from "@odoo/owl";

import { registry } from "@web/core/registry";

const FINISHED = new Set(["done", "cancelled", "failed"]);
const SILENCE_MS = 4000;

/**
 * Knows how far background jobs are. News comes over the bus; about a job that is silent the server is asked, since a
 * bus may be down.
 *   jobs: reactive map from "model,id" to what `_prepare_progress` of the model says
 *   watch(model, ids): learn about jobs and follow them until they end
 *   load(model, method): the same for the jobs that a method returns the progress of
 */
export const progressService = {
    dependencies: ["bus_service", "orm"],

    start(env, { bus_service: bus, orm }) {
        const jobs = reactive(new Map());
        const heardAt = new Map();
        let timer;

        function take(progress) {
            const key = `${progress.model},${progress.id}`;
            const former = jobs.get(key);
            jobs.set(key, progress);
            heardAt.set(key, Date.now());
            if (FINISHED.has(progress.state)) {
                // What ended before this page was opened is no news to it.
                if (former && !FINISHED.has(former.state)) {
                    env.bus.trigger("PIPELINE:FINISHED", progress);
                }
            } else {
                timer ||= setInterval(askAboutSilent, SILENCE_MS);
            }
        }

        async function load(model, method, args = []) {
            for (const progress of await orm.silent.call(model, method, args)) {
                take(progress);
            }
        }

        const watch = (model, ids) => load(model, "get_progress", [ids]);

        /** The bus tells a new page the last minute's news again: what may be old is asked about, not believed. */
        async function hear(progress) {
            const { model, id, state } = progress;
            const known = jobs.get(`${model},${id}`);
            if (known && (FINISHED.has(state) || !FINISHED.has(known.state))) {
                take(progress);
            } else {
                await watch(model, [id]).catch(() => {});
            }
        }

        async function askAboutSilent() {
            const open = [...jobs.values()].filter((progress) => !FINISHED.has(progress.state));
            if (!open.length) {
                clearInterval(timer);
                timer = undefined;
            }
            for (const { model, id } of open) {
                const key = `${model},${id}`;
                if (Date.now() - heardAt.get(key) >= SILENCE_MS) {
                    heardAt.set(key, Date.now());
                    // Offline for a moment: it is asked again.
                    await watch(model, [id]).catch(() => {});
                }
            }
        }

        bus.subscribe("pipeline.progress", hear);
        return {
            jobs,
            watch,
            load,
            get: (model, id) => jobs.get(`${model},${id}`),
            forget: (model, id) => jobs.delete(`${model},${id}`),
        };
    },
};

registry.category("services").add("sales_pipeline.progress", progressService);
