import { Component, onWillStart, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

import { Progress } from "../../core/progress/progress";

const OPEN = new Set(["waiting", "running"]);

/** How far the user's bulk actions are, on every screen and after a reload. */
export class BulkSystray extends Component {
    static template = "sales_pipeline.BulkSystray";
    static components = { Dropdown, Progress };
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.service = useService("sales_pipeline.progress");
        this.jobs = useState(this.service.jobs);
        this.dropdown = useDropdownState();
        onWillStart(async () => {
            if (await user.hasGroup("sales_team.group_sale_salesman")) {
                await this.service.load("pipeline.bulk", "get_mine");
            }
        });
    }

    get mine() {
        const mine = [...this.jobs.values()].filter(
            (progress) => progress.model === "pipeline.bulk" && !progress.is_dismissed
        );
        return mine.sort((one, other) => other.id - one.id);
    }

    get running() {
        return this.mine.filter((progress) => OPEN.has(progress.state));
    }

    get percent() {
        const done = this.running.reduce((sum, progress) => sum + progress.done, 0);
        const total = this.running.reduce((sum, progress) => sum + progress.total, 0);
        return total ? Math.floor((100 * done) / total) : 0;
    }

    get label() {
        return this.running.length
            ? _t("Bulk actions: %(percent)s % done", { percent: this.percent })
            : _t("Bulk actions");
    }

    async onAction(method) {
        if (method !== "action_cancel") {
            this.dropdown.close();
            await this.service.load("pipeline.bulk", "get_mine");
        }
    }

    async dismiss({ id }) {
        await this.orm.call("pipeline.bulk", "action_dismiss", [[id]]);
        this.service.forget("pipeline.bulk", id);
    }

    async openHistory() {
        this.dropdown.close();
        await this.action.doAction("sales_pipeline.pipeline_bulk_action", { clearBreadcrumbs: true });
    }
}

registry.category("systray").add("sales_pipeline.bulk", { Component: BulkSystray }, { sequence: 26 });
