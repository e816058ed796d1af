"""What a transaction that is rolled back cannot prove: two customers at the same moment, and the page they see."""

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

SIGNATURE = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def _make_quotes(server, name, count):
    """Make a deal with sent quotes and return its id and their (id, token)."""
    with server.env() as env:
        partner = env["res.partner"].create({"name": f"Buyer of {name}"})
        product = env["product.product"].create({"name": name, "type": "service", "list_price": 100})
        deal = env["crm.lead"].create({"name": name, "type": "opportunity", "partner_id": partner.id})
        quotes = env["sale.order"].create([
            {
                "partner_id": partner.id, "opportunity_id": deal.id, "require_signature": True,
                "require_payment": False, "order_line": [(0, 0, {"product_id": product.id})],
            }
            for _number in range(count)
        ])  # fmt: skip
        quotes.action_quotation_sent()
        return deal.id, [(quote.id, quote._portal_ensure_token()) for quote in quotes]


def _sign(server, quote, token):
    """Accept a quote as the portal's script does, and return the whole answer."""
    params = {"access_token": token, "name": "Ada", "signature": SIGNATURE}
    request = urllib.request.Request(
        f"{server.base_url}/my/orders/{quote}/accept", json.dumps({"jsonrpc": "2.0", "params": params}).encode(),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


@pytest.mark.parametrize("attempt", range(2))
def test_of_two_signatures_at_the_same_moment_one_wins(server, attempt):
    deal, quotes = _make_quotes(server, f"Race {attempt}", 2)
    gate = Barrier(len(quotes))

    def sign(quote_and_token):
        gate.wait()
        return _sign(server, *quote_and_token)

    with ThreadPoolExecutor(len(quotes)) as pool:
        answers = list(pool.map(sign, quotes))
    won = [quote for (quote, _token), answer in zip(quotes, answers, strict=True) if "redirect_url" in str(answer)]
    assert len(won) == 1, answers
    [loser] = [answer for answer in answers if "redirect_url" not in str(answer)]
    assert "Only one quote of a deal can be accepted" in loser["result"]["error"]
    rows = server.sql(
        "SELECT id, state, quote_status, accepted_opportunity_id, signature_count FROM sale_order, LATERAL ("
        " SELECT count(*) AS signature_count FROM ir_attachment"
        " WHERE res_model = 'sale.order' AND res_field = 'signature' AND res_id = sale_order.id) s"
        " WHERE opportunity_id = %s ORDER BY state DESC", deal,
    )  # fmt: skip
    [lost] = [quote for quote, _token in quotes if quote not in won]
    assert rows == [(won[0], "sale", "accepted", deal, 1), (lost, "cancel", "sent", None, 0)]
    told = server.sql("SELECT count(*) FROM pipeline_event WHERE res_model = 'sale.order' AND kind = 'order'"
                      " AND metadata->>'status' = 'confirmed' AND res_id = ANY(%s)", [quote for quote, _t in quotes])
    assert told == [(1,)]
