import { Component, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { NOBODY, SimilarRecords } from "./similar_records";

const ASKED_AFTER_MS = 400;
const TEXTS = ["email_from", "phone", "whatsapp", "contact_name", "partner_name", "street", "street2", "zip", "city"];
const RECORDS = ["partner_id", "commercial_partner_id", "state_id", "country_id", "company_id"];

/** Says below the header of a lead or deal who its contact may be, as soon as enough of it was typed. */
export class DuplicateWarning extends Component {
    static template = "sales_pipeline.DuplicateWarning";
    static components = { SimilarRecords };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.state = useState({ found: NOBODY });
        this.keepLast = new KeepLast();
        // Whose values were compared last, and what they were when nothing had been typed.
        this.observed = { resId: undefined, asked: "", saved: "" };
        this.askSoon = useDebounced(this.ask, ASKED_AFTER_MS);
        useRecordObserver((record) => this.onChange(record));
    }

    onChange(record) {
        const values = readContact(record);
        const text = JSON.stringify(values);
        const resId = record.resId || false;
        if (resId !== this.observed.resId || (resId && !record.dirty)) {
            this.observed = { resId, asked: resId ? text : "", saved: resId ? text : "" };
            this.show(NOBODY);
        }
        if (text === this.observed.asked) {
            return;
        }
        this.observed.asked = text;
        if (text === this.observed.saved || !TEXTS.some((name) => values[name])) {
            this.show(NOBODY);
        } else {
            this.askSoon(values, resId, text);
        }
    }

    async ask(values, resId, text) {
        let found = NOBODY;
        try {
            found = await this.keepLast.add(
                this.orm.silent.call("crm.lead", "find_duplicates_of_form", [values, resId])
            );
        } catch {
            // The warning is a help: who saves is asked by the server anyway.
        }
        if (text === this.observed.asked && resId === this.observed.resId) {
            this.show(found);
        }
    }

    show(found) {
        this.state.found = found;
    }

    get isFound() {
        return this.state.found.records.length > 0 || this.state.found.hidden > 0;
    }

    get title() {
        return this.state.found.records.some((record) => record.is_same)
            ? _t("This contact seems to be known already:")
            : _t("This contact may be known already:");
    }

    openLabel(record) {
        return _t("Open %s", record.name);
    }

    open(record) {
        // In a dialog, so that what was typed stays.
        this.dialog.add(FormViewDialog, { resModel: record.res_model, resId: record.res_id, title: record.name, readonly: true });
    }
}

function readContact(record) {
    const { data } = record;
    const values = { type: data.type };
    for (const name of TEXTS) {
        values[name] = data[name] || "";
    }
    for (const name of RECORDS) {
        values[name] = data[name]?.id || false;
    }
    values.lead_properties = (data.lead_properties || [])
        .map(({ name, value }) => ({ name, value: value?.toISODate ? value.toISODate() : value }))
        .filter(({ value }) => ["string", "number"].includes(typeof value));
    return values;
}

registry.category("view_widgets").add("pipeline_duplicate_warning", {
    component: DuplicateWarning,
    fieldDependencies: [
        ...TEXTS.map((name) => ({ name, type: "char" })),
        { name: "type", type: "selection" },
    ],
});
