import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const MINUTE = 60;

/**
 * Progress bar of a background job with its buttons. The model inherits `pipeline.progress.mixin`; where its progress
 * says `can_cancel`, `can_undo` or `refused`, it has `action_cancel`, `action_undo` or `action_view_refused`.
 *   model, resId: the record; `onDismiss` adds a button that takes a finished job out of sight
 */
export class Progress extends Component {
    static template = "sales_pipeline.Progress";
    static props = {
        model: String,
        resId: Number,
        onAction: { type: Function, optional: true },
        onDismiss: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.service = useService("sales_pipeline.progress");
        this.jobs = useState(this.service.jobs);
        onWillStart(() => this.learn(this.props));
        onWillUpdateProps((props) => this.learn(props));
    }

    async learn({ model, resId }) {
        if (!this.service.get(model, resId)) {
            await this.service.watch(model, [resId]);
        }
    }

    get progress() {
        return this.jobs.get(`${this.props.model},${this.props.resId}`);
    }

    get isOpen() {
        return ["waiting", "running"].includes(this.progress.state);
    }

    get percent() {
        const { done, total, state } = this.progress;
        return state === "done" ? 100 : total ? Math.floor((100 * done) / total) : 0;
    }

    get barClass() {
        return { done: "bg-success", cancelled: "bg-warning", failed: "bg-danger" }[this.progress.state] || "";
    }

    get figures() {
        const { done, total, rate, seconds_left: left, state } = this.progress;
        const said = [_t("%(done)s of %(total)s", { done: formatInteger(done), total: formatInteger(total) })];
        if (state === "waiting") {
            said.push(_t("starts in a moment"));
        } else if (state === "running" && left) {
            said.push(_t("%(rate)s per second", { rate: formatInteger(Math.round(rate)) }));
            said.push(
                left > 2 * MINUTE
                    ? _t("about %(count)s minutes left", { count: Math.round(left / MINUTE) })
                    : _t("about %(count)s seconds left", { count: Math.max(Math.round(left), 1) })
            );
        } else if (state === "cancelled") {
            said.push(_t("cancelled"));
        }
        return said.join(" · ");
    }

    get refusedText() {
        return _t("%(count)s left as they were", { count: formatInteger(this.progress.refused) });
    }

    async call(method) {
        const { model, resId } = this.props;
        const action = await this.orm.call(model, method, [[resId]]);
        await this.service.watch(model, [resId]);
        this.props.onAction?.(method);
        if (action) {
            await this.action.doAction(action);
        }
    }
}

/** The bar on the form of such a record. */
export class ProgressWidget extends Component {
    static template = "sales_pipeline.ProgressWidget";
    static components = { Progress };
    static props = { ...standardWidgetProps };

    async onAction() {
        await this.props.record.load();
    }
}

registry.category("view_widgets").add("pipeline_progress", { component: ProgressWidget });
