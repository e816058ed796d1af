import { Component, onWillStart, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { JOINED, chooseFirst, countMoves, orderFrom } from "./merge_choice";

/** Compares leads or deals side by side; one stays, the others are merged into it. */
export class Merge extends Component {
    static template = "sales_pipeline.Merge";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.table = useRef("table");
        this.JOINED = JOINED;
        this.display = { controlPanel: {} };
        this.state = useState({
            records: [],
            fields: [],
            survivorId: 0,
            choices: {},
            showsAll: false,
            status: "loading",
            error: "",
        });
        onWillStart(() => this.load());
    }

    get ids() {
        const { params, context } = this.props.action;
        return params?.ids ?? context?.active_ids ?? [];
    }

    async load() {
        this.state.status = "loading";
        if (this.ids.length < 2) {
            this.state.status = "empty";
            return;
        }
        try {
            const { records, fields } = await this.orm.silent.call("crm.lead", "get_merge_comparison", [this.ids]);
            Object.assign(this.state, { records, fields, status: "ready", error: "" });
            this.stay(records[0].id);
        } catch (error) {
            Object.assign(this.state, { status: "error", error: error.data?.message ?? "" });
        }
    }

    // ---- what is shown

    whyItCannotStay(record) {
        return record.can_stay ? "" : _t("A deal is among them, so a deal stays");
    }

    get shownFields() {
        return this.state.fields.filter((field) =>
            this.state.showsAll ? Object.values(field.texts).some(Boolean) : field.differs
        );
    }

    get survivor() {
        return this.state.records.find((record) => record.id === this.state.survivorId);
    }

    get moves() {
        return countMoves(this.state.records, this.state.survivorId);
    }

    get sameCount() {
        return this.state.fields.filter((field) => !field.differs && Object.values(field.texts).some(Boolean)).length;
    }

    get mergeText() {
        const count = this.state.records.length;
        return count ? _t("Merge %(count)s", { count }) : _t("Merge");
    }

    get staysText() {
        return _t("%(name)s stays.", { name: this.survivor.name });
    }

    get agreeText() {
        return _t("Show the %(count)s fields that agree", { count: this.sameCount });
    }

    get lostDeals() {
        return this.state.records.filter((record) => record.won_status === "won" && record.id !== this.state.survivorId);
    }

    isChosen(field, id) {
        return this.state.choices[field.name] === id;
    }

    isCounted(field, id) {
        return this.isChosen(field, id) || (this.isChosen(field, JOINED) && Boolean(field.texts[id]));
    }

    // ---- what is decided

    stay(id) {
        this.state.survivorId = id;
        const order = orderFrom(this.state.records, id);
        this.state.choices = Object.fromEntries(
            this.state.fields.map((field) => [field.name, chooseFirst(field, order)])
        );
    }

    choose(field, id) {
        this.state.choices[field.name] = id;
    }

    chooseAllOf(id) {
        for (const field of this.state.fields) {
            if (field.texts[id]) {
                this.state.choices[field.name] = id;
            }
        }
    }

    async merge() {
        this.state.status = "merging";
        const choices = {};
        for (const field of this.state.fields) {
            const id = this.state.choices[field.name];
            if (field.differs && id !== JOINED) {
                choices[field.name] = id;
            }
        }
        const [survivorId, ...others] = orderFrom(this.state.records, this.state.survivorId);
        try {
            const done = await this.orm.call("crm.lead", "merge_compared", [survivorId, others, choices]);
            await this.action.doAction(done.action, { stackPosition: "replaceCurrentAction" });
            this.tell(done);
        } catch (error) {
            Object.assign(this.state, { status: "ready", error: error.data?.message ?? "" });
            if (!error.data) {
                throw error;
            }
        }
    }

    tell(done) {
        // This screen is gone when the button is pressed, and its own services with it.
        const { orm, action } = this.env.services;
        const buttons = [];
        if (done.can_undo) {
            buttons.push({
                name: _t("Undo"),
                primary: true,
                onClick: async () => {
                    close();
                    await action.doAction(await orm.call("pipeline.merge", "action_undo", [[done.merge_id]]));
                },
            });
        }
        const close = this.notification.add(done.message, { type: "success", autocloseDelay: 20000, buttons });
    }

    cancel() {
        this.env.config.historyBack();
    }
}

registry.category("actions").add("sales_pipeline.merge", Merge);
