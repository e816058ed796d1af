"""What the ad platforms publish about their interfaces for conversions, with source and date."""

# ---- Google Ads API: developers.google.com/google-ads/api/reference/rpc/v26/ConversionUploadService (2026-10-13)
# and its protobuf files in github.com/googleapis/googleapis, read November 2026.
GOOGLE_ADS_URL = "https://googleads.googleapis.com"
GOOGLE_ADS_VERSION = "v26"
# ConversionUploadError says that the conversion is there already: a repetition whose first answer was lost.
GOOGLE_ALREADY_COUNTED = {"ORDER_ID_ALREADY_IN_USE", "CLICK_CONVERSION_ALREADY_EXISTS"}
# A click is known to Google only hours after it happened, a new conversion action likewise.
GOOGLE_TOO_EARLY = {"TOO_RECENT_EVENT", "TOO_RECENT_CONVERSION_ACTION"}
GOOGLE_TOO_EARLY_SECONDS = 6 * 3600
# Our words for why Google does not take one conversion; the others are "refused".
GOOGLE_REFUSALS = {
    "EXPIRED_EVENT": "too_old",
    "CONVERSION_PRECEDES_EVENT": "before_click",
    "EVENT_NOT_FOUND": "unknown_click", "CLICK_NOT_FOUND": "unknown_click", "UNPARSEABLE_GCLID": "unknown_click",
    "UNPARSEABLE_GBRAID": "unknown_click", "UNPARSEABLE_WBRAID": "unknown_click",
    "UNAUTHORIZED_CUSTOMER": "wrong_account", "INVALID_CUSTOMER_FOR_CLICK": "wrong_account",
    "CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME": "not_tracked",
    "CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY": "no_consent",
}  # fmt: skip
# What is wrong with the account or the set-up, not with the conversion: right after somebody mended it.
GOOGLE_SETUP_ERRORS = {
    "NO_CONVERSION_ACTION_FOUND": "action", "INVALID_CONVERSION_ACTION": "action",
    "INVALID_CONVERSION_ACTION_TYPE": "action", "INVALID_CONVERSION_ACTION_ID": "action",
    "ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID": "action",
    "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS": "terms",
    "CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS": "terms",
    "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS": "terms",
    "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED": "terms", "TERMS_AND_CONDITIONS_NOT_SIGNED": "terms",
    # developers.google.com/ads/blog/posts/2026/05/changes-to-offline-click-conversion: since 2026-06-15 developer
    # tokens that did not import conversions between December 2025 and May 2026 are sent to the Data Manager API.
    "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE": "road_closed",
    "DEVELOPER_TOKEN_NOT_APPROVED": "developer_token", "DEVELOPER_TOKEN_INVALID": "developer_token",
    "USER_PERMISSION_DENIED": "permission", "CUSTOMER_NOT_ENABLED": "permission", "INVALID_CUSTOMER_ID": "account",
    "INVALID_DESTINATION": "account",
}  # fmt: skip

# ---- Google's sign-in: developers.google.com/identity/protocols/oauth2/web-server, read November 2026.
GOOGLE_TOKEN_URL = "https://oauth2.googleapis.com/token"

# ---- Data Manager API: developers.google.com/data-manager/api/devguides/events/google-ads/offline/send-events,
# .../concepts/formatting and .../concepts/understand-errors, and google/ads/datamanager/v1 in googleapis, read November
# 2026. One bad event fails the whole request ("fast-fail"); a request is checked again after its answer.
DATA_MANAGER_URL = "https://datamanager.googleapis.com"
DATA_MANAGER_VERSION = "v1"

# ---- Meta Conversions API: developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/server-event
# (page of 2026-02-12), .../parameters/customer-information-parameters (2026-01-09), .../parameters/fbp-and-fbc and
# .../conversion-leads-integration/payload-specification, read November 2026.
# An event older than this makes Meta refuse the whole request.
META_MAX_AGE_DAYS = 7
# A repeated event_id and event_name counts once within 48 hours; all attempts of the outbox lie within 15.
META_LEAD_ID_DIGITS = range(15, 18)
# error_subcode of "the object does not exist or you may not see it"
META_UNKNOWN_OBJECT = 33
