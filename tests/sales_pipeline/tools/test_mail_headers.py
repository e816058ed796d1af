from email import message_from_string
from email.policy import SMTP

import pytest

from odoo.addons.sales_pipeline.tools.mail_headers import is_automatic_reply


@pytest.mark.parametrize("head", [
    "Auto-Submitted: auto-replied",
    "auto-submitted: Auto-Replied (vacation)",
    "Auto-Submitted: auto-generated\nIn-Reply-To: <1@a.example>\nSubject: Automatic reply: Offer",
    "X-Autoreply: yes",
    "X-Autorespond: 1",
    "Precedence: auto_reply",
    "Return-Path: <>",
    "From: Mail Delivery <MAILER-DAEMON@mx.example>",
    "From: postmaster@mx.example",
])  # fmt: skip
def test_machines_that_answer_are_known(head):
    assert is_automatic_reply(message_from_string(f"{head}\n\nAway", policy=SMTP))


@pytest.mark.parametrize("head", [
    "From: Ann <ann@a.example>",
    "Auto-Submitted: no",
    "Auto-Submitted: auto-generated\nSubject: Contact form",
    "Precedence: list\nList-Id: <sales.a.example>\nReturn-Path: <bounces@a.example>",
    "Precedence: bulk",
    "X-Auto-Response-Suppress: All",
    "From: \"postmaster\" <ann@a.example>",
    "In-Reply-To: <1@a.example>",
])  # fmt: skip
def test_what_a_person_wrote_is_kept(head):
    assert not is_automatic_reply(message_from_string(f"{head}\n\nHello", policy=SMTP))
