import { reactive } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Deferred } from "@web/core/utils/concurrency";

import { formatSeconds, toMoment } from "../response_clock/clock_text";

// More new leads within a minute than these are told as a number.
const TOASTS_A_MINUTE = 5;
const SLOW_SECONDS = 10;
const MINUTE_MS = 60000;
const TOAST_MS = 10000;
const PRAISE_MS = 4000;

/** What a notice is about, in the words of its kind. */
export function titleOf(kind) {
    return {
        assigned: _t("New lead"),
        again: _t("Came back"),
        reassigned: _t("Passed on to you"),
        escalated: _t("Waits too long"),
    }[kind];
}

export class NoticeBook {
    constructor(services) {
        // A function, since what is reactive would wrap the services too.
        this.services = () => services;
        this.isSeller = false;
        this.unread = 0;
        this.notices = [];
        this.leadIds = new Set();
        this.recent = [];
        this.closers = [];
        this.ids = new Set();
        this.loadedAt = false;
        const loaded = new Deferred();
        this.whenLoaded = () => loaded;
        this.noteLoaded = () => loaded.resolve();
    }

    // ---- reading

    async load() {
        const found = await this.services().orm.silent.call("pipeline.notice", "get_unread", []);
        this.isSeller = found.is_seller;
        this.unread = found.unread;
        this.notices = found.notices;
        this.loadedAt = toMoment(found.now);
        this.ids = new Set(found.notices.map((notice) => notice.id));
        this.noteLoaded();
        this.leadIds = new Set(found.notices.map((notice) => notice.lead_id));
    }

    /** The lead is on the screen: its notices are read. */
    async seen(leadId) {
        // What is not listed may be unread all the same.
        if (!this.leadIds.has(leadId) && this.unread <= this.leadIds.size) {
            return;
        }
        this.leadIds.delete(leadId);
        this.notices = this.notices.filter((notice) => notice.lead_id !== leadId);
        this.unread = await this.services().orm.silent.call("pipeline.notice", "mark_read", [[leadId]]);
    }

    async readAll() {
        this.unread = await this.services().orm.call("pipeline.notice", "mark_read", []);
        this.notices = [];
        this.leadIds = new Set();
    }

    // ---- opening

    openLead(leadId) {
        return this.services().action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.lead",
            res_id: leadId,
            views: [[false, "form"]],
        });
    }

    openLeads() {
        return this.services().action.doAction("crm.crm_lead_all_leads", {
            additionalContext: { search_default_assigned_to_me: 1, search_default_response_open: 1 },
        });
    }

    // ---- toasts

    /** How much later than a message the list was read. Whoever connects is sent the last minute once more. */
    getAge(told_at) {
        return this.loadedAt ? this.loadedAt.diff(toMoment(told_at), "seconds").seconds : 0;
    }

    async onNotice({ kind, count, unread, notices, ids, told_at }) {
        await this.whenLoaded();
        const age = this.getAge(told_at);
        if (age > SLOW_SECONDS || (age > 0 && ids.every((id) => this.ids.has(id)))) {
            return;
        }
        if (age > 0) {
            // A transaction that began before the list was read may have ended after it; or it was read already.
            await this.load();
            if (!ids.some((id) => this.ids.has(id))) {
                return;
            }
        }
        ids.forEach((id) => this.ids.add(id));
        this.unread = unread;
        this.notices = [...notices, ...this.notices].slice(0, 30);
        notices.forEach((notice) => this.leadIds.add(notice.lead_id));
        const now = Date.now();
        this.recent = this.recent.filter((one) => now - one.at < MINUTE_MS);
        this.recent.push({ at: now, count });
        const total = this.recent.reduce((sum, one) => sum + one.count, 0);
        if (total > TOASTS_A_MINUTE || count > notices.length) {
            this.showTogether(kind, total);
        } else {
            notices.forEach((notice) => this.showOne(notice));
        }
    }

    showOne(notice) {
        const open = () => {
            close();
            this.openLead(notice.lead_id);
        };
        const close = this.services().notification.add([notice.name, notice.source].filter(Boolean).join(" · "), {
            title: titleOf(notice.kind),
            type: notice.kind === "escalated" ? "warning" : "success",
            className: "o_pipeline_notice",
            autocloseDelay: TOAST_MS,
            buttons: [{ name: _t("Open"), primary: true, onClick: open }],
        });
        this.closers.push(close);
    }

    showTogether(kind, total) {
        this.closers.splice(0).forEach((close) => close());
        const message = kind === "escalated" ? _t("%s leads wait too long", total) : _t("%s new leads", total);
        const close = this.services().notification.add(message, {
            type: "success",
            className: "o_pipeline_notice",
            autocloseDelay: TOAST_MS,
            buttons: [
                {
                    name: _t("Show them"),
                    primary: true,
                    onClick: () => {
                        close();
                        this.openLeads();
                    },
                },
            ],
        });
        this.closers.push(close);
    }

    // ---- praise; the server sends none to who does not want it

    onAnswered({ seconds, name }) {
        const title = seconds ? _t("Answered in %s", formatSeconds(seconds)) : _t("Answered at once");
        this.services().notification.add(name, { title, type: "success", autocloseDelay: PRAISE_MS });
    }
}

export const noticeService = {
    dependencies: ["bus_service", "notification", "orm", "action"],
    start(env, services) {
        const book = reactive(new NoticeBook(services));
        const bus = services.bus_service;
        bus.subscribe("pipeline_notice", (payload) => book.onNotice(payload));
        bus.subscribe("pipeline_notice_read", ({ told_at }) => book.getAge(told_at) > 0 || book.load());
        bus.subscribe("pipeline_answered", (payload) => book.onAnswered(payload));
        bus.start();
        return book;
    },
};

registry.category("services").add("pipeline_notices", noticeService);
