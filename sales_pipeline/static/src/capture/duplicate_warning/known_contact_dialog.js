import { Component } from "@odoo/owl";

import { Dialog } from "@web/core/dialog/dialog";

import { SimilarRecords } from "./similar_records";

/** Asks whoever saves a new lead whether it is one that is known under another spelling. */
export class KnownContactDialog extends Component {
    static template = "sales_pipeline.KnownContactDialog";
    static components = { Dialog, SimilarRecords };
    static props = {
        close: Function,
        found: Object,
        onKnown: Function,
        onOther: Function,
    };

    takeKnown(record) {
        this.props.onKnown(record);
        this.props.close();
    }

    saveAnyway() {
        this.props.onOther();
        this.props.close();
    }
}
