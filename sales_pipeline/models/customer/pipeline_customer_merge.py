from odoo import api, models


class PipelineCustomer(models.Model):
    _inherit = "pipeline.customer"

    @api.model
    def _move_to_partner(self, former_partners, partner) -> None:
        """Let the customers of partners become those of another one, merging where that one is a customer already.

        :param former_partners: partners that are merged away or lost their independence
        :param partner: who they are or belong to now; its commercial partner counts
        """
        target_partner = partner.commercial_partner_id
        moving = self.search([("partner_id", "in", former_partners.ids), ("partner_id", "!=", target_partner.id)])
        for company, customers in moving.grouped("company_id").items():
            target = self._find_customer(target_partner, company) or customers.sorted("id")[0]
            (customers - target)._merge_into(target)
            target.partner_id = target_partner

    def _merge_into(self, target: "PipelineCustomer") -> None:
        """Hand everything of these customers to one customer and remove them."""
        for customer in self:
            customer.deal_ids.write({"pipeline_customer_id": target.id})
            customer._hand_over_tasks(target)
            customer._hand_over_records(target)
            target.message_subscribe(customer.message_partner_ids.ids)
            target._fill_from(customer)
            self.env["pipeline.event"]._append([
                {"kind": "customer", "record": target, "metadata": {"merged": customer.uuid, "merged_id": customer.id}}
            ])  # fmt: skip
            target.message_post(body=self.env._("%(customer)s was merged into this customer.", customer=customer.name))
        self.sudo().unlink()

    def _hand_over_tasks(self, target: "PipelineCustomer") -> None:
        """Move tasks; one that the target has as well stays once, and done if either was."""
        known = {task.name: task for task in target.onboarding_task_ids}
        for task in self.onboarding_task_ids:
            twin = known.get(task.name)
            if not twin:
                task.customer_id = target
            elif twin.state == "todo":
                twin._set_state(task.state)

    def _hand_over_records(self, target: "PipelineCustomer") -> None:
        """Move the conversation, the files and the open to-dos."""
        owned = [("res_id", "=", self.id)]
        self.message_change_thread(target)
        self.env["ir.attachment"].sudo().search([("res_model", "=", self._name), *owned]).write({"res_id": target.id})
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        activities.search([("res_model", "=", self._name), *owned]).write({"res_id": target.id})

    def _fill_from(self, other: "PipelineCustomer") -> None:
        """Take what the other knew and this one lacks; the older win counts as the winning deal."""
        values = {name: other[name].id for name in ("csm_id", "contact_id") if other[name] and not self[name]}
        if other.opportunity_id and (not self.opportunity_id or other.won_at < self.won_at):
            values |= {"opportunity_id": other.opportunity_id.id, "won_at": other.won_at}
        self.write(values)
