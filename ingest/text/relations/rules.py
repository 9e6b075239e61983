"""Relations by rules: a table of phrases, each with an example that a test reads.

A sentence is written out with its two names as «{h}» (head) and «{t}» (tail), every other name as «<O>» (organisation), «<P>», «<L>» or «<H>»; an
enumeration that one of the two stands in is written as that one alone, and words that stand for a name («das Institut») count as the name.
What a rule finds is a vote: the trained model sees it among its features, and what both find carries the rule's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.text.relations.cues import classes
from ingest.text.relations.layout import Form
from ingest.text.relations.pairs import Pair, Seen, coarse
from ingest.text.relations.stream import Ref, Word

_GAP: Final = r"[^<{;:]{0,70}?"
_AROUND: Final = 30  # words before and behind the two names that are read
_SHORT: Final = r"[^<{;:,]{0,30}?"


@dataclass(frozen=True, slots=True)
class Rule:
    """`kinds` are the coarse kinds (pairs.coarse) of head and tail, `pattern` what the written-out sentence must hold.

    In a pattern «…» stands for up to 70 characters and «·» for up to 30, both without another name.
    """

    name: str
    type: str
    kinds: tuple[str, str]
    pattern: str
    example: str


RULES: Final[tuple[Rule, ...]] = (
    Rule("named-partner", "PARTICIPATES_IN", ("OA", "PA"),
         r"\bpartner\w*…\b(?:in|im|von|des|am|sind|ist|:)\b…(?:{h}…{t}|{t}…{h})",
         "Partner im Vorhaben {t} sind {h} und die Stadt."),
    Rule("is-partner", "PARTICIPATES_IN", ("OA", "PA"),
         r"{h}…(?:partner\w*|beteiligt|mitglied\w*|dabei)\b·(?:\b(?:im|in|am|an|des|der|von|bei|beim)\b)?·{t}",
         "{h} ist Partner im Projekt {t}."),
    Rule("takes-part", "PARTICIPATES_IN", ("OA", "PA"),
         r"(?:\b(?:an|am|im|in|bei|beim)\b·{t}…(?:beteiligt|beteiligen|arbeite[nt]|wirk\w+|mach\w+|forsch\w+|mit dabei|dabei)\b…{h}|"
         r"\b(?:an|am)\b·{t}…\b(?:sind|ist|waren|war)\b…{h}…\bbeteiligt|{h}…"
         r"\b(?:an|am|im|in|bei|beim)\b·{t}…(?:beteiligt|beteiligen|mitwirk\w*|mitarbeit\w*|dabei|zusammen)\b)",
         "Am Projekt {t} sind außerdem {h} und zwei Firmen beteiligt."),
    Rule("leads", "PARTICIPATES_IN", ("OA", "PA"),
         r"(?:{h}…(?:koordinier\w*|leitet\w*|federführ\w*|initiier\w*|verantwort\w*)·{t}|{t}…{h}·(?:koordinier\w*|leitet\w*|"
         r"federführ\w*|initiier\w*)|{t}…(?:koordiniert|geleitet|getragen|leitung|federführung|koordination)\b·(?:von|vom|durch|des|der|"
         r"hat|liegt bei)\b·{h})",
         "Das Projekt {t} wird von der Hochschule {h} koordiniert."),
    Rule("under-lead", "PARTICIPATES_IN", ("OA", "PA"),
         r"(?:unter (?:der )?(?:leitung|federführung|regie)|koordination\w*|koordinator\w*|konsortialführ\w*)·{h}",
         "In {t} wird unter Leitung von {h} gemessen."),
    Rule("in-project", "PARTICIPATES_IN", ("OA", "P"),
         r"(?:\b(?:im|in dem|mit dem) (?:\w+ )?(?:projekt|vorhaben|verbund|\w+projekt|\w+vorhaben|verbundprojekt)\b·{t}…{h}|{h}…\b(?:im|"
         r"in dem|mit dem) (?:\w+ )?(?:projekt|vorhaben|verbund|\w+projekt|\w+vorhaben)\b·{t})",
         "Im Projekt {t} entwickelt {h} einen Speicher."),
    Rule("member", "PARTICIPATES_IN", ("OA", "A"),
         r"(?:{h}…(?:mitglied\w*|gehör\w*|angehör\w*|beigetreten|tritt)\b…{t}|{t}…(?:mitglied\w*|gehören|angehören)\b…{h})",
         "{h} ist Mitglied im Cluster {t}."),
    Rule("funded-by", "FUNDED_BY", ("PA", "OAP"),
         r"{h}…(?:gefördert\w*|finanziert\w*|bezuschusst\w*|unterstützt|mitteln?|geld|zuschuss|förderung|finanzierung|euro)\b·\b(?:von|"
         r"vom|durch|aus|des|der|über|im rahmen)\b·{t}",
         "{h} wird mit zwei Millionen Euro gefördert durch das Land {t}."),
    Rule("funded-first", "FUNDED_BY", ("PA", "OAP"),
         r"{h}…\b(?:wird|werden|wurde|wurden|ist|von|aus)\b·\b(?:von|vom|durch|aus mitteln|aus|über)\b·{t}…(?:gefördert|finanziert|"
         r"bezuschusst|kofinanziert|bezahlt|unterstützt)\b",
         "{h} wird vom Land {t} mit zwei Millionen Euro gefördert."),
    Rule("funds", "FUNDED_BY", ("PA", "OAP"),
         r"{t}…\b(?:fördert\w*|finanziert\w*|bezuschusst\w*|zahlt|unterstützt\w*|stiftet|gibt|bewilligt)\b·{h}",
         "Das Land {t} fördert {h}."),
    Rule("cooperates", "COOPERATES_WITH", ("OA", "OA"),
         r"{h}…(?:gemeinsam|zusammen|kooperier\w*|kooperation|zusammenarbeit|partnerschaft|tandem|vertrag|vereinbarung)·\b(?:mit|"
         r"zwischen)\b·{t}",
         "{h} untersucht das gemeinsam mit der Hochschule {t}."),
    Rule("works-with", "COOPERATES_WITH", ("OA", "OA"),
         r"{h}…\bmit\b·{t}…(?:zusammen\w*|kooperier\w*|kooperationsvertrag\w*|vereinbart|verbündet)",
         "{h} arbeitet mit {t} zusammen."),
    Rule("both", "COOPERATES_WITH", ("OA", "OA"),
         r"{both}…(?:zusammen|gemeinsam|kooperier\w*|vertrag|vereinbar\w*)|(?:zusammenarbeit|kooperation|partnerschaft)\b·{both}",
         "{both} arbeiten seit Jahren zusammen."),
    Rule("part", "PART_OF", ("OAP", "OAP"),
         r"{h}·,?·(?:tochter\w*|teil|teilprojekt\w*|teilvorhaben|ausgründung|abteilung|institut|eigenbetrieb|einrichtung|sparte|"
         r"gehört)\b·\b(?:von|vom|der|des|zur|zum|an)\b·{t}",
         "{h}, eine Tochter der {t}, baut Speicher."),
    Rule("daughter", "PART_OF", ("OA", "OA"),
         r"{t} ?-?(?:tochter|ableger|ausgründung)\b·{h}",
         "Die {t} -Tochter {h} zieht um."),
    Rule("of-whole", "PART_OF", ("OA", "OA"),
         r"{h} ?(?:der|des|an der|am|von) (?:\w+ )?{t}",
         "Das {h} der Hochschule {t} misst."),
    Rule("from", "LOCATED_IN", ("OAP", "L"),
         r"{h} (?:aus|in|im|bei) (?:dem |der )?{t}",
         "{h} aus {t} liefert Pumpen."),
    Rule("bracket", "LOCATED_IN", ("OAP", "L"),
         r"{h} \( ?{t} ?[,)]",
         "{h} ({t}) und andere."),
    Rule("seat", "LOCATED_IN", ("OAP", "L"),
         r"{h}…(?:sitz|standort|sitzt|ansässig|steht|büro|werk|beheimatet|zentrale|campus)\b·{t}|{h}…\b(?:in|aus|bei) {t} (?:ansässig|"
         r"sitzt|stammt|beheimatet)",
         "{h} mit Sitz in {t}."),
    Rule("works-on", "WORKS_ON", ("OAP", "T"),
         r"{h}…(?:entwickel\w*|forscht|forschen|arbeite[nt]|untersuch\w*|erprob\w*|spezialisiert|baut|test\w*)\b·{t}",
         "{h} entwickelt {t}."),
)  # fmt: skip


def compiled(rule: Rule) -> re.Pattern[str]:
    """The rule's pattern as an expression."""
    return re.compile(rule.pattern.replace("{", r"\{").replace("}", r"\}").replace("…", _GAP).replace("·", _SHORT))


_COMPILED: Final = tuple((r, compiled(r)) for r in RULES)


def votes(seen: Seen, pair: Pair) -> Iterator[tuple[str, str, int]]:
    """Rules that hold for a pair: (name, type, direction); direction 0: the first reference is the head."""
    a, b = pair.first, pair.second
    kinds = (coarse(a.tag), coarse(b.tag))
    if a.sentence != b.sentence:
        yield from _list(seen, pair, kinds)
        return
    written: dict[int, str] = {}
    for rule, pattern in _COMPILED:
        for direction in (0, 1):
            head, tail = kinds if direction == 0 else kinds[::-1]
            if head not in rule.kinds[0] or tail not in rule.kinds[1]:
                continue
            if direction not in written:
                written[direction] = written_out(seen, a, b, direction)
            if pattern.search(written[direction]):
                yield rule.name, rule.type, direction


def _list(seen: Seen, pair: Pair, kinds: tuple[str, str]) -> Iterator[tuple[str, str, int]]:
    """A name on a line of a list whose heading or introduction names a project or network and speaks of partners or members."""
    line = seen.stream.sentences[pair.second.sentence]
    if line.form is not Form.ITEM or kinds[0] not in "PA" or kinds[1] not in "OA" or pair.first.sentence not in (line.lead, line.heading):
        return
    cues = {c for w in seen.stream.of(pair.first.sentence) if isinstance(w, Word) for c in classes(w.stem)}
    if cues & {"partner", "member", "coordinate"}:
        yield "list", "PARTICIPATES_IN", 1


def written_out(seen: Seen, a: Ref, b: Ref, direction: int) -> str:
    """The sentence of two references, as the rules read it."""
    items, s = seen.stream.items, a.sentence
    one, two = ("{h}", "{t}") if direction == 0 else ("{t}", "{h}")
    skip: set[int] = set()
    for r, other in ((a, b), (b, a)):
        lo, hi = seen.chain.get(r.at, (r.at, r.at))
        if not lo <= other.at <= hi:
            skip.update(range(max(lo, a.at - _AROUND), min(hi, b.at + _AROUND) + 1))
            skip.discard(r.at)
    together = seen.chain.get(a.at) is not None and seen.chain.get(a.at) == seen.chain.get(b.at)
    begin, end = max(seen.stream.first[s], a.at - _AROUND), min(seen.stream.first[s + 1], b.at + _AROUND)
    standing = {r.at: r for r in seen.by_sentence[s] if r.how != "name" and begin <= r.at < end}
    out: list[str] = []
    for i in range(begin, end):
        item = items[i]
        if i == a.at and i == b.at:
            out.append("{both}")
        elif together and i in (a.at, b.at):
            out.append("{both}" if i == b.at else "")
        elif together and a.at < i < b.at:
            continue
        elif i in (a.at, b.at):
            out.append(one if i == a.at else two)
        elif i in skip:
            continue
        elif isinstance(item, Ref):
            out.append(f"<{coarse(item.tag)}>" if item.tag != "TOPIC" else "<T>")
        elif i in standing and standing[i].how in ("group", "order"):
            out.append(f"<{coarse(standing[i].tag)}>")
        else:
            out.append(item.low)
    return " ".join(o for o in out if o)
