import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { queryAllTexts, queryText } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { allowTranslations, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

import { describeClock, formatSeconds } from "@sales_pipeline/engagement/response_clock/clock_text";

const { DateTime } = luxon;
const NOW = DateTime.fromISO("2026-01-05T10:00:00");

function say(values) {
    const found = describeClock({ seconds: 0, minutes: 5, ...values }, NOW);
    return found && found.text;
}

// Words are chosen when they are said, and a test without a page has loaded none.
beforeEach(allowTranslations);

test("seconds are written as people read them", () => {
    expect([0, 7, 160, 3600, 3725, 200000].map(formatSeconds)).toEqual(["0:00", "0:07", "2:40", "1:00 h", "1:02 h", "2 d"]);
});

test("a clock says how much time is left, how late it is, or how fast the answer was", () => {
    expect(say({ state: "waiting", due: NOW.plus({ seconds: 252 }) })).toBe("4:12 left");
    expect(say({ state: "waiting", due: NOW.plus({ milliseconds: 300 }) })).toBe("0:01 left");
    expect(say({ state: "waiting", due: NOW.minus({ minutes: 12 }) })).toBe("late 12:00");
    expect(say({ state: "late", due: NOW.minus({ hours: 3 }) })).toBe("late 3:00 h");
    expect(say({ state: "answered", due: NOW, seconds: 180 })).toBe("answered in 3:00");
    expect(say({ state: "answered", due: NOW })).toBe("answered at once");
    expect(say({ state: "waiting", due: NOW.plus({ days: 1 }) })).toBe("due Tue, 10:00 AM");
    expect(say({ state: false, due: false })).toBe(null);
    expect(say({ state: "waiting", due: false })).toBe(null);
});

test("the colour follows the time that is left", () => {
    const colour = (seconds) =>
        describeClock({ state: "waiting", due: NOW.plus({ seconds }), seconds: 0, minutes: 5 }, NOW).className.split(" ")[0];
    expect([250, 60, 0].map(colour)).toEqual(["text-info", "text-warning", "text-danger"]);
});

class Lead extends models.Model {
    name = fields.Char();
    response_due_at = fields.Datetime();
    response_state = fields.Selection({
        selection: [
            ["waiting", "Waiting"],
            ["answered", "Answered"],
        ],
    });
    response_seconds = fields.Integer();
    response_minutes = fields.Integer();
    _records = [
        { id: 1, name: "A", response_due_at: "2026-01-05 10:04:00", response_state: "waiting", response_minutes: 5 },
        { id: 2, name: "B", response_due_at: "2026-01-05 10:05:00", response_state: "answered", response_seconds: 42 },
        { id: 3, name: "C", response_due_at: false, response_state: false },
    ];
}

defineMailModels();
defineModels([Lead]);

test("all clocks of a list tick together, and an answered one stands still", async () => {
    mockDate("2026-01-05 10:00:00", 0);
    await mountView({
        type: "list",
        resModel: "lead",
        arch: `<list><field name="name"/><field name="response_due_at" widget="pipeline_response_clock"/></list>`,
    });
    expect(queryAllTexts(".o_pipeline_clock")).toEqual(["4:00 left", "answered in 0:42"]);
    expect(queryText("tr:nth-child(3) .o_field_pipeline_response_clock")).toBe("");
    await advanceTime(2000);
    await animationFrame();
    expect(queryAllTexts(".o_pipeline_clock")).toEqual(["3:58 left", "answered in 0:42"]);
});
