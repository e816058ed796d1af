"""Who the demonstration is about: invented people, each with where they came from and how far they got."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One invented contact.

    ``step`` says how far the lead or deal got: new, contacted, ready (criteria ticked), qualified, disqualified,
    deleted, or one of the deal steps of ``pipeline_demo``.
    """

    name: str
    email: str | None
    phone: str | None
    company: str | None
    country: str
    channel: str
    temperature: str | None
    type: str
    days_ago: float
    step: str
    message: str = ""
    tags: tuple[str, ...] = ()
    campaign: str | None = None
    value: int = 0


# fmt: off
PEOPLE = (
    # leads
    Person("Nadia Rahimi", "nadia@brightloom.example", "+442079460121", "Brightloom", "GB",
           "website", "hot", "sme", 0.05, "new",
           "We open a second shop in March and need twelve seats before that. Can you call me today?",
           ("Retail",), "spring-launch"),
    Person("Carlos Ibarra", "carlos.ibarra@personal.example", "+34912345678", None, "ES",
           "google_ads", "warm", "individual", 0.3, "new",
           "How much for one person?", (), "autumn-search"),
    Person("Priya Nair", "priya@kestrel-labs.example", "+912240012345", "Kestrel Labs", "IN",
           "facebook", None, "sme", 0.6, "new",
           "Saw your video. Is there a demo?", ("Software",), "video-stories"),
    Person("Jonas Weber", None, "+493012345678", "Weber & Sohn", "DE",
           "phone", "cold", "sme", 1, "new", "Asked for a brochure on the phone."),
    Person("Aisha Bello", "aisha.bello@sunfield.example", "+2348031234567", "Sunfield Foods", "NG",
           "typeform", "warm", "sme", 2, "contacted",
           "Twenty people in two cities, currently on spreadsheets.", ("Food",), "guide-download"),
    Person("Marek Nowak", "marek@nowak-metal.example", "+48221234567", "Nowak Metal", "PL",
           "referral", "hot", "corporate", 3, "contacted",
           "Recommended by Halden Logistics.", ("Manufacturing",)),
    Person("Sofia Conti", "sofia.conti@personal.example", "+390612345678", None, "IT",
           "privy", "cold", "individual", 4, "contacted",
           "", ("Newsletter",), "exit-offer"),
    Person("Daniel Brooks", "daniel@fernway.example", "+12025550147", "Fernway Clinics", "US",
           "email", "warm", "corporate", 5, "ready",
           "Please send terms for 60 seats at three sites.", ("Health",)),
    Person("Mei Chen", "mei.chen@lotuscraft.example", "+85221234567", "Lotus Craft", "HK",
           "whatsapp", "hot", "sme", 6, "qualified",
           "Can we start next month?", ("Retail",)),
    Person("Erik Solberg", "erik@nordvik.example", "+4721234567", "Nordvik Shipping", "NO",
           "api", "warm", "corporate", 7, "qualified",
           "Tender closes at the end of the month.", ("Logistics",)),
    Person("Paula Ferreira", "paula@casadoce.example", "+351211234567", "Casa Doce", "PT",
           "bulk_upload", "cold", "sme", 9, "disqualified",
           "From the list of the trade fair.", ("Trade fair",)),
    Person("Win Bigprize", "offers@prize.example", None, "Prize Inc", "US",
           "website", None, "individual", 10, "deleted", "You have won!"),
    # deals
    Person("Hannah Fischer", "hannah@alpenwerk.example", "+43112345678", "Alpenwerk", "AT",
           "website", "warm", "sme", 8, "discovery",
           "Interested in the team plan.", ("Manufacturing",), "spring-launch", 5200),
    Person("Oliver Grant", "oliver@grantpartners.example", "+442079460188", "Grant & Partners", "GB",
           "manual", "hot", "corporate", 11, "discovery",
           "Met at the conference.", ("Consulting",), None, 18000),
    Person("Amara Diop", "amara@tarafinance.example", "+221338212345", "Tara Finance", "SN",
           "google_ads", "hot", "sme", 12, "sent",
           "Needs an offer for the board meeting.", ("Finance",), "autumn-search", 3300),
    Person("Lucas Moreau", "lucas@atelier-moreau.example", "+33123456789", "Atelier Moreau", "FR",
           "website", "warm", "sme", 14, "viewed",
           "", ("Retail",), "spring-launch", 3300),
    Person("Ingrid Dahl", "ingrid@fjordgym.example", "+4722345678", "Fjord Gym", "NO",
           "facebook", "cold", "sme", 21, "expired",
           "", ("Sports",), "video-stories", 2400),
    Person("Ravi Kapoor", "ravi@indusprint.example", "+911141234567", "Indus Print", "IN",
           "referral", "warm", "corporate", 18, "rejected",
           "", ("Media",), None, 7500),
    Person("Grace Otieno", "grace@savannatours.example", "+254201234567", "Savanna Tours", "KE",
           "typeform", "hot", "sme", 25, "won",
           "", ("Travel",), "guide-download", 3300),
    Person("Torvald Berg", "torvald@haldenlogistics.example", "+4733123456", "Halden Logistics", "NO",
           "email", "hot", "corporate", 30, "paid",
           "", ("Logistics",), None, 3300),
    Person("Victor Hugo Lima", "victor@limabikes.example", "+551131234567", "Lima Bikes", "BR",
           "google_ads", "cold", "sme", 28, "lost",
           "", ("Sports",), "autumn-search", 2400),
)
# fmt: on
