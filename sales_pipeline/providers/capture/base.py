"""What every source of leads has in common: bytes in, captured leads out.

A provider is plain Python: it knows neither records nor the database and chooses no words for
the screen. The model that stores its requests picks the class and hands it the secrets.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ...tools.attribution import Attribution
from ..http import VendorHttp
from .fields import read_fields
from .lead import CapturedLead
from .questions import OWN_FIELD, Question, sort_questions


@dataclass(frozen=True)
class RawRequest:
    """A request as it arrived.

    :param headers: names in lower case
    """

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def mimetype(self) -> str:
        return self.content_type.partition(";")[0].strip().lower()


@dataclass(frozen=True)
class StoredItem:
    """One lead of a request, as it is stored until a job turns it into a record.

    :param account: the page or form that it belongs to, where one address serves several
    :param waits_for: ``answers``, which a job has to fetch first; ``rest``, of a form that is not sent off yet
    """

    external_id: str
    payload: dict[str, Any]
    is_test: bool = False
    account: str | None = None
    waits_for: str | None = None


@dataclass(frozen=True)
class Acknowledgement:
    """The answer to a sender.

    :param body: a JSON object, or None when the sender is a person's browser that wants a page
    :param text: plain text instead of JSON, for vendors that want a word of theirs echoed
    """

    status: int
    body: dict[str, Any] | None
    text: str | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that a provider looked at when it was asked whether its set-up is right.

    :param code: what was looked at; the model that shows it chooses the words
    :param data: what the words may name, never a secret
    """

    code: str
    is_ok: bool
    data: Mapping[str, Any] = field(default_factory=dict)


class CaptureProvider(ABC):
    """The contract of a source: prove, split, store, and only later parse.

    :param secrets: those the sender may use; two while a secret is being replaced
    :param country_code: country of numbers that are written without one
    :param mapping: by the name of a question our word (``tools.field_names.TARGETS``), ``field:<name>``, ``answer`` or
        ``ignore``; it wins over what the provider knows itself
    :param settings: ``account``, ``token``, ``api_version`` and ``base_url`` of the vendor's API, and what else the
        source says of its sender
    """

    channel: str
    #: Whether leads that were never delivered can be fetched from the vendor.
    can_catch_up = False
    #: Whether pages of websites send to it, which ask first whether they may (CORS).
    is_for_browsers = False

    def __init__(
        self,
        secrets: Sequence[str] = (),
        country_code: str | None = None,
        mapping: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ):
        self.secrets = [secret for secret in secrets if secret]
        self.country_code = country_code
        self.mapping = mapping or {}
        self.settings = settings or {}

    # ---- the route

    def shake_hands(self, request: RawRequest) -> Acknowledgement | None:
        """Return the answer to a GET by which a vendor tries an address, or None where none is expected (405).

        :raise NotVerified: the vendor does not know our secret
        """
        return None

    @abstractmethod
    def verify(self, request: RawRequest) -> None:
        """Check that the sender knows our secret; without a configured secret nobody does.

        :raise NotVerified: with a short code as its reason (``no_secret``, ``secret``, ``signature``, ``origin`` ...),
            which the source counts; nothing of the request may be stored or logged
        :raise MalformedBody: where the proof stands in the body, the body cannot be read
        """

    @abstractmethod
    def split(self, request: RawRequest) -> list[StoredItem]:
        """Return what is to be stored: one item a lead, without secrets, with the sender's own id.

        :raise MalformedBody: the body cannot be read as what it says it is
        """

    def acknowledge(self, request: RawRequest) -> Acknowledgement:
        """Return the answer after everything of the request is stored."""
        return Acknowledgement(200, {"status": "received"})

    def refuse(self, status: int, message: str) -> Acknowledgement:
        """Return the answer to a request that was not stored."""
        return Acknowledgement(status, {"message": message})

    # ---- the job

    @abstractmethod
    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        """Return every question of a stored payload, flat, with our word where the provider knows it.

        Of several questions with the same word the first one that was answered wins; the others stay readable.
        """

    def read_attribution(self, payload: Mapping[str, Any]) -> Attribution:
        """Return where the person came from, as far as the payload says it outside its questions."""
        return Attribution()

    def read_context(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what of the ``CapturedLead`` stands outside the questions: ``is_test``, ``submitted_at`` ...

        Empty ones leave what the questions say.
        """
        return {}

    def parse(self, payload: Mapping[str, Any], external_id: str = "") -> CapturedLead:
        """Return the lead that a stored payload describes: its questions, brought to their places by the mapping."""
        values, answers = sort_questions(self.read_questions(payload), self.mapping)
        lead = read_fields(values, answers, external_id, self.channel, self.country_code)
        context = {name: value for name, value in self.read_context(payload).items() if value not in (None, "", {}, ())}
        own = {name.removeprefix(OWN_FIELD): given for name, given in values.items() if name.startswith(OWN_FIELD)}
        attribution = self.read_attribution(payload).updated_by(lead.attribution)
        return replace(lead, attribution=attribution, own=own, **context)

    def must_complete(self, payload: Mapping[str, Any]) -> bool:
        """Tell whether what a person answered still has to be fetched from the vendor."""
        return False

    def complete(self, payload: Mapping[str, Any], http: VendorHttp) -> dict[str, Any]:
        """Return the payload with what the vendor keeps of it; called by a job while no transaction is open.

        :param http: the client of ``providers.http``
        """
        return dict(payload)

    def start_cursor(self, moment: datetime) -> str:
        """Return the cursor for leads from a moment on (UTC without time zone)."""
        return ""

    def has_rest(self, cursor: str) -> bool:
        """Tell whether a round of catching up is not over at this cursor."""
        return False

    def catch_up(self, cursor: str, http: VendorHttp) -> tuple[list[StoredItem], str]:
        """Return one page of the leads after a cursor, and the next cursor; called while no transaction is open.

        Nothing is lost when a page is asked for again: leads that were seen before are stored once.

        :raise VendorBusy: the same page may be asked for later
        :raise VendorRefused: somebody has to change something first
        """
        return [], cursor

    def check(self, http: VendorHttp) -> list[Finding]:
        """Return what the vendor's side says of the set-up; called while no transaction is open."""
        return []
