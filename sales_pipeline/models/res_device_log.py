from odoo import models


class ResDeviceLog(models.Model):
    _inherit = "res.device.log"

    def _update_device(self, request):
        # Once an hour a session's request begins by noting its device. Left open, this write would keep key_lock from
        # renewing the snapshot, and two colleagues who type the same contact would both make a lead of it.
        result = super()._update_device(request)
        if not self.env.cr.readonly:
            self.env.cr.commit()  # pylint: disable=invalid-commit
        return result
