"""When a webhook is sent, and sent again."""

MINUTE, HOUR = 60, 3600
# Seconds between the end of an attempt and the next one: three days and a bit altogether.
GAPS = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
MAX_ATTEMPTS = len(GAPS) + 1
PAUSE_AFTER_SECONDS = 72 * HOUR
# How long an endpoint that hung or hung up is left alone.
BREAKER_SECONDS = 30
_MAX_ASKED_SECONDS = 24 * HOUR
_JITTER = 0.1
_WAITED_FOR = (429, 503)


def get_wait(attempts: int, share: float, status: int | None = None, retry_after: int | None = None) -> float | None:
    """Return the seconds until the next attempt, or None when there was the last.

    :param attempts: how many were made
    :param share: from 0 to 1, chance: up to a tenth is added, so that not all come back at once
    :param status: what was answered
    :param retry_after: seconds that the answer asked for; heard where the status means "later"

    >>> get_wait(1, 0), get_wait(1, 0, 503, 120), get_wait(10, 0)
    (5.0, 120.0, None)
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    wait = GAPS[attempts - 1] * (1 + _JITTER * share)
    if status in _WAITED_FOR and retry_after:
        wait = max(wait, min(retry_after, _MAX_ASKED_SECONDS))
    return float(wait)
