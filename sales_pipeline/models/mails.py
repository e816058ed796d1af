"""How jobs send mails."""

# A context. What a job posts waits in Odoo's hourly queue, unless told otherwise; nobody here waits that long. Waking
# that queue instead would have it meet the requests that send theirs at the same time, and one of the two fails.
SENT_AT_ONCE = {"mail_notify_force_send": True}
