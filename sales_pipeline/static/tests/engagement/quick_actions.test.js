import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { registry } from "@web/core/registry";

class Deal extends models.Model {
    name = fields.Char();
    phone = fields.Char();
    _records = [{ id: 1, name: "Kestrel" }];
}

defineMailModels();
defineModels([Deal]);

const ARCH = `<form><field name="name"/><field name="phone"/><widget name="pipeline_quick_actions"/></form>`;

function mountActions() {
    return mountView({ type: "form", resModel: "deal", resId: 1, arch: ARCH });
}

test("the core offers e-mail, call and meeting, in this order", async () => {
    await mountActions();
    expect(queryAllTexts(".o_pipeline_quick_actions button").slice(0, 3)).toEqual(["E-mail", "Log a Call", "Meeting"]);
});

test("a click saves the record and calls its method", async () => {
    onRpc("web_save", () => {
        expect.step("saved");
    });
    onRpc("deal", "action_quick_call", ({ args }) => {
        expect.step(["called", args[0]]);
        return false;
    });
    await mountActions();
    await contains(".o_field_widget[name=name] input").edit("Kestrel Labs");
    await contains("button[name=action_quick_call]").click();
    expect.verifySteps(["saved", ["called", [1]]]);
});

test("a hotkey does what the button does", async () => {
    onRpc("deal", "action_quick_email", () => {
        expect.step("called");
        return false;
    });
    await mountActions();
    await press(["alt", "shift", "e"]);
    await animationFrame();
    expect.verifySteps(["called"]);
});

test("other addons add actions of their own, shown where they make sense", async () => {
    const category = registry.category("sales_pipeline.quick_actions");
    patchWithCleanup(category, { content: { ...category.content } });
    category.add("dial", {
        label: "Dial",
        icon: "fa-phone",
        method: "action_dial",
        isVisible: (record) => Boolean(record.data.phone),
    });
    await mountActions();
    expect("button[name=action_dial]").toHaveCount(0);
    await contains(".o_field_widget[name=phone] input").edit("+15555550142");
    expect("button[name=action_dial]").toHaveCount(1);
});

test("a developer is told of an action that lacks its method", () => {
    patchWithCleanup(odoo, { debug: "1" });
    const category = registry.category("sales_pipeline.quick_actions");
    patchWithCleanup(category, { content: { ...category.content } });
    expect(() => category.add("broken", { label: "Broken", icon: "fa-bug" })).toThrow();
});
