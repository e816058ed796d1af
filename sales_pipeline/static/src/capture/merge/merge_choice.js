/** What a person decided about a merge: who stays, and whose value counts in each field. */

export const JOINED = 0;

/**
 * Return whose value counts at first: joined where that makes sense, else the one's who stays, else of the first who knows.
 *
 * @param {Object} field a row of `crm.lead.get_merge_comparison`
 * @param {number[]} order ids of the leads, first the one that stays
 * @returns {number} id of a lead, or `JOINED`
 */
export function chooseFirst(field, order) {
    if (field.is_joined) {
        return JOINED;
    }
    return order.find((id) => field.texts[id]) ?? order[0];
}

/**
 * Return the ids of all leads, first the one that stays, then the others in the order in which they are shown.
 *
 * @param {Object[]} records
 * @param {number} survivorId
 */
export function orderFrom(records, survivorId) {
    return [survivorId, ...records.map((record) => record.id).filter((id) => id !== survivorId)];
}

/**
 * Add up what moves to the one that stays.
 *
 * @param {Object[]} records
 * @param {number} survivorId
 * @returns {[string, number][]}
 */
export function countMoves(records, survivorId) {
    const counts = new Map();
    for (const record of records) {
        if (record.id !== survivorId) {
            for (const [label, count] of record.moves) {
                counts.set(label, (counts.get(label) ?? 0) + count);
            }
        }
    }
    return [...counts];
}
