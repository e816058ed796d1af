"""What every source of leads must do, whichever vendor it speaks to. A provider's test class inherits it.

The class says how the vendor proves itself; here stands what has to follow.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import CaptureProvider, RawRequest, StoredItem

SECRET, FORMER, STRANGE = "our-secret-7f31", "our-former-secret-22b0", "a-strangers-guess"


class ProviderConformance:
    """Tests that a provider's class inherits; ``make_request`` and ``make_body`` are the vendor's part."""

    provider_class: type[CaptureProvider]
    #: Where the vendor puts its proof, or None where it stands in the body.
    proof_header: str | None = None
    #: The answer to what was stored.
    answer: dict[str, Any] | None = {"status": "received"}

    def make_body(self, external_id: Any, **changes: Any) -> dict[str, Any]:
        """Return a body with one lead, as the vendor writes it."""
        raise NotImplementedError

    def make_request(self, body: Any, secret: str = SECRET) -> RawRequest:
        """Return a request with the vendor's proof for a body (a JSON value, or bytes as they are)."""
        raise NotImplementedError

    def make_provider(self, *secrets: str, **options: Any) -> CaptureProvider:
        """Return the provider with secrets; with the right one where none is given."""
        return self.provider_class(secrets or (SECRET,), **options)

    def split(self, body: Any) -> list[StoredItem]:
        """Return what is stored of a body with the right proof."""
        provider, request = self.make_provider(), self.make_request(body)
        provider.verify(request)
        return provider.split(request)

    def parse(self, body: Any, **options: Any):
        """Return the lead that a body with the right proof becomes."""
        (item,) = self.split(body)
        return self.make_provider(**options).parse(item.payload, item.external_id)

    def assert_not_let_in(self, provider: CaptureProvider, request: RawRequest) -> None:
        """Assert that a request is turned away, with a short reason that tells nothing of it."""
        with pytest.raises(NotVerified) as refused:
            provider.verify(request)
        assert str(refused.value) in ("secret", "signature", "no_secret", "no_proof")

    # ---- proof

    def test_the_right_proof_is_let_in(self):
        assert len(self.split(self.make_body("1"))) == 1

    def test_a_wrong_proof_is_turned_away(self):
        self.assert_not_let_in(self.make_provider(), self.make_request(self.make_body("1"), STRANGE))
        self.assert_not_let_in(self.make_provider(), self.make_request(self.make_body("1"), SECRET[:-1]))

    def test_no_proof_is_turned_away(self):
        request = self.make_request(self.make_body("1"), "")
        bare = replace(request, headers={}, query={})
        self.assert_not_let_in(self.make_provider(), request)
        self.assert_not_let_in(self.make_provider(), bare)

    @pytest.mark.parametrize("secrets", [[], [""], [None]])
    def test_without_a_configured_secret_nobody_is_let_in(self, secrets):
        for secret in ("", SECRET):
            self.assert_not_let_in(self.provider_class(secrets), self.make_request(self.make_body("1"), secret))

    def test_while_a_secret_is_replaced_both_are_let_in(self):
        provider = self.make_provider(SECRET, FORMER)
        provider.verify(self.make_request(self.make_body("1"), SECRET))
        provider.verify(self.make_request(self.make_body("1"), FORMER))
        self.assert_not_let_in(provider, self.make_request(self.make_body("1"), STRANGE))
        self.assert_not_let_in(self.make_provider(SECRET), self.make_request(self.make_body("1"), FORMER))

    @pytest.mark.parametrize(
        "value", ["schlüssel", "sha256=é", "\udcff", "sha256=", "Basic é", "Basic ====", "\x00", "☃" * 9]
    )
    def test_a_proof_that_is_no_ascii_is_turned_away(self, value):
        if not self.proof_header:
            request = self.make_request(self.make_body("1"), value.encode("utf-8", "ignore").decode())
            self.assert_not_let_in(self.make_provider(), request)
            return
        request = self.make_request(self.make_body("1"))
        self.assert_not_let_in(self.make_provider(), replace(request, headers={self.proof_header: value}))

    def test_a_body_that_was_changed_on_its_way_is_turned_away_where_it_is_signed(self):
        request = self.make_request(self.make_body("1"))
        changed = replace(request, body=request.body + b" ")
        if "signature" not in (self.proof_header or ""):
            return
        self.assert_not_let_in(self.make_provider(), changed)

    # ---- bodies

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"[]", b"null", b"7", b'"text"', b"\xff\xfe", b'{"a": NaN}', b'{"a": 1e999}',
            b'{"a":' * 5000, b"[" * 100_000, b'{"a":' * 17 + b"1" + b"}" * 17,
            b"{" + b",".join(b'"%d":1' % number for number in range(2500)) + b"}",
            b'{"a": ' + b"9" * 5000 + b"}", b'{"id": 1, "id": 2}',
        ],
        ids=lambda body: repr(body[:12]),
    )  # fmt: skip
    def test_a_body_that_cannot_be_read_is_malformed(self, body):
        provider, request = self.make_provider(), self.make_request(body)
        with pytest.raises(MalformedBody) as refused:
            provider.verify(request)
            provider.split(request)
        assert "9999" not in str(refused.value)

    def test_unknown_keys_and_values_are_no_trouble(self):
        strange = {"brand_new": {"deep": [1, None, {"é": "☃"}]}, "": 1, "status": "never heard of"}
        body = {**self.make_body("1"), **strange}
        (item,) = self.split(body)
        assert item.external_id
        provider = self.make_provider()
        provider.parse(item.payload, item.external_id)
        provider.read_questions(item.payload)

    @pytest.mark.parametrize("junk", [None, 0, 1.5, True, "text", [], {}, [None], [[]], [{}], {"a": {"b": []}}])
    def test_values_of_another_kind_are_no_trouble(self, junk):
        """Once stored, a capture is read again and again: whatever stands in it, reading it must not raise."""
        provider = self.make_provider()
        (item,) = self.split(self.make_body("1"))
        for path in _paths(item.payload):
            payload = _with(item.payload, path, junk)
            provider.parse(payload, item.external_id)
            assert isinstance(provider.read_questions(payload), list)

    # ---- what is stored

    def test_a_replay_has_the_same_id(self):
        first, second = self.split(self.make_body("77")), self.split(self.make_body("77"))
        assert [item.external_id for item in first] == [item.external_id for item in second]
        assert len(first) == 1 and 0 < len(first[0].external_id) <= 255

    def test_two_leads_have_two_ids(self):
        assert self.split(self.make_body("77"))[0].external_id != self.split(self.make_body("78"))[0].external_id

    @pytest.mark.parametrize("number", [7, 9223372036854775807])
    def test_ids_are_numbers_or_text(self, number):
        (as_number,), (as_text,) = self.split(self.make_body(number)), self.split(self.make_body(str(number)))
        assert str(number) in as_number.external_id and str(number) in as_text.external_id

    def test_no_secret_is_stored(self):
        (item,) = self.split(self.make_body("1"))
        assert SECRET not in json.dumps(item.payload) + item.external_id

    def test_what_is_stored_is_json(self):
        (item,) = self.split(self.make_body("1"))
        assert json.loads(json.dumps(item.payload)) == item.payload

    # ---- questions and mapping

    def test_every_question_can_be_mapped(self):
        (item,) = self.split(self.make_body("1"))
        provider = self.make_provider()
        questions = provider.read_questions(item.payload)
        for question in questions:
            assert question.name and question.label
            mapped = self.make_provider(mapping={question.name: "job_title"})
            found = mapped.parse(item.payload, item.external_id)
            assert found.job_title or not isinstance(question.value, str)
        silent = self.make_provider(mapping={question.name: "ignore" for question in questions})
        assert silent.parse(item.payload, item.external_id).answers == ()

    # ---- answers

    def test_the_vendor_is_answered_in_its_own_words(self):
        provider, request = self.make_provider(), self.make_request(self.make_body("1"))
        accepted = provider.acknowledge(request)
        assert (accepted.status, accepted.body) == (200, self.answer)
        refused = provider.refuse(401, "No.")
        assert (refused.status, refused.body) == (401, {"message": "No."})

    def test_a_get_is_nobodys_lead(self):
        assert self.make_provider().shake_hands(RawRequest(b"", {}, "", {})) is None


def _paths(value: Any, path: tuple = ()):
    """List the places in a nested value, the outer ones too."""
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in entries:
        yield from _paths(part, (*path, key))


def _with(value: Any, path: tuple, junk: Any) -> Any:
    """Return a copy with something else at a place."""
    if not path:
        return junk
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], junk)
    return copy
