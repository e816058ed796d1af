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
    :param code: ``missing`` or ``invalid``
    """

    def __init__(self, field: str, code: str = "missing"):
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code
