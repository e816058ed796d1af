"""Mails as a mail server hands them to Odoo's gateway: over RPC, several at once."""

import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor

import pytest

_MAIL = """From: Robin Example <{sender}>
To: {to}
Subject: Ten units, mail {number}
Message-Id: <{number}.{sender}>
{head}Content-Type: text/plain; charset="utf-8"

Please call, says mail {number}.
"""


@pytest.fixture(scope="module")
def mailbox(server):
    """Make a source with an address."""
    with server.env() as env:
        env.company.alias_domain_id = env["mail.alias.domain"].create({"name": "house.example"})
        source = env["pipeline.source"].create({"name": "Mailbox", "provider": "email", "alias_name": "enquiries"})
        return source.alias_email


def _deliver(server, to, sender, number, head=""):
    """Do what odoo-mailgate.py does with a mail that a mail server pipes into it."""
    mail = _MAIL.format(sender=sender, to=to, number=number, head=head)
    common = xmlrpc.client.ServerProxy(f"{server.base_url}/xmlrpc/2/common")
    uid = common.authenticate(server.database, "admin", "admin", {})
    objects = xmlrpc.client.ServerProxy(f"{server.base_url}/xmlrpc/2/object", allow_none=True)
    call = ("mail.thread", "message_process", [False, xmlrpc.client.Binary(mail.encode())], {})
    return objects.execute_kw(server.database, uid, "admin", *call)


def _get_leads(server, sender):
    return server.sql(
        """
        SELECT l.id, l.user_id IS NOT NULL, (SELECT count(*) FROM pipeline_touch WHERE lead_id = l.id),
               (SELECT count(*) FROM mail_message
                 WHERE model = 'crm.lead' AND res_id = l.id AND message_type = 'email' AND body LIKE '%%Please call%%')
          FROM crm_lead l WHERE l.email_normalized = %s
        """,
        sender,
    )


def test_mails_of_one_person_side_by_side_are_one_lead_with_every_mail(server, mailbox):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: _deliver(server, mailbox, "robin@crowd.example", number), range(4)))
    [(lead, _is_owned, touches, mails)] = _get_leads(server, "robin@crowd.example")
    assert made == [lead] * 4
    assert (touches, mails) == (4, 4)


def test_a_mail_that_is_handed_over_twice_counts_once(server, mailbox):
    for _time in range(2):
        _deliver(server, mailbox, "twice@crowd.example", 1)
    [(_lead, _is_owned, touches, mails)] = _get_leads(server, "twice@crowd.example")
    assert (touches, mails) == (1, 1)


def test_an_absence_note_makes_nothing(server, mailbox):
    assert not _deliver(server, mailbox, "away@crowd.example", 1, "Auto-Submitted: auto-replied\n")
    assert _get_leads(server, "away@crowd.example") == []
