from odoo import models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _sync_activities(self, fields):
        result = super()._sync_activities(fields)
        if "start" in fields:
            for event in self:
                planned = event.sudo().activity_ids.filtered("active")
                # Odoo moves the day along; the moment is ours. A whole day has none.
                at = False if event.allday else event.start
                moved = planned.filtered(lambda activity, at=at: activity.scheduled_at != at)
                moved.with_context(calendar_event_meeting_update=True).write({"scheduled_at": at})
        return result
