import { Component, reactive, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { uniqueId } from "@web/core/utils/functions";
import { useService } from "@web/core/utils/hooks";
import { user } from "@web/core/user";
import { session } from "@web/session";

/** One switch for all that show it; `isOn` is undefined for who gets no leads. */
export const away = reactive({ isOn: session.pipeline_is_away });

/** Say what is wanted rather than the opposite of what is: another tab may have turned the switch meanwhile. */
async function switchAway({ orm, notification }, wanted) {
    away.isOn = await orm.call("res.users", "action_switch_away", [[user.userId], wanted]);
    const said = away.isOn
        ? _t("You are away: new leads go to others until you switch back.")
        : _t("You are back: new leads come to you again.");
    notification.add(said, { type: "info" });
}

/** The switch in the user menu that says: no new leads for me now. */
export function awaySwitchItem(env) {
    return {
        type: "switch",
        id: "pipeline_away",
        description: _t("Away: No New Leads"),
        isChecked: Boolean(away.isOn),
        show: () => away.isOn !== undefined,
        callback: () => switchAway(env.services, !away.isOn),
        sequence: 45,
    };
}

registry.category("user_menuitems").add("pipeline_away", awaySwitchItem);

/** The same switch where the leads are, one click or tap away. */
export class AwaySwitch extends Component {
    static template = "sales_pipeline.AwaySwitch";
    static props = [];

    setup() {
        this.id = uniqueId("o_pipeline_away_");
        this.away = useState(away);
        this.state = useState({ isBusy: false });
        this.services = { orm: useService("orm"), notification: useService("notification") };
    }

    async toggle({ target }) {
        this.state.isBusy = true;
        try {
            await switchAway(this.services, target.checked);
        } finally {
            target.checked = Boolean(this.away.isOn);
            this.state.isBusy = false;
        }
    }
}
