import { expect, test } from "@odoo/hoot";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, makeMockEnv, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

import { groupByDay } from "@sales_pipeline/engagement/timeline/timeline";

class Deal extends models.Model {
    name = fields.Char();
    _records = [
        { id: 1, name: "Kestrel" },
        { id: 2, name: "Lotus" },
    ];
}

class PipelineEvent extends models.Model {
    _name = "pipeline.event";
}

defineMailModels();
defineModels([Deal, PipelineEvent]);

const ARCH = `<form><field name="name"/><widget name="pipeline_timeline"/></form>`;

function makeEvent(id, occurredAt, values = {}) {
    return {
        id,
        kind: "call",
        icon: "fa-phone",
        occurred_at: occurredAt,
        title: "Call",
        summary: "Reached",
        actor: "Tom",
        channel: "phone",
        direction: "out",
        ...values,
    };
}

function mountTimeline(resId = 1) {
    return mountView({ type: "form", resModel: "deal", resId, arch: ARCH });
}

test("events are grouped by the reader's days, newest first", async () => {
    mockDate("2026-03-10 12:00:00", +1);
    await makeMockEnv();
    const days = groupByDay([
        makeEvent(3, "2026-03-10 08:15:00"),
        makeEvent(2, "2026-03-09 23:30:00"), // already the tenth, one hour east of Greenwich
        makeEvent(1, "2026-03-08 23:30:00"),
    ]);
    expect(days.map((day) => String(day.label))).toEqual(["Today", "Yesterday"]);
    expect(days[0].events.map((event) => event.time)).toEqual(["09:15", "00:30"]);
});

test("older days carry their date, and the year when it is another", async () => {
    mockDate("2026-03-10 12:00:00", 0);
    await makeMockEnv();
    const days = groupByDay([makeEvent(2, "2026-02-01 08:00:00"), makeEvent(1, "2024-02-01 08:00:00")]);
    expect(days[0].label).not.toInclude("2026");
    expect(days[1].label).toInclude("2024");
});

test("the story of the record is told", async () => {
    onRpc("pipeline.event", "get_timeline", ({ args, kwargs }) => {
        expect.step([...args, kwargs.before]);
        return { events: [makeEvent(7, "2026-03-10 08:15:00")], has_more: false };
    });
    await mountTimeline();
    expect.verifySteps([["deal", 1, null]]);
    expect(".o_pipeline_timeline_event").toHaveCount(1);
    expect(".o_pipeline_timeline_event").toHaveText(/Call: Reached/);
    expect(".o_pipeline_timeline_event").toHaveText(/Tom/);
    expect("button:contains(Show More)").toHaveCount(0);
});

test("show more continues after the last event", async () => {
    onRpc("pipeline.event", "get_timeline", ({ kwargs }) => {
        expect.step(kwargs.before);
        return kwargs.before
            ? { events: [makeEvent(1, "2026-03-01 08:00:00", { title: "Came in" })], has_more: false }
            : { events: [makeEvent(2, "2026-03-10 08:00:00")], has_more: true };
    });
    await mountTimeline();
    await contains("button:contains(Show More)").click();
    expect.verifySteps([null, ["2026-03-10 08:00:00", 2]]);
    expect(queryAllTexts(".o_pipeline_timeline_event b")).toEqual(["Call", "Came in"]);
    expect("button:contains(Show More)").toHaveCount(0);
});

test("a record without a story says what will come", async () => {
    onRpc("pipeline.event", "get_timeline", () => ({ events: [], has_more: false }));
    await mountTimeline();
    expect(".o_pipeline_timeline").toHaveText(/Nothing has happened yet/);
});

test("while the story is read, it says so", async () => {
    const answer = new Deferred();
    onRpc("pipeline.event", "get_timeline", () => answer);
    await mountTimeline();
    expect(".o_pipeline_timeline [role=status]").toHaveCount(1);
    expect(queryOne(".o_pipeline_timeline").getAttribute("aria-busy")).toBe("true");
    answer.resolve({ events: [], has_more: false });
    await animationFrame();
    expect(".o_pipeline_timeline [role=status]").toHaveCount(0);
});

test("a failure blocks nothing and can be tried again", async () => {
    let fails = true;
    onRpc("pipeline.event", "get_timeline", () => {
        if (fails) {
            throw new Error("no story");
        }
        return { events: [makeEvent(1, "2026-03-10 08:00:00")], has_more: false };
    });
    await mountTimeline();
    await animationFrame();
    expect(".o_pipeline_timeline [role=alert]").toHaveCount(1);
    expect(".o_field_widget[name=name] input").toHaveValue("Kestrel");
    fails = false;
    await contains(".o_pipeline_timeline button").click();
    expect(".o_pipeline_timeline_event").toHaveCount(1);
});

test("it is read again after a save, not while a field is typed", async () => {
    onRpc("pipeline.event", "get_timeline", () => {
        expect.step("read");
        return { events: [], has_more: false };
    });
    await mountTimeline();
    await contains(".o_field_widget[name=name] input").edit("Kestrel Labs");
    expect.verifySteps(["read"]);
    await contains(".o_form_button_save").click();
    await animationFrame();
    expect.verifySteps(["read"]);
});

test("a new record asks for no story", async () => {
    onRpc("pipeline.event", "get_timeline", () => expect.step("read"));
    await mountView({ type: "form", resModel: "deal", arch: ARCH });
    expect.verifySteps([]);
});
