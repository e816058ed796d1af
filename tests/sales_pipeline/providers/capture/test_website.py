import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.website import WebsiteProvider

_SECRET = "our-secret"
_FIELDS = {
    "name": "Robin Example",
    "email": "robin@example.com",
    "phone": "030 23125042",
    "company": "Example Inc",
    "message": "Ten\nunits",
}


def _json(body=None, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(_FIELDS if body is None else body).encode()
    return RawRequest(raw, {name.replace("_", "-"): value for name, value in headers.items()}, "application/json")


def _form(fields, **headers):
    return RawRequest(
        urlencode(fields).encode(),
        {name.replace("_", "-"): value for name, value in headers.items()},
        "application/x-www-form-urlencoded; charset=UTF-8",
    )


def _multipart(fields, boundary="frontier"):
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n%PDF\r\n"
    )
    return RawRequest(
        ("".join(parts) + f"--{boundary}--\r\n").encode(), {}, f"multipart/form-data; boundary={boundary}"
    )


def _sign(body, secret=_SECRET):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _parse(request, country_code=None):
    provider = WebsiteProvider([_SECRET], country_code)
    (item,) = provider.split(request)
    return provider.parse(item.payload, item.external_id)


@pytest.mark.parametrize(
    "request_",
    [
        _json(x_pipeline_secret=_SECRET),
        _json(x_pipeline_signature=_sign(json.dumps(_FIELDS).encode())),
        _json({**_FIELDS, "pipeline_key": _SECRET}),
        _form({**_FIELDS, "pipeline_key": _SECRET}),
        _multipart([*_FIELDS.items(), ("pipeline_key", _SECRET)]),
        _form(_FIELDS, x_pipeline_secret=_SECRET),
    ],
)
def test_every_kind_of_proof_is_let_in(request_):
    provider = WebsiteProvider(["old", _SECRET])
    provider.verify(request_)
    assert len(provider.split(request_)) == 1


@pytest.mark.parametrize(
    "request_",
    [
        _json(),
        _json(x_pipeline_secret="guess"),
        _json(x_pipeline_secret=""),
        _json(x_pipeline_signature=_sign(b"another body")),
        _json(x_pipeline_signature=_sign(json.dumps(_FIELDS).encode(), "guess")),
        _json(x_pipeline_signature="", x_pipeline_secret=_SECRET),
        _json({**_FIELDS, "pipeline_key": "guess"}),
        _json({**_FIELDS, "pipeline_key": [_SECRET]}),
        _form(_FIELDS),
        _form([("pipeline_key", "guess"), ("pipeline_key", _SECRET)]),
        _multipart(_FIELDS.items()),
    ],
)
def test_everything_else_is_refused(request_):
    with pytest.raises(NotVerified):
        WebsiteProvider([_SECRET]).verify(request_)


@pytest.mark.parametrize(
    "request_", [_json(x_pipeline_secret=""), _json(x_pipeline_signature=_sign(b"", "")), _form({"pipeline_key": ""})]
)
def test_without_a_configured_secret_nobody_is_let_in(request_):
    with pytest.raises(NotVerified):
        WebsiteProvider([]).verify(request_)


def test_a_signed_body_is_not_parsed_before_it_is_proved():
    with pytest.raises(NotVerified):
        WebsiteProvider([_SECRET]).verify(_json(b"[" * 100_000, x_pipeline_signature="sha256=0"))


@pytest.mark.parametrize(
    "request_",
    [
        _json(b""),
        _json(b"[" * 100_000),
        _json(b'{"a": 1, "a": 2}'),
        RawRequest(b"name=%FF%FE", {}, "application/x-www-form-urlencoded"),
        RawRequest("&".join(f"f{n}=1" for n in range(300)).encode(), {}, "application/x-www-form-urlencoded"),
        RawRequest(b"--frontier\r\nbroken", {}, "multipart/form-data; boundary=frontier"),
        RawRequest(b"--frontier--", {}, "multipart/form-data"),
        _multipart([(f"f{n}", "1") for n in range(300)]),
        RawRequest(b"<lead/>", {}, "text/xml"),
    ],
)
def test_what_cannot_be_read_is_malformed(request_):
    with pytest.raises(MalformedBody):
        WebsiteProvider([_SECRET]).split(request_)


def test_an_empty_form_is_malformed():
    with pytest.raises(MalformedBody):
        WebsiteProvider([_SECRET]).split(_form({"pipeline_key": _SECRET}))


@pytest.mark.parametrize(
    "request_",
    [
        _json({**_FIELDS, "pipeline_key": _SECRET}),
        _form({**_FIELDS, "pipeline_key": _SECRET}),
        _multipart([*_FIELDS.items(), ("pipeline_key", _SECRET)]),
    ],
)
def test_the_key_is_not_stored_and_every_kind_of_post_says_the_same(request_):
    (item,) = WebsiteProvider([_SECRET]).split(request_)
    assert item.payload == _FIELDS


def test_the_senders_own_id_is_used():
    split = WebsiteProvider([_SECRET]).split
    assert split(_json(idempotency_key='"abc-1"'))[0].external_id == "abc-1"
    assert split(_json({**_FIELDS, "submission_id": 77}))[0].external_id == "77"


def test_without_an_id_the_same_content_on_one_day_is_one():
    split = WebsiteProvider([_SECRET]).split
    first = split(_multipart(_FIELDS.items(), "one"))[0].external_id
    assert split(_multipart(_FIELDS.items(), "two"))[0].external_id == first
    assert split(_multipart({**_FIELDS, "message": "Other"}.items()))[0].external_id != first


def test_fields_find_their_place():
    lead = _parse(_json(), "DE")
    assert (lead.name, lead.company_name, lead.email, lead.phone) == (
        "Robin Example",
        "Example Inc",
        "robin@example.com",
        "+493023125042",
    )
    assert lead.message == "Ten\nunits"
    assert lead.channel == "website"


@pytest.mark.parametrize(
    "fields",
    [
        {"first_name": "Robin", "last_name": "Example", "email": "robin@example.com"},
        {"your-name": "Robin Example", "your-email": "Robin@Example.com"},
        {"Vorname": "Robin", "Nachname": "Example", "E-Mail": "robin@example.com "},
    ],
)
def test_other_spellings_are_understood(fields):
    lead = _parse(_form(fields))
    assert (lead.name, lead.email) == ("Robin Example", "robin@example.com")


def test_the_origin_is_read_from_the_page_and_fields_win_over_it():
    page = "https://www.example.com/landing?utm_source=google&utm_medium=cpc&utm_campaign=autumn&utm_term=roof&gclid=EAIaIQ_c"
    lead = _parse(
        _json(
            {
                **_FIELDS,
                "page_url": page,
                "referrer": "https://www.google.com/",
                "utm_campaign": "winter",
                "fbclid": "Iw_C",
            }
        )
    )
    utm = lead.attribution
    assert (utm.utm_source, utm.utm_medium, utm.utm_campaign, utm.utm_term) == ("google", "cpc", "winter", "roof")
    assert utm.click_ids == {"gclid": "EAIaIQ_c", "fbclid": "Iw_C"}
    assert (utm.landing_page_url, utm.referrer_url) == (page, "https://www.google.com/")


def test_questions_without_a_field_stay_readable():
    lead = _parse(
        _form(
            [
                ("name", "Robin"),
                ("Colour", "red"),
                ("Colour", "blue"),
                ("Size", ""),
                ("csrf_token", "x"),
                ("submit", "Send"),
            ]
        )
    )
    assert lead.answers == (("Colour", "red, blue"),)
    lead = _parse(_json({"name": "Robin", "cart": [{"sku": 1}], "newsletter": True, "age": 40}))
    assert lead.answers == (("cart", '[{"sku": 1}]'), ("newsletter", "yes"), ("age", "40"))


def test_consent_keeps_channel_wording_and_time():
    consent = {
        "email": True,
        "whatsapp": False,
        "text": "I agree to be contacted",
        "at": "2026-11-23T07:40:00Z",
        "other": 1,
    }
    assert _parse(_json({**_FIELDS, "consent": consent})).consent == {
        name: consent[name] for name in ("email", "whatsapp", "text", "at")
    }
    assert _parse(_form({"name": "R", "consent": "on"})).consent == {"any": True}
    unclear = _parse(_form({"name": "R", "consent": "perhaps"}))
    assert (unclear.consent, unclear.answers) == ({}, (("consent", "perhaps"),))


def test_what_cannot_be_used_is_named_and_kept():
    lead = _parse(
        _form({"name": "Robin", "email": "robin(at)example", "phone": "12", "country": "Mars", "type": "alien"})
    )
    assert lead.invalid == ("email", "phone")
    assert lead.answers == (
        ("country", "Mars"),
        ("prospective_type", "alien"),
        ("email", "robin(at)example"),
        ("phone", "12"),
    )


def test_a_number_of_an_unknown_country_is_kept_as_typed():
    assert _parse(_form({"name": "Robin", "phone": "030 2312-5042"})).phone == "030 2312-5042"


def test_the_country_of_the_form_reads_the_number():
    assert _parse(_form({"phone": "020 7946 0958", "country": "United Kingdom"}), "DE").phone == "+442079460958"


def test_hostile_text_is_stored_as_text():
    smuggled = b'"a@b.example\\r\\nBcc: x@y.example"'
    lead = _parse(_json(b'{"name": "Da\\u0000na <script>", "email": ' + smuggled + b', "tags": ["a", "a", 1, null]}'))
    assert lead.name == "Dana <script>"
    assert lead.email == "a@b.example"
    assert lead.tags == ("a", "1")


def test_answers_follow_the_language_of_the_sender():
    provider = WebsiteProvider([_SECRET])
    assert provider.acknowledge(_json()).body == {"status": "received"}
    assert provider.acknowledge(_form(_FIELDS)).body is None
    assert provider.refuse(401, "no").body == {"message": "no"}
