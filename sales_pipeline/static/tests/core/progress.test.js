import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    getMockEnv,
    getService,
    MockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Job extends models.Model {
    name = fields.Char();
    _records = [{ id: 1, name: "Priority: Hot" }];
}

defineMailModels();
defineModels([Job]);

const RUNNING = {
    id: 1,
    model: "job",
    name: "Priority: Hot",
    state: "running",
    done: 250,
    total: 1000,
    rate: 50,
    seconds_left: 15,
    can_cancel: true,
};

async function mountJob() {
    const arch = `<form><widget name="pipeline_progress"/></form>`;
    await mountView({ type: "form", resModel: "job", resId: 1, arch });
}

test("the bar says how far a job is, and stops it", async () => {
    let progress = RUNNING;
    onRpc("job", "get_progress", () => [progress]);
    onRpc("job", "action_cancel", () => {
        expect.step("cancel");
        progress = { ...RUNNING, state: "cancelled", can_cancel: false };
        return false;
    });
    await mountJob();
    expect(".o_pipeline_progress [role=progressbar]").toHaveAttribute("aria-valuenow", "25");
    expect(".o_pipeline_progress_figures").toHaveText(
        "250 of 1,000 · 50 per second · about 15 seconds left"
    );
    await contains(".o_pipeline_progress button:contains(Cancel)").click();
    expect.verifySteps(["cancel"]);
    await animationFrame();
    expect(".o_pipeline_progress").toHaveAttribute("data-state", "cancelled");
    expect(".o_pipeline_progress button:contains(Cancel)").toHaveCount(0);
});

test("only a job that ends in sight is news", async () => {
    let progress = { ...RUNNING, state: "done", done: 1000 };
    onRpc("job", "get_progress", () => [progress]);
    await mountJob();
    getMockEnv().bus.addEventListener("PIPELINE:FINISHED", ({ detail }) => expect.step(detail.state));
    const service = getService("sales_pipeline.progress");
    service.forget("job", 1);
    await service.watch("job", [1]);
    expect.verifySteps([]);
    progress = RUNNING;
    await service.watch("job", [1]);
    progress = { ...RUNNING, state: "done", done: 1000 };
    await service.watch("job", [1]);
    await service.watch("job", [1]);
    expect.verifySteps(["done"]);
});

test("what the bus tells a new page again is no news", async () => {
    onRpc("job", "get_progress", () => {
        expect.step("asked");
        return [{ ...RUNNING, state: "done", done: 1000 }];
    });
    await mountJob();
    await expect.waitForSteps(["asked"]);
    getMockEnv().bus.addEventListener("PIPELINE:FINISHED", () => expect.step("finished"));
    getService("bus_service").start();
    for (const state of ["running", "done"]) {
        const progress = { ...RUNNING, state };
        MockServer.env["bus.bus"]._sendone("broadcast", "pipeline.progress", progress);
    }
    await expect.waitForSteps(["asked"]);
    await animationFrame();
    expect(".o_pipeline_progress").toHaveAttribute("data-state", "done");
    expect.verifySteps([]);
});
