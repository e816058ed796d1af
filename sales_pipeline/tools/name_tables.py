"""Words that say the same in other letters: short names, forms of companies, streets, mailboxes.

Written for this addon from general knowledge in November 2026; the limits of a provider name their page. A word that is
missing costs a little recall, never a wrong match: a short name counts less than the name itself.
"""

# One line a name; a short form that belongs to several names stands in each of their lines.
_NICKNAME_LINES = """
abigail abby gail
albert al bert bertie
alexander alex alec sandy sasha xander lex
alexandra alex alexa lexi sandra sasha sandy
alfred alf alfie fred freddie
alice ali elise
amanda mandy
andrew andy drew andreas andre
angela angie
anna ann anne annie anya
anthony tony antonio anton
arthur art artie
barbara barb babs barbie
benjamin ben benny benji
bernard bernie
bridget bridie biddy
cameron cam
caroline carol carrie lina
catherine cathy kathy kate katie cat kitty katherine katharina kat katrina catalina
charles charlie chuck chaz carl karl carlos
charlotte charlie lottie
christina christine chris tina christy kristina kirsten
christopher chris kit topher christoph
daniel dan danny
david dave davey
deborah deb debbie debra
dennis denny
dominic dom nick
donald don donnie
dorothy dot dottie dora
douglas doug
edward ed eddie ted teddy ned eduard
eleanor ellie nell nora elena
elizabeth liz lizzie beth betty eliza elsie lisa libby bess elisabeth lise
emily em emmy millie
eugene gene
frances fran francesca frankie
francis frank francesco francisco paco
frederick fred freddie rick friedrich fritz
gabriel gabe
gabriella gabby ella
geoffrey jeff geoff jeffrey
george georgie jorge georg
gerald gerry jerry
gregory greg
harold harry hal
helen nell ellen helena
henry harry hank hal heinrich henrik
isabella isabel bella izzy isobel
jacob jake jakob
jacqueline jackie
james jim jimmy jamie jem
janet jan
jasmine jaz
jennifer jen jenny jenna
jeremy jerry jez
jessica jess jessie
joan joanie
joanna jo joanne joan johanna
john jack johnny jon johann juan giovanni jean ivan
jonathan jon jonny
joseph joe joey jose josef giuseppe pepe
joshua josh
judith judy
julia julie jules
katharine kate katie kathy
kenneth ken kenny
kimberly kim
lawrence larry laurie laurence lars
leonard len lenny leo
louis lou luis ludwig lewis
louise lou luisa
lucy lucia lou
madeleine maddie madeline maddy
margaret maggie meg peggy marge greta rita gretchen daisy
maria mary marie mia molly polly mariam maryam
martha marty patty
martin marty
matilda tilly tilda
matthew matt matty matteo mateo
melissa mel missy
michael mike mick mickey mikey michel miguel mikhail
michelle shelly
mohammed mohammad muhammad mohamed mo
nancy nan
natalie nat natasha
nathan nate nathaniel nat
nicholas nick nicky nicolas klaus nico
nicole nicky nikki
oliver ollie
olivia liv livvy
pamela pam
patricia pat patty trish tricia
patrick pat paddy rick
paul paolo pablo pavel
penelope penny
peter pete pedro pietro piotr
philip phil pip phillip felipe
rachel rach
raymond ray
rebecca becky becca
richard rick dick rich richie ricky ricardo
robert bob rob bobby robbie bert roberto
roger rodge
ronald ron ronnie
rosemary rose rosie
russell russ
samantha sam sammy
samuel sam sammy
sarah sara sally sadie
sebastian seb bastian
sharon shaz
simon si
sophia sophie sofia
stanley stan
stephanie steph stefanie
stephen steve steven stevie stefan esteban
susan sue susie suzanne susanna
terence terry terrance
teresa terry tess theresa tessa
thomas tom tommy tomas
timothy tim timmy
tobias toby
valerie val
veronica ronnie vera
victor vic viktor
victoria vicky vic tori viki
vincent vince vinny vincenzo
virginia ginny
walter walt wally
wilhelm willi
william bill will billy willy liam guillermo guillaume
zachary zach zack
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _read_nicknames() -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for line in _NICKNAME_LINES.split("\n"):
        name, *short = line.split() or [""]
        for word in (name, *short) if name else ():
            groups.setdefault(word, set()).add(name)
    return {word: frozenset(names) for word, names in groups.items()}


# word -> the full names it may stand for
NICKNAMES = _read_nicknames()

TITLES = _words(
    "mr mrs ms miss mx dr prof professor sir madam herr frau dipl ing jr sr ii iii phd md msc bsc"
)

LEGAL_FORMS = _words(
    "ab ag as asa aps bv bvba co company corp corporation cv doo eg eirl ev gbr gmbh hf inc incorporated kft kg "
    "kgaa kk limited llc llp ltd ltda mbh nv ohg oy oyj plc private pte pty pvt sa sarl sas sasu sl slu snc spa "
    "spzoo srl srls sro stichting ug holding group gruppe the and und et y e"
)

STREET_WORDS = {
    "street": "st", "str": "st", "strasse": "st", "avenue": "av", "ave": "av", "avda": "av", "road": "rd",
    "drive": "dr", "place": "pl", "court": "ct", "crescent": "cr", "cres": "cr", "boulevard": "bd",
    "blvd": "bd", "lane": "ln",
    "square": "sq", "terrace": "tce", "highway": "hwy", "parade": "pde", "close": "cl", "circuit": "cct",
    "suite": "ste",
    "apartment": "apt", "floor": "fl", "north": "n", "south": "s", "east": "e", "west": "w", "saint": "st",
    "mount": "mt", "platz": "pl", "rue": "r", "calle": "c",
}  # fmt: skip

# Nobody's own mailbox: who writes from it shares it with colleagues.
ROLE_MAILBOXES = _words(
    "admin accounts accounting billing bookings contact contacto enquiries enquiry finance hello help hr info "
    "inquiries jobs kontakt mail marketing noreply no-reply office orders purchasing reception reservations sales "
    "service secretary support team verkauf vertrieb webmaster"
)

# Providers at which everybody has a mailbox: sharing the domain means nothing.
FREE_MAIL_DOMAINS = _words(
    "gmail.com yahoo.com yahoo.co.uk yahoo.co.in yahoo.fr yahoo.de yahoo.es ymail.com rocketmail.com hotmail.com "
    "hotmail.co.uk hotmail.fr hotmail.de hotmail.es outlook.com outlook.fr outlook.de live.com live.co.uk msn.com "
    "icloud.com aol.com gmx.de gmx.net gmx.at gmx.com web.de t-online.de freenet.de mail.com mail.ru yandex.ru "
    "yandex.com qq.com 163.com 126.com sina.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it "
    "virgilio.it proton.me pm.me fastmail.com zoho.com rediffmail.com bigpond.com optusnet.com.au comcast.net "
    "verizon.net att.net btinternet.com sky.com ntlworld.com shaw.ca rogers.com uol.com.br bol.com.br "
    "terra.com.br naver.com daum.net seznam.cz wp.pl onet.pl o2.pl interia.pl"
)
# Other names of the same mailbox. Google: https://support.google.com/mail/answer/10313; Apple and Proton say the same
# of theirs in their help pages.
SAME_MAIL_DOMAIN = {
    "googlemail.com": "gmail.com", "me.com": "icloud.com", "mac.com": "icloud.com",
    "protonmail.com": "proton.me", "protonmail.ch": "proton.me", "pm.me": "proton.me",
}  # fmt: skip
# Dots in the local part mean nothing: https://support.google.com/mail/answer/7436150
DOTLESS_MAIL_DOMAINS = frozenset({"gmail.com"})
# "-" parts the tag at Yahoo, "+" at nearly everybody else: RFC 5233 leaves the choice to the provider.
TAG_SEPARATOR = {"yahoo.com": "-", "ymail.com": "-", "rocketmail.com": "-"}
