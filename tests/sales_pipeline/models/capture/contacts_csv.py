"""Make a list of contacts as people keep them: ten countries, many spellings, known duplicates."""

import csv
import io
import random
from dataclasses import dataclass

# ISO code, how lists call the country, calling code, numbers as typed there, given names, family names.
_COUNTRIES = [
    ("DE", "Deutschland", "49", "030 2312{:04d}", ["Jürgen", "Anna", "Łukasz"], ["Müller", "Weiß", "Özdemir"]),
    ("GB", "United Kingdom", "44", "020 7946 {:04d}", ["Oliver", "Zoë", "Aoife"], ["O'Neil", "Smith-Jones", "Khan"]),
    ("US", "USA", "1", "(415) 555-{:04d}", ["Dana", "José", "Mia"], ["Example", "Nguyen", "Van Dyke"]),
    ("FR", "France", "33", "06 12 34 {:02d} {:02d}", ["Renée", "Loïc", "Chloé"], ["Lefèvre", "D'Arc", "Dupont"]),
    ("IT", "Italia", "39", "06 1234 {:04d}", ["Niccolò", "Giulia", "Sara"], ["Rossi", "De Luca", "Ferrari"]),
    ("ES", "España", "34", "612 34 {:02d} {:02d}", ["Íñigo", "Lucía", "Ana"], ["Muñoz", "García López", "Peña"]),
    ("IN", "India", "91", "098765 4{:04d}", ["Asha", "Rahul", "Priya"], ["Rao", "Sharma", "Iyer"]),
    ("BR", "Brasil", "55", "(11) 91234-{:04d}", ["João", "Beatriz", "Caio"], ["Souza", "Gonçalves", "Araújo"]),
    ("JP", "Japan", "81", "090-1234-{:04d}", ["Yūki", "Haruto", "Sakura"], ["Satō", "Suzuki", "Tanaka"]),
    ("AE", "UAE", "971", "050 123 {:04d}", ["Fatima", "Omar", "Layla"], ["Al Farsi", "Haddad", "Saleh"]),
]
HEADER = ["Name", "E-Mail", "Phone", "Company", "Country", "Lead Source", "Notes", "Favourite colour"]


@dataclass(frozen=True)
class Expected:
    """What a contact must look like after the import."""

    name: str
    email: str
    phone: str
    country_code: str


@dataclass(frozen=True)
class ContactsList:
    """A generated list and the truth about it."""

    content: bytes
    contacts: list[Expected]
    duplicate_rows: int
    refused_rows: int
    repeated_rows: int


def make_contacts(count: int = 200, seed: int = 7) -> ContactsList:
    """Return a list of ``count`` different contacts, with duplicates, refusals and repetitions among them."""
    dice = random.Random(seed)
    contacts, rows = [], []
    for number in range(count):
        expected, row = _make_contact(number, dice)
        contacts.append(expected)
        rows.append(row)
    duplicates = [_respell(contacts[index], rows[index], dice) for index in range(0, count, 4)]
    refused = [["Nobody Reachable", "not an address", "n/a", "", "", "", f"row {index}", ""] for index in range(5)]
    repeated = [list(rows[index]) for index in range(0, count, 10)]
    everything = [*rows, *duplicates, *refused, *repeated]
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([HEADER, *everything])
    return ContactsList(text.getvalue().encode("utf-8-sig"), contacts, len(duplicates), len(refused), len(repeated))


def _make_contact(number: int, dice: random.Random) -> tuple[Expected, list[str]]:
    code, country, calling_code, pattern, given, family = _COUNTRIES[number % len(_COUNTRIES)]
    # The place in the sequence makes every number and address its own.
    line = 1000 + number
    typed = pattern.format(*divmod(line, 100)) if pattern.count("{") == 2 else pattern.format(line)
    name = f"{dice.choice(given)} {dice.choice(family)}"
    email = f"contact.{number}@example{number % 3}.com"
    expected = Expected(name, email, _get_e164(code, calling_code, typed), code)
    row = [name, _respell_email(email, dice), typed, f"Company {number}", country, "Fair", "met at the stand", "blue"]
    return expected, row


def _get_e164(code: str, calling_code: str, typed: str) -> str:
    digits = "".join(char for char in typed if char.isdigit())
    # Italian numbers keep their zero; elsewhere it is a trunk prefix.
    national = digits if code == "IT" else digits.lstrip("0")
    return f"+{calling_code}{national}"


def _respell_email(email: str, dice: random.Random) -> str:
    return dice.choice([email, email.upper(), f" {email} ", f"Somebody <{email}>", f"mailto:{email}", f"{email};"])


def _respell(expected: Expected, row: list[str], dice: random.Random) -> list[str]:
    international = expected.phone.replace("+", dice.choice(["+", "00"]))
    spaced = f"{international[:5]} {international[5:8]}-{international[8:]}"
    by_email = [row[0].upper(), _respell_email(expected.email, dice), "", "Other Company", row[4], "Web", "again", ""]
    by_phone = [row[0], "", spaced, "", row[4], "Web", "called again", ""]
    return dice.choice([by_email, by_phone])
