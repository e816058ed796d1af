import { Component } from "@odoo/owl";

import { CopyButton } from "@web/core/copy_button/copy_button";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Text that is read and copied, never edited: payloads, commands, snippets. */
export class PreformattedField extends Component {
    static template = "sales_pipeline.PreformattedField";
    static components = { CopyButton };
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name] || "";
    }

    get copiedText() {
        return _t("Copied");
    }
}

registry.category("fields").add("pipeline_preformatted", {
    component: PreformattedField,
    supportedTypes: ["char", "text"],
});
