"""What the headers of a mail say about who wrote it: a person, or a machine that answered by itself."""

from collections.abc import Mapping

_ROBOTS = ("mailer-daemon", "postmaster")
_ANSWERED = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-autoreply-from")


def is_automatic_reply(headers: Mapping[str, str | None]) -> bool:
    """Tell whether a machine answered by itself: an absence note, a receipt, a bounce.

    Mails that a form, a list or a group sends on for a person are none: they carry what the person wrote.
    Source: RFC 3834 (Auto-Submitted, null return path); absence notes of Exchange say ``auto-generated`` and what they
    reply to.

    :param headers: by name; an ``email.message.Message`` will do, whose names ignore case

    >>> is_automatic_reply({"Auto-Submitted": "auto-replied (vacation)"}), is_automatic_reply({"Auto-Submitted": "no"})
    (True, False)
    """
    lower = {str(name).lower(): str(value or "").strip().lower() for name, value in headers.items()}
    submitted = lower.get("auto-submitted", "no").partition(";")[0].partition("(")[0].strip()
    sender = lower.get("from", "").rpartition("<")[2].partition("@")[0].strip()
    return (
        submitted == "auto-replied"
        or (submitted == "auto-generated" and bool(lower.get("in-reply-to")))
        or lower.get("precedence") == "auto_reply"
        or lower.get("return-path") == "<>"
        or sender in _ROBOTS
        or any(name in lower for name in _ANSWERED)
    )
