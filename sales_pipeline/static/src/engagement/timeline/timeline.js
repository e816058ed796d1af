import { Component, onWillUnmount, toRaw, useState } from "@odoo/owl";

import { deserializeDateTime, formatDateTime, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const PAGE_SIZE = 20;

/**
 * Group events, newest first, by the day on which they happened for the reader.
 *
 * @param {Object[]} events as `pipeline.event.get_timeline` returns them
 * @returns {{ key: string, label: string, events: Object[] }[]}
 */
export function groupByDay(events) {
    const days = [];
    for (const event of events) {
        const moment = deserializeDateTime(event.occurred_at);
        const key = moment.toISODate();
        if (days.at(-1)?.key !== key) {
            days.push({ key, label: describeDay(moment), events: [] });
        }
        days.at(-1).events.push({
            ...event,
            time: moment.toFormat("HH:mm"),
            fullTime: formatDateTime(moment),
        });
    }
    return days;
}

function describeDay(moment) {
    const days = Math.round(today().diff(moment.startOf("day"), "days").days);
    if (days === 0) {
        return _t("Today");
    }
    if (days === 1) {
        return _t("Yesterday");
    }
    const year = moment.hasSame(today(), "year") ? {} : { year: "numeric" };
    return moment.toLocaleString({ weekday: "short", day: "numeric", month: "long", ...year });
}

/** What happened with a lead, deal or customer, told from the event log. */
export class Timeline extends Component {
    static template = "sales_pipeline.Timeline";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ events: [], hasMore: false, status: "loading", isLoadingMore: false });
        this.keepLast = new KeepLast();
        this.seen = null;
        this.isAlive = true;
        onWillUnmount(() => (this.isAlive = false));
        useRecordObserver((record) => {
            // The data object is replaced when the record is read again, not when a field is edited.
            const data = toRaw(record.data);
            if (data !== this.seen) {
                this.seen = data;
                this.load(record);
            }
        });
    }

    get days() {
        return groupByDay(this.state.events);
    }

    async load(record = this.props.record) {
        if (!record.resId) {
            Object.assign(this.state, { events: [], hasMore: false, status: "ready" });
            return;
        }
        if (this.loadedId !== record.resId) {
            Object.assign(this.state, { events: [], hasMore: false, status: "loading" });
        }
        // As many as the reader has unfolded, so that a reload of the record does not fold the story up again.
        const limit = Math.min(Math.max(PAGE_SIZE, this.state.events.length), 100);
        const page = await this.fetch(record, limit);
        if (page) {
            this.loadedId = record.resId;
            Object.assign(this.state, { events: page.events, hasMore: page.has_more, status: "ready" });
        }
    }

    async loadMore() {
        const last = this.state.events.at(-1);
        this.state.isLoadingMore = true;
        const page = await this.fetch(this.props.record, PAGE_SIZE, [last.occurred_at, last.id]);
        if (page) {
            this.state.events.push(...page.events);
            this.state.hasMore = page.has_more;
        }
        this.state.isLoadingMore = false;
    }

    async fetch(record, limit, before = null) {
        const request = this.orm.silent.call("pipeline.event", "get_timeline", [record.resModel, record.resId], {
            limit,
            before,
        });
        try {
            return await this.keepLast.add(request);
        } catch {
            // Said in place, with a way to try again: a form must not be blocked by its history.
            if (this.isAlive) {
                this.state.status = "error";
            }
        }
    }
}

registry.category("view_widgets").add("pipeline_timeline", { component: Timeline });
