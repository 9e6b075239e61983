"""Keeps natural persons out: lists of beneficiaries and recipients may name sole traders and private persons.

The filter is a rule one can read, not a model.  It looks at a name that has no legal form and no institution's word of its own and
says «person» when the name says so itself (e.K., Inhaber, Eheleute, Frau, Dr.) or when a common first name is followed by another
capitalised word (``Michael Wessel``, ``Udo Geisler Photographie``).  Firms that carry only a family name stay (``Gudat Consulting``),
and so do firms with a legal form (``Heinrich Eibach GmbH``): a legal form makes a body of its own.
"""

from __future__ import annotations

import itertools
import re
from typing import Final

_FIRST_NAMES: Final = frozenset(
    re.findall(
        r"\S+",
        """
    Achim Adam Adele Adelheid Adolf Adrian Agnes Ahmed Ahmet Albert Albrecht Alexander Alexandra Alfons Alfred Ali Alice Alina Alois Amelie Ana
    Anders André Andre Andrea Andreas Angela Angelika Anika Anita Anja Anke Ann Anna Anne Annegret Anneliese Annemarie Annett Annette Anni Annika
    Ansgar Antje Anton Antonia Antonio Antonius Armin Arnd Arndt Arne Arno Arnold Arthur Artur Astrid August Axel Ayse Barbara Bärbel Bastian
    Beate Beatrice Beatrix Ben Benedikt Benjamin Benno Bernard Bernd Bernhard Bernward Bert Berthold Bertram Bettina Bianca Birgit Birgitta Birte
    Björn Bodo Boris Brigitte Britta Bruno Burkhard Burkhardt Carina Carl Carla Carlo Carlos Carmen Carola Carolin Caroline Carsten Caspar
    Cathrin Cem Charlotte Christa Christel Christian Christiane Christina Christine Christof Christoph Christopher Clara Claas Claudia Claus Clemens
    Conrad Constanze Cordula Corinna Cornelia Cornelius Dagmar Daniel Daniela David Denis Dennis Detlef Detlev Diana Dieter Dietmar Dietrich
    Dirk Dominic Dominik Dora Doris Dorothea Dorothee Eberhard Eckard Eckart Eckehard Eckhard Eckhardt Edeltraud Edgar Edith Eduard Edwin Egon Ekkehard
    Elena Elfriede Elias Elisabeth Elke Ella Ellen Elmar Elvira Emil Emilia Emily Emma Engelbert Enrico Erhard Eric Erich Erik Erika Erna Ernst Erwin
    Esther Eugen Eva Evelyn Ewald Fabian Fatma Felix Ferdinand Florian Frank Franz Franziska Fred Frederik Friederike Friedhelm Friedrich Frieda
    Fritz Gabi Gabriel Gabriela Gabriele Georg Gerald Gerd Gerda Gerhard Gerlinde Gernot Gero Gert Gertrud Gisela Gottfried Gregor Greta Guido
    Gudrun Gundula Günter Guenter Günther Guenther Gunnar Gunter Gunther Gustav Hannah Hanna Hannelore Hannes Hanno Hanns Hans Harald Hartmut Hasan
    Hedwig Heike Heiko Heiner Heinrich Heinz Helen Helena Helene Helga Hella Helmut Helmuth Hendrik Henning Henrik Henriette Henry Herbert Heribert
    Hermann Herta Hilde Hildegard Hinrich Holger Horst Hubert Hubertus Hugo Hüseyin Ibrahim Ida Ilka Ilona Ilse Ina Ines Inga Inge Ingeborg Ingo
    Ingrid Irene Iris Irma Irmgard Isabel Isabell Isabella Isabelle Ismail Ivan Ivo Ivonne Jakob Jacob Jan Jana Janina Jannik Jasmin Jens Jessica Joachim
    Jochem Jochen Johann Johanna Johannes John Jonas Jonathan Jörg Joerg Jörn Josef Joseph Josefine Jost Juan Judith Julia Julian Juliane
    Julius Jürgen Juergen Jutta Kai Karen Karin Karl Karla Karlheinz Karl-Heinz Karoline Karsten Kaspar Katharina Käthe Kathleen Kathrin Katja Katrin
    Kay Kemal Kerstin Kevin Kilian Kim Kirsten Klara Klaus Klemens Konrad Konstantin Kristin Kristina Kurt Lara Lars Laura Lea Lena Leo Leon
    Leonard Leonhard Leonie Leopold Linda Lisa Lorenz Lothar Louis Louise Luca Lucas Ludger Ludwig Luis Luisa Luise Luisa Lukas Lutz Lydia Madeleine
    Magda Magdalena Maik Maike Malte Manfred Manuel Manuela Marc Marcel Marco Marcus Mareike Maren Margarete Margarethe Margit Margot Margret
    Maria Marianne Marica Marie Marina Mario Marion Marita Marius Mark Marko Markus Marlene Marlies Marten Martha Martin Martina Mathias Mathilde
    Matthias Maik Max Maximilian Mechthild Mehmet Meike Melanie Michael Michaela Michel Michelle Miguel Mike Mirco Mirjam Mirko Miriam Mohamed Mohammad
    Monika Moritz Mustafa Nadia Nadine Nadja Natalie Nele Nico Nicola Nicole Niels Nikolai Nikolaus Nils Nina Noah Nora Norbert Norman Olaf Ole Oliver
    Olga Oskar Osman Oswald Otmar Ottmar Otto Pascal Patricia Patrick Paul Paula Pauline Peer Peter Petra Philip Philipp Philippe Pia Rainer Raimund Ralf
    Ralph Ramona Raphael Rebecca Regina Regine Reiner Reinhard Reinhardt Reinhold Reinold Renate Rene René Ria Ricarda Richard Rita Robert Roberto Robin
    Roger Roland Rolf Roman Ronald Ronny Rosa Rosemarie Roswitha Rudi Rudolf Rüdiger Ruediger Rupert Ruth Sabine Sabrina Samuel Sandra Sara Sarah
    Sascha Sebastian Selma Sergej Siegbert Siegfried Siegmar Sigrid Sigmund Silke Silvia Simon Simone Sina Sofia Sonja Sophia Sophie Stefan
    Stefanie Steffen Stephan Stephanie Sülayman Susan Susann Susanne Svea Sven Svenja Swen Sybille Sylvia Tamara Tanja Tatjana Thea Theo Theodor
    Theresa Therese Thilo Thomas Thorsten Tilman Tilo Tim Timo Tobias Tom Torben Torsten Udo Ulf Ulla Ulrich Ulrike Ursula Urte Uta Ute Uwe Valentin
    Valerie Vanessa Vera Verena Veronika Victor Viktor Vincent Volker Walburga Waldemar Walter Walther Waltraud Wenzel Werner Wiebke Wieland
    Wilfried Wilhelm Willi Willy Winfried Wolf Wolfgang Wolfram Yasemin Yannick Yvonne Zoe
    Gerlind Markus-Hans Hanns-Peter Hans-Peter Hans-Jürgen Hans-Joachim Hans-Georg Hans-Werner Hans-Dieter Karl-Josef Klaus-Dieter Klaus-Peter
    Heinz-Peter Ernst-August Franz-Josef Wolf-Dieter Eva-Maria Anna-Lena Ann-Kathrin Marie-Luise
    """,
    )
)
"""Common first names in Germany, written down from general knowledge.  First names that are as often another word are left out (Viktoria, Roxy)."""

_LEGAL_FORM: Final = re.compile(
    r"(?<!\w)(?:g?GmbH|mbH|gemeinn\w+ GmbH|AG|gAG|KG|KGaA|OHG|UG|U\.G\.|SE|SCE|Ltd\.?|Limited|e\. ?V\.?|eV|e\. ?G\.|eG|VVaG|A(?:ö|oe)R|K(?:ö|oe)R|B\.V\.|N\.V\."
    r"|S\.A\.|PartGm?b?B?)(?!\w)"
    r"|mit beschr(?:ä|ae)nkter Haftung|Aktiengesellschaft|Kommanditgesellschaft|Partnerschaft|Genossenschaft"
    r"|des öffentlichen Rechts|GesellschaftmbH|\w+gesellschaft\b",
    re.IGNORECASE,
)
_INSTITUTION: Final = re.compile(
    r"(?i:universit|hochschul|schule|gymnasium|kolleg|akademie|institut|stiftung|verein|verband|kammer|krankenhaus|hospital|klinik|stift\b|kirche|gemeinde|"
    r"dekanat|kloster|museum|bibliothek|archiv|stadt|kreis|landes|bundes|ministerium|bezirk|regierung|zentrum|center for|forschung|betrieb der|"
    r"gesellschaft|werk\b|werke\b|amt\b|anstalt|bank\b|sparkasse|college|school|university|fraunhofer|max-planck|max planck|helmholtz|leibniz)"
    r"|\b(?:IHK|HWK|RWTH|TU|FH|TH|DLR|NRW)\b"
)
_SAYS_SO: Final = re.compile(
    r"(?<!\w)(?:e\. ?K\.?|e\. ?Kfm\.?|e\. ?Kfr\.?|eK)(?!\w)|eingetragener? Kauf|\bInh(?:\.|aber(?:in)?\b)|\bEheleute\b"
    r"|\bFamilie [A-ZÄÖÜ]|\b(?:Herrn?|Frau) (?:Dr\.|Prof\.|[A-ZÄÖÜ][a-zäöü])"
)
_TITLE: Final = re.compile(r"^(?:Prof\.|Dr\.(?:-Ing\.)?|Dipl\.-\w+\.?|Dipl\. ?\w+\.?)\s")
_BUSINESS: Final = frozenset(
    re.findall(r"\S+", "Apotheke Kino Filmtheater Lichtspiele Hotel Brauerei Center Cinema Consulting Logistik Medien Druck Elektro Bau und & + - / Gruppe")
)
_WORD: Final = re.compile(r"[^\s,;()]+")
_CONTACT: Final = re.compile(
    r"[\s,;]*\(?\b(?:z\. ?Hd\.?|zu Händen|c/o|vertreten durch|Ansprechpartner(?:in)?:?)\s+(?:(?P<title>(?:Herrn?|Frau|Prof\.|Dr\.|Dipl\.)\s.*)"
    r"|(?P<first>[A-ZÄÖÜ][\w-]+)\s+[A-ZÄÖÜ].*)$",
    re.DOTALL,
)


def without_contact(name: str) -> str:
    """The name without a contact person at its end: ``Camera-Lichtspiele z.Hd. Frau …`` is ``Camera-Lichtspiele``."""
    m = _CONTACT.search(name)
    if m and (m["title"] or m["first"] in _FIRST_NAMES):
        return name[: m.start()].strip(" ,;(")
    return name


def is_person(name: str) -> bool:
    """True when the name is, or carries in full, the name of a natural person who is no body of its own.

    A civil partnership (GbR) that consists of full names counts as its partners; one of family names does not.
    """
    words = _WORD.findall(name)
    if re.match(r"[A-ZÄÖÜ][\w-]+, ?[A-ZÄÖÜ]", name) and len(words) > 1 and words[1] in _FIRST_NAMES:
        # «Ulrich, Ute Dolmetscherin, …e.V.»: an association named behind a person is where the person belongs
        return not re.search(r"(?<!\w)(?:g?GmbH|mbH|AG|KG|UG|SE|OHG)(?!\w)", name)
    if _LEGAL_FORM.search(name):
        return False
    if _SAYS_SO.search(name):
        return True
    if _INSTITUTION.search(name):
        return False
    if _TITLE.match(name):
        return True
    return any(_first_name(a) and b[:1].isupper() and b not in _BUSINESS and not b.isupper() for a, b in itertools.pairwise(words))


def _first_name(word: str) -> bool:
    return word in _FIRST_NAMES or ("-" in word and all(part in _FIRST_NAMES for part in word.split("-")))
