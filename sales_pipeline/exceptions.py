"""Errors that carry codes and data; the models choose the words."""


class PipelineError(Exception):
    """Base of every error that this addon raises outside the ORM."""


class NotVerified(PipelineError):
    """The sender of a request did not prove who it is."""


class MalformedBody(PipelineError):
    """The body of a request cannot be read as what it says it is."""


class PayloadTooLarge(PipelineError):
    """The body of a request is larger than the route takes."""


class CaptureRefused(PipelineError):
    """A capture lacks something a lead cannot do without.

    :param field: name of the missing or bad input, in the API's words
    :param code: ``missing``, ``invalid`` or ``spam``
    """

    def __init__(self, field: str, code: str = "missing"):
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


class UnreadablePostcode(PipelineError):
    """A part of a list of postcodes names none."""


class VendorError(PipelineError):
    """A vendor's API did not do what it was asked.

    :param code: short word of ours: ``timeout``, ``unreachable``, ``broken``, ``throttled``, ``token``, ``gone`` ...
    :param status: the HTTP status, if there was an answer
    :param vendor_code: the vendor's own code
    :param retry_after: seconds that the vendor asks to wait
    """

    def __init__(
        self, code: str, status: int | None = None, *, vendor_code: str | int | None = None,
        retry_after: int | None = None,
    ):  # fmt: skip
        super().__init__(code)
        self.code = code
        self.status = status
        self.vendor_code = vendor_code
        self.retry_after = retry_after


class VendorBusy(VendorError):
    """The same question may be answered later."""


class VendorRefused(VendorError):
    """The same question gets the same answer, until somebody changes something."""
