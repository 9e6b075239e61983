"""The filter for persons: names of the real lists and names of our own on both sides of the line."""

from __future__ import annotations

import pytest

from ingest.persons import is_person, without_contact


@pytest.mark.parametrize(
    "name",
    [
        "Erika Mustermann",
        "Hans-Peter Mustermann",
        "Dr. Erika Mustermann",
        "Prof. Dr. Mustermann",
        "Frau Mustermann",
        "Eheleute Mustermann",
        "Familie Mustermann",
        "Musterbäckerei e.K.",
        "Musterbäckerei e. Kfm.",
        "Musterbäckerei Inh. Mustermann",
        "Erika Mustermann Photographie",
        "Ingenieurbüro Max Mustermann",
        "FTB Erika Mustermann - Kino Center",
        "Mustermann, Erika Dolmetscherin, Verband e.V.",
        "Max Mustermann & Moritz Mustermann GbR",
    ],
)
def test_persons(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mustermann GmbH",
        "Max Mustermann GmbH & Co. KG",
        "Dr. Mustermann Laboratorium GmbH & Co. KG",
        "Dr. Erika Mustermann Stiftung",
        "Frauen helfen Frauen e. V.",
        "Zentrum Frau in Beruf und Technik",
        "Mustermann Consulting",
        "Architekturbüro Mustermann",
        "Musterfilm Meier & Müller GbR",
        "Stadt Oberhausen",
        "Technische Fachhochschule Georg Agricola zu Bochum",
        "Heinrich-Heine-Universität Düsseldorf",
        "Max-Planck-Institut für Kohlenforschung",
        "Elefanten-Apotheke",
        "Viktoria Filmtheater",
        "Heinrich Apotheke",
        "Deutsche Rentenversicherung Knappschaft-Bahn-See",
        "Bundesstadt Bonn",
        "RWTH Aachen",
        "IHK Aachen",
        "Universitätsklinikum Essen",
        "Brauerei im Füchschen",
        "Region Aachen",
    ],
)
def test_organisations(name: str) -> None:
    assert not is_person(name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Musterkino z.Hd. Frau Erika Mustermann", "Musterkino"),
        ("Musterinstitut (vertreten durch Prof. Dr. Erika Mustermann)", "Musterinstitut"),
        ("Musterinstitut, c/o Erika Mustermann", "Musterinstitut"),
        ("Musterverein vertreten durch die Muster GmbH", "Musterverein vertreten durch die Muster GmbH"),
        ("Muster GmbH", "Muster GmbH"),
    ],
)
def test_a_contact_person_is_cut_off(name: str, kept: str) -> None:
    assert without_contact(name) == kept
