"""Who may ask what: one line an address, one column a role of the world.

A cell is the status of the answer. For lists ``sees`` and ``-`` tell whether the owner's record is among the 200s.
The owner is a representative, with a mate and a leader in the team; the rival is one of another team, whose leader is
the chief. The seller has Odoo's own right to all documents, csm is the success manager, billing has Odoo's invoicing.
"""

from dataclasses import dataclass
from typing import Any

LEADS = """
                                                          owner mate leader rival chief csm  billing plain seller admin
GET    /leads                                             sees  -    sees   -     -     -    403     403   sees   sees
POST   /leads                                             201   201  201    201   201   403  403     403   201    201
GET    /leads/{lead}                                      200   404  200    404   404   404  404     404   200    200
PUT    /leads/{lead}                                      200   404  200    404   404   404  404     404   200    200
PATCH  /leads/{lead}                                      200   404  200    404   404   404  404     404   200    200
DELETE /leads/{lead}                                      403   404  204    404   404   404  404     404   403    204
POST   /leads/{lead}/convert                              201   404  201    404   404   404  404     404   201    201
POST   /leads/{lead}/call                                 501   404  501    404   404   404  404     404   501    501
POST   /leads/{lead}/whatsapp                             501   404  501    404   404   404  404     404   501    501
POST   /leads/{lead}/email                                202   404  202    404   404   404  404     404   202    202
POST   /leads/{lead}/schedule                             201   404  201    404   404   404  404     404   201    201
POST   /leads/bulk                                        200   200  200    200   200   403  403     403   200    200
"""
DEALS = """
                                                          owner mate leader rival chief csm  billing plain seller admin
GET    /opportunities                                     sees  -    sees   -     -     -    403     403   sees   sees
POST   /opportunities                                     201   201  201    201   201   403  403     403   201    201
GET    /opportunities/{deal}                              200   404  200    404   404   404  404     404   200    200
GET    /opportunities/{won}                               200   404  200    404   404   200  404     404   200    200
PUT    /opportunities/{deal}                              200   404  200    404   404   404  404     404   200    200
PATCH  /opportunities/{deal}                              200   404  200    404   404   404  404     404   200    200
PATCH  /opportunities/{won}                               200   404  200    404   404   403  404     404   200    200
POST   /opportunities/{deal}/close                        200   404  200    404   404   404  404     404   200    200
GET    /customers                                         sees  -    sees   -     -     sees 403     403   sees   sees
POST   /customers                                         403   403  201    403   201   201  403     403   403    201
GET    /customers/{customer}                              200   404  200    404   404   200  404     404   200    200
PUT    /customers/{customer}                              403   404  200    404   404   403  404     404   403    200
PATCH  /customers/{customer}                              403   404  200    404   404   200  404     404   403    200
"""
QUOTES = """
                                                          owner mate leader rival chief csm  billing plain seller admin
GET    /quotes                                            sees  -    sees   -     -     sees sees    403   sees   sees
POST   /quotes                                            201   422  201    422   422   403  403     403   201    201
GET    /quotes/{quote}                                    200   404  200    404   404   200  200     404   200    200
GET    /quotes/{order}                                    200   404  200    404   404   200  200     404   200    200
PUT    /quotes/{quote}                                    200   404  200    404   404   403  403     404   200    200
POST   /quotes/{quote}/send                               200   404  200    404   404   403  200     404   200    200
POST   /quotes/{quote}/accept                             200   404  200    404   404   403  200     404   200    200
POST   /quotes/{quote}/reject                             200   404  200    404   404   403  200     404   200    200
GET    /orders                                            sees  -    sees   -     -     sees sees    403   sees   sees
GET    /orders/{order}                                    200   404  200    404   404   200  200     404   200    200
"""
ACTIVITIES = """
                                                          owner mate leader rival chief csm  billing plain seller admin
GET    /activities                                        sees  -    sees   -     -     -    -       -     sees   sees
POST   /activities                                        201   422  201    422   422   422  422     422   201    201
GET    /activities/{planned}                              200   404  200    404   404   404  404     404   200    200
GET    /activities/{done}                                 200   404  200    404   404   404  404     404   200    200
GET    /activities/{done_on_won}                          200   404  200    404   404   200  404     404   200    200
PUT    /activities/{planned}                              200   404  200    404   404   404  404     404   200    200
PATCH  /activities/{planned}                              200   404  200    404   404   404  404     404   200    200
PUT    /activities/{done}                                 200   404  200    404   404   404  404     404   200    200
PATCH  /activities/{done}                                 200   404  200    404   404   404  404     404   200    200
PATCH  /activities/{done_on_won}                          200   404  200    404   404   403  404     404   200    200
GET    /lead/{lead}/activities                            sees  404  sees   404   404   404  404     404   sees   sees
GET    /opportunities/{deal}/activities                   200   404  200    404   404   404  404     404   200    200
GET    /customer/{customer}/activities                    sees  404  sees   404   404   sees 404     404   sees   sees
"""
THE_REST = """
                                                          owner mate leader rival chief csm  billing plain seller admin
GET    /me                                                200   200  200    200   200   200  200     200   200    200
GET    /users                                             200   200  200    200   200   200  200     200   200    200
GET    /changes                                           sees  -    sees   -     -     -    -       -     sees   sees
GET    /webhooks                                          403   403  sees   403   -     403  403     403   403    sees
POST   /webhooks                                          403   403  201    403   201   403  403     403   403    201
GET    /webhooks/{webhook}                                404   404  200    404   404   404  404     404   404    200
PUT    /webhooks/{webhook}                                404   404  200    404   404   404  404     404   404    200
PATCH  /webhooks/{webhook}                                404   404  200    404   404   404  404     404   404    200
DELETE /webhooks/{webhook}                                404   404  204    404   404   404  404     404   404    204
POST   /webhooks/{webhook}/rotate-secret                  404   404  200    404   404   404  404     404   404    200
POST   /webhooks/{webhook}/resume                         404   404  200    404   404   404  404     404   404    200
POST   /webhooks/{webhook}/test                           404   404  202    404   404   404  404     404   404    202
POST   /webhooks/{webhook}/redeliver                      404   404  202    404   404   404  404     404   404    202
GET    /webhooks/{webhook}/deliveries                     404   404  sees   404   404   404  404     404   404    sees
GET    /webhooks/{webhook}/deliveries/{message}           404   404  200    404   404   404  404     404   404    200
POST   /webhooks/{webhook}/deliveries/{message}/redeliver 404   404  202    404   404   404  404     404   404    202
"""
TABLES = {"leads": LEADS, "deals": DEALS, "quotes": QUOTES, "activities": ACTIVITIES, "the rest": THE_REST}

_LEAD = {"name": "New", "contact_name": "Nobody Known", "contact_info": {"email": "nobody.known@new.example"}}
_MEETING = {"start": "2031-03-01T09:30:00Z", "subject": "Meet"}
_HOOK = {"name": "Hook", "url": "https://hook.example/in", "events": ["lead.*"]}
# What is sent, by the beginning of the line; all of it would be carried out for somebody who may.
BODIES: dict[str, Any] = {
    "POST /leads": _LEAD,
    "PUT /leads/{lead}": _LEAD,
    "PATCH /leads/{lead}": {"job_title": "Changed", "tags": ["changed"]},
    "POST /leads/{lead}/convert": {},
    "POST /leads/{lead}/call": {},
    "POST /leads/{lead}/whatsapp": {"text": "Hello"},
    "POST /leads/{lead}/email": {"subject": "Hello", "body": "Hello"},
    "POST /leads/{lead}/schedule": _MEETING,
    "POST /leads/bulk": {"leads": [_LEAD]},
    "POST /opportunities": {"deal_name": "New"},
    "PUT /opportunities/{deal}": {"deal_name": "Changed", "deal_stage": "negotiation"},
    "PATCH /opportunities/{deal}": {"value_estimate": "12.00"},
    "PATCH /opportunities/{won}": {"notes": "Changed"},
    "POST /opportunities/{deal}/close": {"outcome": "lost", "lost_reason": "Too Expensive"},
    "POST /customers": {"customer_name": "New", "contact_info": {"email": "nobody.known@new.example"}},
    "PUT /customers/{customer}": {"customer_name": "Changed", "customer_type": "sme", "lifecycle_stage": "active"},
    "PATCH /customers/{customer}": {"lifecycle_stage": "active"},
    "POST /quotes": {"opportunity_id": "{deal}"},
    "PUT /quotes/{quote}": {"terms_conditions": "Changed"},
    "POST /quotes/{quote}/send": {},
    "POST /quotes/{quote}/accept": {"signed_by": "Changed"},
    "POST /quotes/{quote}/reject": {"reason": "Changed"},
    "POST /activities": {"entity_type": "lead", "entity_id": "{lead}", "activity_type": "call", "summary": "New"},
    "PUT /activities/{planned}": {"activity_type": "call", "summary": "Changed"},
    "PATCH /activities/{planned}": {"summary": "Changed"},
    "PUT /activities/{done}": {
        "activity_type": "call", "summary": "Changed", "completed": True, "assigned_to": "{owner}",
    },
    "PATCH /activities/{done}": {"summary": "Changed"},
    "PATCH /activities/{done_on_won}": {"summary": "Changed"},
    "POST /webhooks": _HOOK,
    "PUT /webhooks/{webhook}": _HOOK,
    "PATCH /webhooks/{webhook}": {"name": "Changed"},
    "POST /webhooks/{webhook}/redeliver": {"from": "2020-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z"},
}
# The record to look for in a list.
LISTED = {
    "GET /leads": "lead", "GET /opportunities": "deal", "GET /customers": "customer", "GET /quotes": "quote",
    "GET /orders": "order", "GET /activities": "done", "GET /webhooks": "webhook", "GET /changes": "lead",
    "GET /lead/{lead}/activities": "planned", "GET /webhooks/{webhook}/deliveries": "message",
    "GET /customer/{customer}/activities": "done_on_won",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What one request is answered, by role."""

    method: str
    path: str
    cells: dict[str, str]

    @property
    def name(self) -> str:
        """The line as the other tables call it."""
        return f"{self.method} {self.path}"


def read_table(text: str) -> list[Line]:
    """Return the lines of a table."""
    head, *rows = (row.split() for row in text.strip().splitlines())
    for row in rows:
        assert len(row) == len(head) + 2, f"a line with other columns than its table: {' '.join(row)}"
    return [Line(row[0], row[1], dict(zip(head, row[2:], strict=True))) for row in rows]
