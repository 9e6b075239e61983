"""Words that announce relations, by class, as beginnings of folded stems (stream.stem_of).

`classes(stem)` gives the classes of a word.  The tables are for reading and growing: a new verb goes into its line.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

# Beginnings of stems (umlauts as two letters); "=" in front: the whole stem only.
CUES: Final[dict[str, str]] = {
    "fund":
        "foerder gefoerder bezuschus finanzier zuschus zuwendung foerdermit foerdergel kofinanz stiftet gestiftet spende sponsor bewillig "
        "bescheid geldgeber investor =mittel =mitteln stipend =geld =gelder million =euro mio unterstuetz zahlt bezahlt zuschiess finanzspr "
        "drittmitt zuwendungs fonds anschub",
    "coordinate":
        "koordin federfuehr =leitung leitet geleitet konsortialf =traeger traegt getragen initiier initiato fuehrt =fuehr ausgelobt "
        "ausricht verantwor betreib betrieb lead gastgeber sprecher veranstalt organisi projektlei verbundfue hauptantr antragste",
    "partner":
        "partner projektpa konsortia konsorti beteilig =mitwirk mitwirken wirken mitmach =dabei teilnehm teilgenom verbund verbundpa "
        "mitstreit assozii einbring uebernimm uebernehm steuer beisteuer begleit evaluier liefer mitarbeit =mit =bord =boot beitrag "
        "praxispar bringt",
    "member":
        "mitglied mitgliedsc angehoer gehoer beigetret beitritt beitret =tritt zaehl reih aufgenomm aufnahm gesellsch anschlies angeschlo "
        "zusammeng gruendung gegruend",
    "cooperate":
        "kooperi kooperati zusammenar =gemeinsam =gemeinsame partnersc =zusammen vertrag vereinba absichtse allian joint buendnis verbuend "
        "paktier hand schulter entwicklu rahmenver tandem austausch arbeit",
    "part":
        "tochter toechter teil =teil gehoer konzern gruppe abteil mutter dach eingeglie angesied teilproj eigenbetr hundertpr spart holding "
        "unterneh ableger institut lehrstuhl fakult niederlas beteiligun ausgruend an-instit",
    "seat":
        "sitz sitzt ansaess stand standort werk halle buero campus gelaende beheimat niedergela niederlas ansied eroeffn zieh umgezog zog "
        "haus stammsitz zentral hauptsitz =aus =in =bei gebaut baut steht stehen unterhael betreibt produkti labor adress",
    "work":
        "forsch erforsch entwick arbeit untersuch schwerpunk spezialis baut bau produzi fertig herstell =her erprob test them befas "
        "beschaef gegen ziel loes anwend nutz einsetz optimi simuli mess verfahr techno system",
    "plan":
        "soll woll =will plan geplant kuenft demnaech vorgesehe beabsich beantrag antrag start skizz naech absicht vorhab bald zukunft "
        "ankuend angekuend vorauss",
    "open":
        "=ob offen unklar pruef koennt koennte womoegl moeglich viellei denkbar gespraech verhand vernehm aussicht ueberleg geruech vermut "
        "angebl wohl steht",
    "ended":
        "frueher ehemal einst war ware wurde wurd ausgelauf lief beend abgeschlo ausgeschi ausgestie schied endet damal =bis hatte hatt "
        "aufgeloe seinerze gewese damalig",
    "negated":
        "=nicht kein kei =nie weder =ohne ableh abgelehn nicht =nichts vernein dementi gescheit statt wettbew konkurr absag abgesag =nein "
        "niemand raus trennt verzicht",
    "event":
        "podium vortrag messe jury tagung konferen besuch gast gaest laudat grussw moderat einladun eingelad diskuti referent preis "
        "auszeich",
    "sells":
        "kunde kunden auftrag auftraggeb liefera verkauf kauf gekauf vermiet bestell auftragge",
}  # fmt: skip
_BEGIN: Final[tuple[tuple[str, str], ...]] = tuple((w, c) for c, words in CUES.items() for w in words.split())


@lru_cache(maxsize=50_000)
def classes(stem: str) -> tuple[str, ...]:
    """Classes of cue words that a stem belongs to."""
    found: dict[str, None] = {}
    for begin, cue in _BEGIN:
        if (begin[0] == "=" and stem == begin[1:]) or (begin[0] != "=" and len(begin) >= 3 and stem.startswith(begin)):
            found[cue] = None
    return tuple(found)
