"""Lists of made-up contacts in which some come twice, the second time spelt otherwise in one known way.

Beside them stand strangers who share much: families at one address, colleagues at one switchboard.
"""
from __future__ import annotations

import csv
import random
import string
from collections.abc import Callable
from pathlib import Path


def _words(text: str) -> list[str]:
    return text.split()


GIVEN = _words("""
adele alan amara amir anders anita anton aria barbara beatriz boris brenda camille carlos cecilia charles
christopher clara daniel deborah diego dmitri edward elena elizabeth emeka erik fatima felix frederick gabriel gita
gregory hannah haruto helen henry ibrahim ingrid isabella jacob james jasper jennifer joana jonas joseph joshua
judith kamala karim kenneth laura leila leonard louise lucas magnus malik margaret marta matthew michael miriam
nadia nathan nicholas nikita nora olga oscar pamela patricia paula pedro philip rachel raymond rebecca richard
robert ronald rosa samantha samuel sanjay sofia stephen susan takeshi tatiana teresa thomas timothy ursula valerie
victoria vikram walter wendy william xavier yara yasmin zachary zoltan
""")
SURNAMES = _words("""
abernathy adeyemi albrecht almeida andersson aoki baptiste barnett basu bergstrom blackwood bouchard brandt cardoso
carmichael chaudhry christensen cunningham dasgupta delacroix dimitrov donnelly dressler eastwood ellingsen
fairbanks fernandes fitzgerald fontaine galloway gonzalez greenwood grunewald guerrero halvorsen hargreaves
hashimoto henriksen hoffmann holloway iyer jablonski jankowski johansson kaminski karlsson kavanagh kowalczyk
krishnan lancaster langford lefebvre lindqvist livingston macdonald marchetti mbeki mccormick mendoza montgomery
moretti mukherjee nakagawa novotny obrien okonkwo oppenheimer orlowski pemberton pereira petrenko popescu ramanathan
reinhardt robinson rodriguez rousseau rutherford sandoval santiago schneider sorensen stanhope sullivan szabo tanaka
thornton trevino underwood vandermeer vasquez villanueva wainwright wakefield whittaker winchester wozniak yamamoto
zimmermann
""")
FIRMS = _words("""
aurora beacon bluefin brookside cascade citadel cobalt copper crestline dynamo eastgate evergreen fairway foxglove
gateway glacier goldleaf hillcrest horizon ironbridge kingfisher lakeshore lighthouse longview meridian millstone
monarch northwind oakfield obsidian paragon pinnacle redwood ridgeline sandstone silverline skylark stonegate
sunridge tidewater trident vanguard vertex waterford westbrook whitecap wildwood windmill yellowstone zenith
""")
TRADES = _words("""
analytics bakery builders catering design dental energy farms freight furniture hotels legal optics
""")
FORMS = ["Ltd", "Limited", "LLC", "Inc.", "GmbH", "Pty Ltd", "S.A.", ""]
STREETS = _words("""
acacia banksia cherry dogwood elm fairview garden heather ivy jubilee kestrel laurel maple nelson orchard poplar
queen regent station thames union victoria willow york albert bishop castle duke chapel forge
""")
KINDS = ["street", "road", "avenue", "lane", "drive", "place", "court"]
CITIES = _words("""
ashford bridgeton clearwater dunmore eastleigh fairmont greenville harwich inverness kingsbridge lakewood marlow
newport oakdale plymouth richmond salford thornbury westfield yarmouth
""")
AREAS = _words("212 305 312 404 415 503 512 602 617 702 713 801 917 972")
FREE = ["gmail.com", "gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com"]
SHORT = {
    "robert": "bob", "william": "bill", "elizabeth": "liz", "margaret": "peggy", "richard": "dick", "michael": "mike",
    "christopher": "chris", "jennifer": "jenny", "james": "jim", "joseph": "joe", "thomas": "tom", "edward": "ted",
    "patricia": "trish", "rebecca": "becky", "samuel": "sam", "daniel": "dan", "matthew": "matt", "susan": "sue",
    "stephen": "steve", "charles": "charlie", "victoria": "vicky", "nicholas": "nick", "timothy": "tim",
    "kenneth": "ken", "gregory": "greg", "frederick": "fred", "deborah": "debbie", "samantha": "sam",
}  # fmt: skip

Person = dict[str, str]


class Maker:
    """Draws people and spoils them; the same seed draws the same."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)

    def person(self) -> Person:
        """Return somebody with everything known."""
        pick = self.random.choice
        given, surname, firm = pick(GIVEN), pick(SURNAMES), f"{pick(FIRMS)} {pick(TRADES)}"
        at_work = self.random.random() < 0.5
        domain = f"{firm.replace(' ', '')}.example" if at_work else pick(FREE)
        tag = "" if at_work else str(self.random.randrange(10, 9999))
        return {
            "given_name": given, "surname": surname, "company": f"{firm} {pick(FORMS)}".strip(),
            "email": f"{given}.{surname}{tag}@{domain}", "phone": self.number(),
            "street_number": str(self.random.randrange(1, 300)), "address_1": f"{pick(STREETS)} {pick(KINDS)}",
            "suburb": pick(CITIES), "postcode": f"{self.random.randrange(10000, 99999)}",
            "date_of_birth": f"{self.random.randrange(1940, 2004)}{self.random.randrange(1, 13):02}"
                             f"{self.random.randrange(1, 29):02}",
        }  # fmt: skip

    def number(self) -> str:
        """Return a number of the United States in its international form."""
        area = self.random.choice(AREAS)
        return f"+1 {area}-{self.random.randrange(200, 999)}-{self.random.randrange(10000):04}"

    def slip(self, text: str) -> str:
        """Return a text with one typing error: a letter wrong, missing, too many, or two transposed."""
        at = self.random.randrange(len(text) - 1)
        letter = self.random.choice(string.ascii_lowercase)
        return self.random.choice([
            text[:at] + letter + text[at + 1 :], text[:at] + text[at + 1 :], text[:at] + letter + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
        ])  # fmt: skip

    # ---- the classes of errors, each on who knows only what the class is about

    def wrong_digit(self, who: Person) -> None:
        """One wrong digit, same name and company."""
        self.keep(who, "given_name", "surname", "company", "phone")
        at = self.random.choice([i for i, char in enumerate(who["phone"]) if char.isdigit() and i > 5])
        digit = self.random.choice([d for d in string.digits if d != who["phone"][at]])
        who["phone"] = who["phone"][:at] + digit + who["phone"][at + 1 :]

    def transposed_name(self, who: Person) -> None:
        """Two letters of the surname transposed, same company."""
        self.keep(who, "given_name", "surname", "company")
        name = who["surname"]
        at = self.random.choice([i for i in range(len(name) - 1) if name[i] != name[i + 1]])
        who["surname"] = name[:at] + name[at + 1] + name[at] + name[at + 2 :]

    def mailbox_typo(self, who: Person) -> None:
        """A slip in the mailbox of a free provider, same name."""
        self.keep(who, "given_name", "surname", "email")
        mailbox = who["email"].partition("@")[0]
        who["email"] = f"{self.slip(mailbox)}@{who['email'].partition('@')[2]}"

    def domain_typo(self, who: Person) -> None:
        """A slip in the domain of the address, nothing else known but the name."""
        self.keep(who, "given_name", "surname", "email")
        mailbox, _at, domain = who["email"].partition("@")
        host, dot, rest = domain.partition(".")
        who["email"] = f"{mailbox}@{self.slip(host)}{dot}{rest}"

    def dots_and_tag(self, who: Person) -> None:
        """The same mailbox at Gmail by other dots and a tag."""
        self.keep(who, "email")
        who["email"] = f"{who['email'].partition('@')[0].replace('.', '')}+news@gmail.com"

    def national_number(self, who: Person) -> None:
        """The national spelling of an international number; nothing but it and the name known."""
        self.keep(who, "given_name", "surname", "phone")
        digits = who["phone"].removeprefix("+1 ").replace("-", "")
        who["phone"] = f"({digits[:3]}) {digits[3:6]} {digits[6:]}"

    def nickname(self, who: Person) -> None:
        """The short form of the given name, same company."""
        self.keep(who, "given_name", "surname", "company")
        who["given_name"] = SHORT[who["given_name"]]

    def swapped_names(self, who: Person) -> None:
        """Given name and surname swapped, same company."""
        self.keep(who, "given_name", "surname", "company")
        who["given_name"], who["surname"] = who["surname"], who["given_name"]

    def legal_form(self, who: Person) -> None:
        """Another legal form of the company, a slip in the name."""
        self.keep(who, "given_name", "surname", "company", "suburb")
        words = who["company"].split()[:2]
        who["company"] = " ".join(words).upper() + " Ltd."
        who["surname"] = self.slip(who["surname"])

    def many_slips(self, who: Person) -> None:
        """Everything known, but slips in three things and one missing."""
        names = ["given_name", "surname", "address_1", "suburb", "postcode", "date_of_birth", "email", "phone"]
        *spoilt, missing = self.random.sample(names, 4)
        for name in spoilt:
            who[name] = self.slip(who[name])
        who[missing] = ""

    def keep(self, who: Person, *names: str) -> None:
        """Forget all else."""
        for name in who:
            if name not in names:
                who[name] = ""

    def pair(self, spoil: Callable[[Person], None]) -> tuple[Person, Person]:
        """Return somebody twice, the second time spoilt; the first knows as much as the second."""
        who = self.person()
        if spoil == self.nickname:
            who["given_name"] = self.random.choice(list(SHORT))
        if spoil in (self.dots_and_tag, self.mailbox_typo):
            tag = self.random.randrange(100, 9999)
            domain = "gmail.com" if spoil == self.dots_and_tag else self.random.choice(FREE)
            who["email"] = f"{who['given_name']}.{who['surname']}{tag}@{domain}"
        again = dict(who)
        spoil(again)
        if spoil != self.many_slips:
            for name in who:
                if not again[name]:
                    who[name] = ""
        return who, again

    # ---- strangers who share much

    def relative(self, who: Person) -> Person:
        """Return somebody else of the same family at the same address and landline."""
        other = self.person()
        shared = ("surname", "street_number", "address_1", "suburb", "postcode", "phone")
        return {**other, **{name: who[name] for name in shared}, "given_name": self.another(GIVEN, who["given_name"])}

    def colleague(self, who: Person) -> Person:
        """Return somebody else of the same company, address, switchboard and mail domain."""
        other = self.person()
        shared = ("company", "street_number", "address_1", "suburb", "postcode", "phone")
        other |= {name: who[name] for name in shared}
        other["surname"] = self.another(SURNAMES, who["surname"])
        other["given_name"] = self.another(GIVEN, who["given_name"])
        return {**other, "email": f"{other['given_name']}.{other['surname']}@{who['email'].partition('@')[2]}"}

    def another(self, names: list[str], name: str) -> str:
        """Return another name than this one."""
        return self.random.choice([other for other in names if other != name])


CLASSES = (
    "wrong_digit", "transposed_name", "mailbox_typo", "domain_typo", "dots_and_tag", "national_number", "nickname",
    "swapped_names", "legal_form", "many_slips",
)  # fmt: skip


def write_list(path: Path, seed: int, each: int) -> None:
    """Write a list with so many pairs of each class, and as many strangers who share something as there are pairs."""
    maker, records = Maker(seed), []
    for kind in CLASSES:
        for _number in range(each):
            who, again = maker.pair(getattr(maker, kind))
            number = len(records)
            records.append({"rec_id": f"rec-{number}-org", "error_class": kind, **who})
            records.append({"rec_id": f"rec-{number}-dup-0", "error_class": kind, **again})
    for number in range(each * len(CLASSES) // 2):
        who = maker.person()
        for word, other in (("a", who), ("b", maker.relative(who)), ("c", maker.colleague(who))):
            records.append({"rec_id": f"rec-s{number}{word}-org", "error_class": "", **other})
    maker.random.shuffle(records)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)


