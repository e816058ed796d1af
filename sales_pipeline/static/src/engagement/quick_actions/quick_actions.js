import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { ViewButton } from "@web/views/view_button/view_button";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * The door for other addons. An entry is
 *   label: what the button says
 *   icon: Font Awesome class
 *   method: public method of the record's model; it may return an action
 *   hotkey: letter pressed together with Alt
 *   isVisible: (record) => boolean, optional
 */
export const quickActionRegistry = registry.category("sales_pipeline.quick_actions");
quickActionRegistry.addValidation({
    label: { type: [String, Object] },
    icon: String,
    method: String,
    hotkey: { type: String, optional: true },
    isVisible: { type: Function, optional: true },
});

quickActionRegistry
    .add(
        "email",
        { label: _t("E-mail"), icon: "fa-envelope-o", method: "action_quick_email", hotkey: "shift+e" },
        { sequence: 10 }
    )
    .add(
        "call",
        { label: _t("Log a Call"), icon: "fa-phone", method: "action_quick_call", hotkey: "shift+c" },
        { sequence: 20 }
    )
    .add(
        "meeting",
        { label: _t("Meeting"), icon: "fa-calendar", method: "action_quick_meeting", hotkey: "shift+m" },
        { sequence: 30 }
    );

export class QuickActions extends Component {
    static template = "sales_pipeline.QuickActions";
    static components = { ViewButton };
    static props = { ...standardWidgetProps };

    get actions() {
        return quickActionRegistry
            .getEntries()
            .map(([id, entry]) => ({ id, ...entry }))
            .filter((action) => !action.isVisible || action.isVisible(this.props.record))
            .map((action) => ({
                ...action,
                label: action.label.toString(),
                clickParams: { type: "object", name: action.method },
                attrs: action.hotkey ? { "data-hotkey": action.hotkey } : {},
            }));
    }
}

registry.category("view_widgets").add("pipeline_quick_actions", { component: QuickActions });
