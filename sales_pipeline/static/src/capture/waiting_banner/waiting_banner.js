import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

const ALARMING_SECONDS = 60;
const ASKED_EVERY_MS = 30000;

/** Says that captures wait although a job should have taken them within seconds. */
export class WaitingBanner extends Component {
    static template = "sales_pipeline.WaitingBanner";
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.state = useState({ seconds: 0, count: 0 });
        onMounted(() => {
            this.ask();
            this.timer = setInterval(() => this.ask(), ASKED_EVERY_MS);
        });
        onWillUnmount(() => clearInterval(this.timer));
    }

    async ask() {
        Object.assign(this.state, await this.orm.silent.call("pipeline.inbox", "get_waiting", []));
    }

    get isAlarming() {
        return this.state.seconds > ALARMING_SECONDS;
    }

    get text() {
        const minutes = Math.floor(this.state.seconds / 60);
        return _t("Captures waiting: %(count)s, the oldest for %(minutes)s min.", { count: this.state.count, minutes });
    }
}

export class InboxListRenderer extends ListRenderer {
    static template = "sales_pipeline.InboxListRenderer";
    static components = { ...ListRenderer.components, WaitingBanner };
}

export class InboxKanbanRenderer extends KanbanRenderer {
    static template = "sales_pipeline.InboxKanbanRenderer";
    static components = { ...KanbanRenderer.components, WaitingBanner };
}

registry.category("view_widgets").add("pipeline_waiting_banner", { component: WaitingBanner });
registry.category("views").add("pipeline_inbox_list", { ...listView, Renderer: InboxListRenderer });
registry.category("views").add("pipeline_inbox_kanban", { ...kanbanView, Renderer: InboxKanbanRenderer });
