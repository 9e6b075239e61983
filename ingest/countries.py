"""German names of countries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COUNTRIES_DE: Final[Mapping[str, str]] = {
    name: code
    for code, names in {
        "AT": "Österreich", "AU": "Australien", "BE": "Belgien", "BG": "Bulgarien", "BR": "Brasilien", "CA": "Kanada", "CH": "Schweiz", "CL": "Chile",
        "CN": "China|Volksrepublik China|China, Volksrepublik", "CO": "Kolumbien", "CY": "Zypern", "CZ": "Tschechien|Tschechische Republik",
        "DE": "Deutschland|Bundesrepublik Deutschland", "DK": "Dänemark", "EE": "Estland", "EG": "Ägypten", "ES": "Spanien", "FI": "Finnland",
        "FR": "Frankreich", "GB": "Großbritannien|Vereinigtes Königreich|Großbritannien und Nordirland", "GH": "Ghana", "GR": "Griechenland",
        "HR": "Kroatien", "HU": "Ungarn", "ID": "Indonesien", "IE": "Irland", "IL": "Israel", "IN": "Indien", "IS": "Island", "IT": "Italien",
        "JO": "Jordanien", "JP": "Japan", "KE": "Kenia", "KR": "Korea, Republik|Südkorea|Republik Korea", "LI": "Liechtenstein", "LT": "Litauen",
        "LU": "Luxemburg", "LV": "Lettland", "MA": "Marokko", "MT": "Malta", "MX": "Mexiko", "NA": "Namibia", "NL": "Niederlande", "NO": "Norwegen",
        "NZ": "Neuseeland", "PL": "Polen", "PT": "Portugal", "RO": "Rumänien", "RS": "Serbien", "RU": "Russland|Russische Föderation", "SE": "Schweden",
        "SI": "Slowenien", "SK": "Slowakei|Slowakische Republik", "TH": "Thailand", "TN": "Tunesien", "TR": "Türkei", "TZ": "Tansania", "UA": "Ukraine",
        "US": "USA|Vereinigte Staaten|Vereinigte Staaten von Amerika", "VN": "Vietnam", "ZA": "Südafrika",
    }.items()
    for name in names.split("|")
}  # fmt: skip
"""German name as publishers write it -> ISO 3166."""
