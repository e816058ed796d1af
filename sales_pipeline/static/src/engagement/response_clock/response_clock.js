import { Component, onWillUnmount, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { describeClock, ticker, watchTime } from "./clock_text";

const { DateTime } = luxon;

/** How long a lead may still wait, second by second; it asks the server nothing. */
export class ResponseClock extends Component {
    static template = "sales_pipeline.ResponseClock";
    static props = {
        state: { type: [String, Boolean], optional: true },
        due: { type: [Object, Boolean], optional: true },
        seconds: { type: Number, optional: true },
        minutes: { type: Number, optional: true },
    };

    setup() {
        this.ticker = useState(ticker);
        onWillUnmount(watchTime());
    }

    get clock() {
        // Whoever has answered needs no beat.
        const now = this.props.state === "answered" ? null : this.ticker.now;
        return describeClock({ seconds: 0, minutes: 0, ...this.props }, now);
    }

    get title() {
        return this.props.due
            ? _t("First response due: %s", this.props.due.toLocaleString(DateTime.DATETIME_MED))
            : _t("First response");
    }
}

export class ResponseClockField extends Component {
    static template = "sales_pipeline.ResponseClockField";
    static components = { ResponseClock };
    static props = { ...standardFieldProps };

    get clock() {
        const { data } = this.props.record;
        return {
            state: data.response_state,
            due: data[this.props.name],
            seconds: data.response_seconds,
            minutes: data.response_minutes,
        };
    }
}

export const responseClockField = {
    component: ResponseClockField,
    displayName: _t("First Response Clock"),
    supportedTypes: ["datetime"],
    fieldDependencies: [
        { name: "response_state", type: "selection" },
        { name: "response_seconds", type: "integer" },
        { name: "response_minutes", type: "integer" },
    ],
};

registry.category("fields").add("pipeline_response_clock", responseClockField);
