import { Component, onMounted, useEffect, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { toMoment } from "../response_clock/clock_text";
import { ResponseClock } from "../response_clock/response_clock";
import { titleOf } from "./notice_service";

/** The leads that somebody has not looked at yet, in the bar of every page. */
export class NoticeMenu extends Component {
    static template = "sales_pipeline.NoticeMenu";
    static components = { Dropdown, DropdownItem, ResponseClock };
    static props = [];

    setup() {
        this.book = useState(useService("pipeline_notices"));
        this.dropdown = useDropdownState();
        this.state = useState({ praises: user.settings.pipeline_praises !== false });
        onMounted(() => this.book.load());
    }

    get notices() {
        return this.book.notices.map((notice) => ({
            ...notice,
            title: titleOf(notice.kind),
            clock: { state: notice.state, due: toMoment(notice.due_at) },
        }));
    }

    open(notice) {
        return notice.lead_id ? this.book.openLead(notice.lead_id) : this.book.openLeads();
    }

    async togglePraise() {
        this.state.praises = !this.state.praises;
        await user.setUserSettings("pipeline_praises", this.state.praises);
    }
}

registry.category("systray").add("sales_pipeline.notices", { Component: NoticeMenu }, { sequence: 24 });

/** Stands on a lead's form: whoever has it on the screen has read its notices. */
export class Seen extends Component {
    static template = "sales_pipeline.Seen";
    static props = { ...standardWidgetProps };

    setup() {
        this.book = useService("pipeline_notices");
        useEffect(
            (leadId) => {
                if (leadId) {
                    this.book.seen(leadId);
                }
            },
            () => [this.props.record.resId]
        );
    }
}

registry.category("view_widgets").add("pipeline_seen", { component: Seen });
