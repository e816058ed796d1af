import "@crm/views/crm_form/crm_form";

import { registry } from "@web/core/registry";

import { KnownContactDialog } from "./known_contact_dialog";

const crmForm = registry.category("views").get("crm_form");

/** A lead or deal whose save may end in a question that only a person can answer. */
class LeadRecord extends crmForm.Model.Record {
    async _save(options = {}) {
        if (this.resModel !== "crm.lead" || this.resId) {
            return super._save(...arguments);
        }
        if (this.model._urgentSave) {
            // Nobody can be asked while the page closes; what was typed must not be lost, and the two become a pair.
            this._changes.is_other_contact = true;
        }
        const { onError } = options;
        return super._save({
            ...options,
            onError: (error, actions) => {
                const found = error.data?.context?.pipeline_similar;
                if (found) {
                    return this.askAboutSimilar(found, actions.retry);
                }
                if (onError) {
                    return onError(error, actions);
                }
                throw error;
            },
        });
    }

    /** Resolve to whether the record was saved after all. */
    async askAboutSimilar(found, retry) {
        const answer = await new Promise((resolve) => {
            this.model.dialog.add(
                KnownContactDialog,
                {
                    found,
                    onKnown: (record) => resolve({ same_as_lead_id: { id: record.res_id, display_name: record.name } }),
                    onOther: () => resolve({ is_other_contact: true }),
                },
                { onClose: () => resolve(null) }
            );
        });
        if (!answer) {
            return false;
        }
        this._applyChanges(answer);
        const saved = await retry();
        if (!saved) {
            this._applyChanges({ is_other_contact: false, same_as_lead_id: false });
        }
        return saved;
    }
}

class LeadModel extends crmForm.Model {
    static Record = LeadRecord;
}

registry.category("views").add("pipeline_lead_form", { ...crmForm, Model: LeadModel });
