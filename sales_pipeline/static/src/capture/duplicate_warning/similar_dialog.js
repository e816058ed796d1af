import { Component, onWillStart, useState } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

import { NOBODY, SimilarRecords } from "./similar_records";

/** What a lead resembles, to open, to merge, or to tell apart. */
export class SimilarDialog extends Component {
    static template = "sales_pipeline.SimilarDialog";
    static components = { Dialog, SimilarRecords };
    static props = { close: Function, leadId: Number };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ found: NOBODY, chosen: new Set(), isLoading: true });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.found = await this.orm.call("crm.lead", "get_similar", [[this.props.leadId]]);
        this.state.isLoading = false;
    }

    get isEmpty() {
        const { records, hidden } = this.state.found;
        return !records.length && !hidden;
    }

    toggle(record) {
        if (!this.state.chosen.delete(record.res_id)) {
            this.state.chosen.add(record.res_id);
        }
    }

    async open(record) {
        this.props.close();
        await this.action.doAction({
            type: "ir.actions.act_window",
            res_model: record.res_model,
            res_id: record.res_id,
            views: [[false, "form"]],
        });
    }

    async merge() {
        const ids = [this.props.leadId, ...this.state.chosen];
        const action = await this.orm.call("crm.lead", "action_open_merge", [ids]);
        this.props.close();
        await this.action.doAction(action);
    }

    async markNotSame(record) {
        await this.orm.call("crm.lead", "mark_not_same", [[this.props.leadId], record.res_model, record.res_id]);
        this.state.chosen.delete(record.res_id);
        await this.load();
        await this.action.doAction("soft_reload");
    }
}

registry.category("actions").add("sales_pipeline.similar_records", (env, action) => {
    env.services.dialog.add(SimilarDialog, { leadId: action.params.lead_id });
});
