"""The words of the pipeline: every selection that more than one file speaks."""

CAPTURE_CHANNELS = [
    ("website", "Website"),
    ("google_ads", "Google Ads"),
    ("facebook", "Facebook"),
    ("privy", "Privy"),
    ("typeform", "Typeform"),
    ("bulk_upload", "Bulk Upload"),
    ("manual", "Manual Entry"),
    ("referral", "Referral"),
    ("api", "API"),
    ("whatsapp", "WhatsApp"),
    ("phone", "Phone"),
    ("email", "Email"),
]
# What becomes of a row of an imported list.
LIST_ROW_KINDS = [
    ("new", "New lead"),
    ("known", "Known lead"),
    ("earlier", "Twice in the list"),
    ("imported", "Imported before"),
    ("refused", "Refused"),
    ("problem", "Cannot be read"),
    ("failed", "Failed"),
    ("kept", "Kept"),
]
PROSPECTIVE_TYPES = [("individual", "Individual"), ("sme", "Small or Medium Business"), ("corporate", "Corporate")]
TEMPERATURES = [("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold")]
# Odoo's stars sort every list and board of leads, so the temperature is mirrored into them.
PRIORITY_BY_TEMPERATURE = {"cold": "1", "warm": "2", "hot": "3"}

QUALIFICATIONS = [("new", "New"), ("contacted", "Contacted"), ("qualified", "Qualified")]
LEAD_STATUSES = [*QUALIFICATIONS, ("disqualified", "Disqualified"), ("converted", "Converted")]

STAGE_CODES = [
    ("discovery", "Discovery"),
    ("proposal_sent", "Proposal Sent"),
    ("negotiation", "Negotiation"),
    ("won", "Won"),
]
DEAL_STAGES = [*STAGE_CODES, ("lost", "Lost")]
LIFE_STAGES = [("prospect", "Prospect"), ("negotiation", "Negotiation"), ("won", "Won"), ("lost", "Lost")]
LIFE_STAGE_BY_DEAL_STAGE = {
    "discovery": "prospect",
    "proposal_sent": "prospect",
    "negotiation": "negotiation",
    "won": "won",
    "lost": "lost",
}

QUOTE_STATUSES = [
    ("draft", "Draft"),
    ("sent", "Sent"),
    ("viewed", "Viewed"),
    ("accepted", "Accepted"),
    ("rejected", "Rejected"),
    ("expired", "Expired"),
]
ORDER_STATUSES = [
    ("pending", "Pending"),
    ("confirmed", "Confirmed"),
    ("delivered", "Delivered"),
    ("cancelled", "Cancelled"),
]
PAYMENT_STATUSES = [("pending", "Pending"), ("paid", "Paid"), ("failed", "Failed")]

ACTIVITY_TYPES = [
    ("call", "Call"),
    ("email", "Email"),
    ("whatsapp", "WhatsApp"),
    ("meeting", "Meeting"),
    ("note", "Note"),
    ("proposal", "Proposal"),
    ("quotation", "Quotation"),
]

CUSTOMER_TYPES = [("individual", "Individual"), ("sme", "Small or Medium Business"), ("enterprise", "Enterprise")]
CUSTOMER_TYPE_BY_PROSPECTIVE_TYPE = {"individual": "individual", "sme": "sme", "corporate": "enterprise"}
ONBOARDING_STATUSES = [("pending", "Pending"), ("in_progress", "In Progress"), ("completed", "Completed")]
LIFECYCLE_STAGES = [
    ("onboarding", "Onboarding"),
    ("active", "Active"),
    ("at_risk", "At Risk"),
    ("churned", "Churned"),
]
# The legal moves of a customer; whoever is lost may only come back as an active one.
LIFECYCLE_MOVES = {
    "onboarding": {"active", "at_risk", "churned"},
    "active": {"at_risk", "churned"},
    "at_risk": {"active", "churned"},
    "churned": {"active"},
}
ONBOARDING_TASK_STATES = [("todo", "To Do"), ("done", "Done"), ("skipped", "Not Needed")]
ONBOARDING_TASK_MOVES = {"todo": {"done", "skipped"}, "done": {"todo"}, "skipped": {"todo"}}

ATTRIBUTION_MODELS = [("first", "First Touch"), ("last", "Last Touch"), ("linear", "Linear")]
# What a touch without utm_source still tells: the platform that set the click id, or whose lead form it was.
SOURCE_BY_CLICK_ID = {
    "gclid": "google", "gbraid": "google", "wbraid": "google", "dclid": "google", "fbclid": "facebook",
    "msclkid": "bing", "ttclid": "tiktok", "li_fat_id": "linkedin", "twclid": "twitter", "epik": "pinterest",
    "rdt_cid": "reddit", "ScCid": "snapchat",
}  # fmt: skip
SOURCE_BY_CHANNEL = {"google_ads": "google", "facebook": "facebook"}
# Click ids that only a paid click carries; Facebook puts its own on free links as well.
PAID_CLICK_IDS = ("gclid", "gbraid", "wbraid", "dclid", "msclkid")

AD_PLATFORMS = [
    ("google", "Google Ads (Data Manager API)"),
    ("google_ads", "Google Ads API (older developer tokens)"),
    ("meta", "Meta (Facebook, Instagram)"),
]
CONVERSION_STAGES = [("qualified", "Qualified"), ("won", "Won")]
CONVERSION_STATES = [
    ("waiting", "Waiting"), ("sent", "Sent"), ("refused", "Refused"), ("held_back", "Held Back"), ("failed", "Failed"),
    ("in_doubt", "In Doubt"),
]  # fmt: skip
AD_CONSENTS = [("given", "Given"), ("refused", "Refused")]
