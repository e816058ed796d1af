import { rpc } from "@web/core/network/rpc";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";
import { ExportDataDialog } from "@web/views/view_dialogs/export_data_dialog";
import { user } from "@web/core/user";

import { onWillStart } from "@odoo/owl";

/** A list of leads or deals whose actions work on any number of records, in the background. */
export class BulkListController extends ListController {
    setup() {
        super.setup();
        this.progress = useService("sales_pipeline.progress");
        useBus(this.env.bus, "PIPELINE:FINISHED", ({ detail }) => this.onFinished(detail));
        onWillStart(async () => {
            this.isSalesperson = await user.hasGroup("sales_team.group_sale_salesman");
        });
    }

    async onFinished(progress) {
        // Whoever is amid something must not lose it; the next load shows what changed.
        const isBusy = !this.model.isReady || this.editedRecord || this.hasSelectedRecords;
        if (progress.model === "pipeline.bulk" && !progress.url && !isBusy) {
            await this.refresh();
        }
    }

    /** Load the rows anew; those that somebody chose while the answer was on its way stay chosen. */
    async refresh() {
        const { root, mutex } = this.model;
        const former = root.records;
        await root.load();
        // What was clicked meanwhile waits in the same queue, so that it is done by then.
        await mutex.exec(() => {
            const chosen = new Set(former.filter((record) => record.selected).map((record) => record.resId));
            for (const record of root.records) {
                record.selected ||= chosen.has(record.resId);
            }
        });
    }

    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        if (this.isSalesperson) {
            Object.assign(items, {
                bulk_assign: this.makeItem(1, "fa-user-plus", _t("Assign"), "assign"),
                bulk_status: this.isOfDeals
                    ? this.makeItem(2, "fa-ban", _t("Mark as lost"), "status")
                    : this.makeItem(2, "fa-check-square-o", _t("Set status"), "status"),
                bulk_tags: this.makeItem(3, "fa-tags", _t("Tags"), "tags"),
                bulk_priority: this.makeItem(4, "fa-thermometer-half", _t("Priority"), "priority"),
            });
        }
        if (this.isSalesperson && this.isDomainSelected) {
            // What a search finds may be more than a request can delete.
            items.delete.callback = () => this.openBulkDialog("delete", _t("Delete"));
        }
        if (this.isSalesperson && this.isExportEnable) {
            items.bulk_export = {
                sequence: 11,
                icon: "fa fa-cloud-download",
                description: _t("Export in background"),
                callback: () => this.openExportDialog(),
            };
        }
        return items;
    }

    makeItem(sequence, icon, description, kind) {
        return {
            sequence,
            icon: `fa ${icon}`,
            description,
            callback: () => this.openBulkDialog(kind, description),
        };
    }

    get isOfDeals() {
        return this.props.context.default_type === "opportunity";
    }

    /** What is chosen: ids, or the search where all that it finds is chosen. */
    get chosen() {
        const { root } = this.model;
        if (!root.isDomainSelected) {
            return { ids: root.selection.map((record) => record.resId) };
        }
        const order = root.orderBy.map(({ name, asc }) => `${name} ${asc ? "asc" : "desc"}`).join(", ");
        return { domain: root.domain, order };
    }

    async openBulkDialog(kind, title) {
        const { context } = this.model.root;
        const kept = "active_test" in context ? { active_test: context.active_test } : {};
        const action = {
            type: "ir.actions.act_window",
            name: title,
            res_model: "pipeline.bulk.start",
            views: [[false, "form"]],
            target: "new",
            context: {
                ...kept,
                default_kind: kind,
                default_chosen: JSON.stringify(this.chosen),
                default_is_of_deals: this.isOfDeals,
                default_status: this.isOfDeals ? "disqualified" : "contacted",
            },
        };
        await this.actionService.doAction(action, {
            onClose: async (infos) => {
                if (infos?.pipeline_bulk_id) {
                    await this.onBulkStarted(infos.pipeline_bulk_id);
                }
            },
        });
    }

    openExportDialog() {
        const { chosen } = this;
        const { root } = this.model;
        const domain = chosen.domain || [["id", "in", chosen.ids]];
        const close = this.dialogService.add(ExportDataDialog, {
            context: root.context,
            defaultExportList: this.getExportableFields(),
            root,
            getExportedFields: (isCompatible, parentParams) =>
                rpc("/web/export/get_fields", {
                    model: root.resModel,
                    domain: parentParams ? [] : domain,
                    import_compat: isCompatible,
                    ...parentParams,
                }),
            download: async (fields, isCompatible, format) => {
                const columns = fields.map((field) => ({
                    name: field.name || field.id,
                    label: field.label || field.string,
                }));
                if (isCompatible) {
                    columns.unshift({ name: "id" });
                }
                const args = [chosen, columns, format, isCompatible];
                const id = await this.orm.call("pipeline.bulk", "start_export", args);
                close();
                await this.onBulkStarted(id);
            },
        });
    }

    async onBulkStarted(id) {
        // Once it runs, the choice is taken; a list that keeps it would not be refreshed at the end.
        this.model.root.selection.forEach((record) => record.toggleSelection(false));
        this.model.root.selectDomain(false);
        await this.progress.watch("pipeline.bulk", [id]);
    }
}

export const bulkListView = { ...listView, Controller: BulkListController };

registry.category("views").add("pipeline_bulk_list", bulkListView);
