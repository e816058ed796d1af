import { Component } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";

/** What `crm.lead` answers where nobody is alike. */
export const NOBODY = { records: [], more: 0, hidden: 0 };

/** The records that a contact resembles: what they are, whose, why; a slot per record for what can be done. */
export class SimilarRecords extends Component {
    static template = "sales_pipeline.SimilarRecords";
    static props = {
        found: Object,
        slots: { type: Object, optional: true },
    };

    keyOf(record) {
        return `${record.res_model},${record.res_id}`;
    }

    about(record) {
        return [record.owner, record.status].filter(Boolean).join(", ");
    }

    get others() {
        const { more, hidden, records } = this.props.found;
        const parts = [];
        if (more) {
            parts.push(more === 1 ? _t("1 more is alike.") : _t("%s more are alike.", more));
        }
        if (hidden && records.length) {
            parts.push(hidden === 1 ? _t("And 1 more that belongs to others.") : _t("And %s more that belong to others.", hidden));
        } else if (hidden) {
            parts.push(hidden === 1 ? _t("1 record that belongs to others.") : _t("%s records that belong to others.", hidden));
        }
        return parts.join(" ");
    }
}
