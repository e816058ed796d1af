import { expect, test } from "@odoo/hoot";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { contains, defineModels, fields, models, mountView, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";

class Row extends models.Model {
    payload = fields.Text();
    _records = [{ id: 1, payload: '{"name": "<b>Ada</b>"}' }];
}

defineMailModels();
defineModels([Row]);

test("text is shown as it is and can be copied", async () => {
    patchWithCleanup(browser.navigator.clipboard, {
        writeText: async (text) => expect.step(text),
    });
    await mountView({
        type: "form",
        resModel: "row",
        resId: 1,
        arch: `<form><field name="payload" widget="pipeline_preformatted"/></form>`,
    });
    expect(".o_pipeline_preformatted pre").toHaveText('{"name": "<b>Ada</b>"}');
    expect(".o_pipeline_preformatted b").toHaveCount(0);
    await contains(".o_pipeline_preformatted .o_clipboard_button").click();
    expect.verifySteps(['{"name": "<b>Ada</b>"}']);
});
