"""How far a lead is, derived from facts: never from the pipeline stage."""


def derive_status(record_type: str, was_converted: bool, won_status: str, qualification: str | None) -> str | None:
    """Return the public status of a lead.

    >>> derive_status("lead", False, "pending", "contacted")
    'contacted'
    >>> derive_status("lead", False, "lost", "contacted")
    'disqualified'
    >>> derive_status("opportunity", True, "lost", "qualified")
    'converted'
    >>> derive_status("opportunity", False, "pending", None) is None
    True

    :param record_type: ``lead`` or ``opportunity``
    :param was_converted: whether a conversion date is set
    :param won_status: Odoo's ``pending``, ``won`` or ``lost``
    :param qualification: ``new``, ``contacted``, ``qualified`` or nothing
    :return: the status, or nothing for a deal that never was a lead
    """
    if was_converted:
        return "converted"
    if record_type != "lead":
        return None
    if won_status == "lost":
        return "disqualified"
    return qualification or "new"
