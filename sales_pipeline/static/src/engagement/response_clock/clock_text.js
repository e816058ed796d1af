import { reactive } from "@odoo/owl";

import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;
const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** One beat a second for all clocks on the page, and none while there is no clock. */
const ticker = reactive({ now: DateTime.now() });
let watching = 0;
let timer;

/** Start the beat for one clock; returns how to stop it. */
export function watchTime() {
    ticker.now = DateTime.now();
    if (!watching++) {
        timer = setInterval(() => (ticker.now = DateTime.now()), 1000);
    }
    return () => {
        if (!--watching) {
            clearInterval(timer);
        }
    };
}

export { ticker };

/** 160 -> "2:40", 3 700 -> "1:01 h" */
export function formatSeconds(seconds) {
    const total = Math.max(0, Math.floor(seconds));
    if (total >= 24 * HOUR) {
        return _t("%s d", Math.floor(total / (24 * HOUR)));
    }
    if (total >= HOUR) {
        return _t("%s h", `${Math.floor(total / HOUR)}:${`${Math.floor((total % HOUR) / MINUTE)}`.padStart(2, "0")}`);
    }
    return `${Math.floor(total / MINUTE)}:${`${total % MINUTE}`.padStart(2, "0")}`;
}

function formatDue(due, now) {
    const time = due.toLocaleString(DateTime.TIME_SIMPLE);
    if (due.hasSame(now, "day")) {
        return _t("due at %s", time);
    }
    const day = due.diff(now, "days").days < 6 ? due.weekdayShort : due.toLocaleString({ day: "numeric", month: "short" });
    return _t("due %(day)s, %(time)s", { day, time });
}

/**
 * What a clock says.
 *
 * @param {{state: string|false, due: DateTime|false, seconds: number, minutes: number}} clock
 * @param {DateTime} now
 * @returns {{text: string, className: string, icon: string}|null} nothing where no clock runs
 */
export function describeClock({ state, due, seconds, minutes }, now) {
    if (state === "answered") {
        const inTime = !minutes || seconds <= minutes * MINUTE;
        const text = seconds ? _t("answered in %s", formatSeconds(seconds)) : _t("answered at once");
        return { text, className: inTime ? "text-success" : "text-muted", icon: "fa-check" };
    }
    if (!state || !due) {
        return null;
    }
    const left = due.diff(now, "seconds").seconds;
    if (left <= 0) {
        return { text: _t("late %s", formatSeconds(-left)), className: "text-danger fw-bold", icon: "fa-exclamation-circle" };
    }
    if (left > HOUR) {
        return { text: formatDue(due, now), className: "text-muted", icon: "fa-clock-o" };
    }
    const isShort = left <= MINUTE || (minutes && left <= (minutes * MINUTE) / 4);
    return {
        // A second that has begun is still left: nobody sees "0:00 left".
        text: _t("%s left", formatSeconds(Math.ceil(left))),
        className: isShort ? "text-warning fw-bold" : "text-info fw-bold",
        icon: "fa-clock-o",
    };
}

/** Read a moment as the server writes it. */
export function toMoment(text) {
    return text ? deserializeDateTime(text) : false;
}
