from odoo import models


class PipelineEvent(models.Model):
    _inherit = "pipeline.event"

    def _get_summary(self) -> str:
        facts = self.metadata or {}
        if self.kind == "onboarding":
            return self.env._("%(percent)s %% done", percent=facts.get("percent", 0))
        if self.kind == "mail" and facts.get("welcome"):
            return self.env._("Welcome")
        if self.kind == "customer":
            return self._get_customer_summary(facts)
        return super()._get_summary()

    def _get_customer_summary(self, facts: dict) -> str:
        if facts.get("created"):
            manager = self._get_name("res.users", facts.get("csm"))
            return self.env._("New customer, looked after by %(manager)s", manager=manager or self.env._("nobody"))
        if facts.get("won_again"):
            return self.env._("Bought again")
        if facts.get("merged"):
            return self.env._("Merged with another customer")
        if facts.get("lifecycle"):
            labels = dict(self.env["pipeline.customer"]._fields["lifecycle_stage"]._description_selection(self.env))
            return " → ".join(labels.get(stage, stage) for stage in facts["lifecycle"])
        return ""
