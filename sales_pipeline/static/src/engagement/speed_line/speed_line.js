import { CrmKanbanRenderer } from "@crm/views/crm_kanban/crm_kanban_renderer";
import { crmKanbanView } from "@crm/views/crm_kanban/crm_kanban_view";
import { Component, onMounted, onWillUnmount, status, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListRenderer } from "@web/views/list/list_renderer";

import { away, AwaySwitch } from "../../capture/away_switch/away_switch";
import { bulkListView } from "../../pipeline/bulk_list/bulk_list";
import { formatSeconds } from "../response_clock/clock_text";

const ASKED_EVERY_MS = 60000;

/** One line above the leads: how fast the team answers, for managers; who waits for one, and the away switch, for whoever gets leads. */
export class SpeedLine extends Component {
    static template = "sales_pipeline.SpeedLine";
    static components = { AwaySwitch };
    static props = [];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ is_manager: false, is_away: null });
        onMounted(async () => {
            await this.ask();
            if (this.isShown && status(this) === "mounted") {
                this.timer = setInterval(() => this.ask(), ASKED_EVERY_MS);
            }
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async ask() {
        Object.assign(this.state, await this.orm.silent.call("pipeline.response", "get_board", []));
        if (this.state.is_away !== null) {
            away.isOn = this.state.is_away;
        }
    }

    get isShown() {
        return this.state.is_manager || this.state.is_away !== null;
    }

    /** Each figure in a sentence of its own, since languages order their words differently. */
    get texts() {
        const { fast, target, median_seconds: median, days, late, waiting } = this.state;
        const share = (percent) => (percent === null ? "–" : `${percent} %`);
        return {
            fast: _t("%(share)s within 5 min", { share: share(fast) }),
            target: _t("%(share)s within target", { share: share(target) }),
            median: _t("median %(time)s", { time: median === null ? "–" : formatSeconds(median) }),
            nobody: _t("Nobody had to answer yet in the last %(days)s days.", { days }),
            late: _t("%(count)s late now", { count: late }),
            waiting: _t("%(count)s waiting", { count: waiting }),
        };
    }

    open(filter) {
        return this.action.doAction("sales_pipeline.pipeline_response_action", {
            viewType: filter ? "list" : "pivot",
            additionalContext: filter ? { search_default_recent: 0, [`search_default_${filter}`]: 1 } : {},
        });
    }
}

export class LeadListRenderer extends ListRenderer {
    static template = "sales_pipeline.LeadListRenderer";
    static components = { ...ListRenderer.components, SpeedLine };
}

export class LeadKanbanRenderer extends CrmKanbanRenderer {
    static template = "sales_pipeline.LeadKanbanRenderer";
    static components = { ...CrmKanbanRenderer.components, SpeedLine };
}

registry.category("views").add("pipeline_lead_list", { ...bulkListView, Renderer: LeadListRenderer });
registry.category("views").add("pipeline_lead_kanban", { ...crmKanbanView, Renderer: LeadKanbanRenderer });
