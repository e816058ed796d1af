import { Component, onWillDestroy, onWillStart, useRef, useState } from "@odoo/owl";

import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { getDataURLFromFile } from "@web/core/utils/urls";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Progress } from "@sales_pipeline/core/progress/progress";

const MODEL = "pipeline.import";
const ASKED_EVERY_MS = 1500;
const PAGE = 100;
const MOST_BYTES = 64 * 1024 * 1024;
const MOVING = ["queued", "undoing"];
const UNSURE = ["note", "ignore"];

/** Leads through the import of a list: file, columns, preview, run, result. All of it stands on the server. */
export class ImportStudio extends Component {
    static template = "sales_pipeline.ImportStudio";
    static components = { Progress };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.progress = useService("sales_pipeline.progress");
        this.fileInput = useRef("file");
        this.state = useState({ data: null, step: "columns", kind: "", page: 0, busy: false, over: false, error: "" });
        onWillStart(async () => {
            const id = this.props.action.params?.import_id || this.props.resId;
            if (id) {
                await this.read(id);
            }
        });
        onWillDestroy(() => {
            this.isGone = true;
            clearTimeout(this.timer);
        });
    }

    // ---- what the page shows

    get data() {
        return this.state.data;
    }

    get step() {
        if (!this.data) {
            return "file";
        }
        return this.data.state === "draft" ? this.state.step : this.isEnded ? "result" : "run";
    }

    get steps() {
        const names = [
            ["file", _t("File")], ["columns", _t("Columns")], ["preview", _t("Preview")], ["run", _t("Import")],
            ["result", _t("Result")],
        ];
        const at = names.findIndex(([name]) => name === this.step);
        return names.map(([name, label], place) => ({ name, label, number: place + 1, isDone: place < at, isNow: place === at }));
    }

    get isEnded() {
        return ["done", "cancelled", "undone", "failed"].includes(this.data.state);
    }

    get isChecking() {
        return this.data.check.state === "running";
    }

    get mapped() {
        return this.data.columns.filter((column) => !UNSURE.includes(column.target)).length;
    }

    get hasReach() {
        return this.data.columns.some((column) => ["email", "phone", "whatsapp"].includes(column.target));
    }

    get kinds() {
        const labels = {
            new: _t("New leads"), known: _t("Known leads"), earlier: _t("Twice in the list"),
            imported: _t("Imported before"), refused: _t("Refused"), problem: _t("Cannot be read"),
        };
        const counts = this.data.check.forecast;
        return Object.keys(labels).map((kind) => ({ kind, label: labels[kind], count: counts[kind] || 0 }));
    }

    get results() {
        const { counts } = this.data;
        const lines = [
            ["created", _t("New leads"), counts.created, "success"],
            ["duplicate", _t("Known leads, which got a touch"), counts.duplicate, "info"],
            ["repeated", _t("Twice in the list"), counts.repeated, "secondary"],
            ["known", _t("Imported before"), counts.known, "secondary"],
            ["refused", _t("Not imported"), counts.refused + counts.problem + counts.failed, "danger"],
            ["undone", _t("Leads taken back"), counts.undone, "warning"],
        ];
        return lines.map(([name, label, count, color]) => ({ name, label, count, color }));
    }

    get troubles() {
        const { counts, check } = this.data;
        return this.data.state === "draft"
            ? (check.forecast.refused || 0) + (check.forecast.problem || 0)
            : counts.refused + counts.problem + counts.failed;
    }

    get pages() {
        return Math.max(Math.ceil(this.data.row_count / PAGE), 1);
    }

    get checkText() {
        return this.isChecking
            ? _t("%(count)s of %(total)s rows looked at...", this.figures(this.data.check.count))
            : _t("All %(total)s rows were looked at.", this.figures(this.data.check.count));
    }

    get rowsText() {
        return _t("%(total)s rows", this.figures(0));
    }

    get mappedText() {
        return _t(
            "%(count)s of %(total)s columns have a place of their own; your choice is remembered for the next list of this kind.",
            { count: this.mapped, total: this.data.columns.length }
        );
    }

    lineText(row) {
        return _t("Line %(line)s", { line: row.line });
    }

    get startText() {
        return _t("Import %(total)s rows", this.figures(0));
    }

    get title() {
        const titles = {
            queued: _t("The list is being imported"), paused: _t("The import is paused"),
            running: _t("The list is being imported at a terminal"), undoing: _t("The import is being taken back"),
            done: _t("The list was imported"), cancelled: _t("The import was cancelled"),
            undone: _t("The import was taken back"), failed: _t("The list cannot be read"),
        };
        return titles[this.data.state];
    }

    figures(count) {
        return { count: formatInteger(count), total: formatInteger(this.data.counts.total) };
    }

    format(count) {
        return formatInteger(count || 0);
    }

    badge(kind) {
        return {
            new: "text-bg-success", known: "text-bg-info", refused: "text-bg-danger", problem: "text-bg-danger",
            failed: "text-bg-danger", kept: "text-bg-warning",
        }[kind] || "text-bg-secondary";
    }

    // ---- what a person does

    onDrop(ev) {
        this.state.over = false;
        const [file] = ev.dataTransfer.files;
        if (file) {
            this.upload(file);
        }
    }

    async onChosen(ev) {
        const [file] = ev.target.files;
        if (file) {
            await this.upload(file);
        }
    }

    async upload(file) {
        if (file.size > MOST_BYTES) {
            this.state.error = _t("The file is larger than 64 MB. Split it and import the parts.");
            return;
        }
        const content = (await getDataURLFromFile(file)).split(",")[1] || "";
        await this.act(() => this.orm.call(MODEL, "studio_upload", [file.name, content]));
        if (this.fileInput.el) {
            this.fileInput.el.value = "";
        }
    }

    configure(values) {
        this.state.kind = "";
        this.state.page = 0;
        return this.act(() => this.orm.call(MODEL, "studio_configure", [[this.data.id], values]));
    }

    choose(column, target) {
        return this.configure({ columns: { [column]: target } });
    }

    show(kind) {
        this.state.kind = this.state.kind === kind ? "" : kind;
        this.state.page = 0;
        return this.read();
    }

    turn(by) {
        this.state.page = Math.min(Math.max(this.state.page + by, 0), this.pages - 1);
        return this.read();
    }

    async press(method) {
        const { id } = this.data;
        await this.act(async () => {
            const action = await this.orm.call(MODEL, method, [[id]]);
            if (action) {
                await this.action.doAction(action);
            }
            await this.progress.watch(MODEL, [id]);
            this.state.kind = "";
            this.state.page = 0;
            return this.fetch(id);
        });
    }

    openLead(row) {
        return this.action.doAction({
            type: "ir.actions.act_window", res_model: row.res_model, res_id: row.res_id, views: [[false, "form"]],
        });
    }

    openHistory() {
        return this.action.doAction("sales_pipeline.pipeline_import_action");
    }

    restart() {
        clearTimeout(this.timer);
        Object.assign(this.state, { data: null, step: "columns", kind: "", page: 0, error: "" });
        this.props.updateActionState?.({ resId: false });
    }

    // ---- what the server says

    async act(work) {
        this.state.busy = true;
        this.state.error = "";
        try {
            this.take(await work());
        } catch (error) {
            if (!error.data?.message) {
                throw error;
            }
            // What was wrong with the file is said where the file was given.
            this.state.error = error.data.message;
        } finally {
            this.state.busy = false;
        }
    }

    fetch(id) {
        return this.orm.silent.call(MODEL, "studio_read", [[id], this.state.kind || null, this.state.page]);
    }

    async read(id = this.data.id) {
        this.take(await this.fetch(id));
    }

    take(data) {
        if (this.isGone || !data) {
            return;
        }
        this.state.data = data;
        this.props.updateActionState?.({ resId: data.id });
        clearTimeout(this.timer);
        if (MOVING.includes(data.state) || (data.state === "draft" && data.check.state === "running")) {
            this.timer = setTimeout(() => this.follow(), ASKED_EVERY_MS);
        }
    }

    async follow() {
        const { id } = this.data;
        try {
            await this.progress.watch(MODEL, [id]);
            const data = await this.fetch(id);
            if (this.data?.id === id && !this.state.busy) {
                this.take(data);
                return;
            }
        } catch {
            // Offline for a moment: asked again.
        }
        if (!this.isGone && this.data) {
            this.timer = setTimeout(() => this.follow(), ASKED_EVERY_MS);
        }
    }
}

registry.category("actions").add("sales_pipeline.import_studio", ImportStudio);
