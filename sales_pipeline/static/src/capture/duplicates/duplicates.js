import { Component, onWillStart, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

import { Progress } from "../../core/progress/progress";

const MODEL = "pipeline.duplicate.run";
const RELOAD = { type: "ir.actions.client", tag: "soft_reload" };
const UNDO_MS = 15000;

/** The line above the pairs: when the base was searched last, or how far the search is; managers start one. */
export class DuplicateSearch extends Component {
    static template = "sales_pipeline.DuplicateSearch";
    static components = { Progress };
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.progress = useService("sales_pipeline.progress");
        this.state = useState({ id: 0, is_open: false, can_start: false, finished_at: false });
        onWillStart(() => this.ask());
        useBus(this.env.bus, "PIPELINE:FINISHED", async ({ detail }) => {
            if (detail.model === MODEL) {
                await this.ask();
                await this.action.doAction(RELOAD);
            }
        });
    }

    async ask() {
        Object.assign(this.state, await this.orm.silent.call(MODEL, "get_search", []));
    }

    get text() {
        return this.state.finished_at
            ? _t("Searched last %(when)s; whoever is new or changed is compared each night.", {
                  when: deserializeDateTime(this.state.finished_at).toRelative(),
              })
            : _t("Not searched yet; whoever is new or changed is compared each night.");
    }

    async start() {
        await this.orm.call(MODEL, "action_search_now", []);
        await this.progress.watch(MODEL, [this.state.id]);
        await this.ask();
    }
}

export class DuplicateListRenderer extends ListRenderer {
    static template = "sales_pipeline.DuplicateListRenderer";
    static components = { ...ListRenderer.components, DuplicateSearch };

    onCellKeydownReadOnlyMode(hotkey, cell, ...rest) {
        // Enter on a button is a click on it, not one on its row.
        if (hotkey === "enter" && cell.contains(document.activeElement.closest("button"))) {
            return false;
        }
        return super.onCellKeydownReadOnlyMode(hotkey, cell, ...rest);
    }
}

export class DuplicateKanbanRenderer extends KanbanRenderer {
    static template = "sales_pipeline.DuplicateKanbanRenderer";
    static components = { ...KanbanRenderer.components, DuplicateSearch };
}

/** Say what was decided of pairs, with a button that takes it back; then the list is read anew. */
function tellDecided(env, action) {
    const { ids, message } = action.params;
    const close = env.services.notification.add(message, {
        type: "success",
        autocloseDelay: UNDO_MS,
        buttons: [
            {
                name: _t("Undo"),
                primary: true,
                onClick: async () => {
                    close();
                    await env.services.orm.call("pipeline.duplicate", "action_mark_open", [ids]);
                    await env.services.action.doAction(RELOAD);
                },
            },
        ],
    });
    return { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("sales_pipeline.pairs_decided", tellDecided);
registry.category("views").add("pipeline_duplicate_list", { ...listView, Renderer: DuplicateListRenderer });
registry.category("views").add("pipeline_duplicate_kanban", { ...kanbanView, Renderer: DuplicateKanbanRenderer });
