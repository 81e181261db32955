"""The cast that all six systems know in part: the company Meridian Instruments, its people and its customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

OWN_DOMAIN = "meridian.example"

_GIVEN = """
Marta Jonas Priya Tom Elif Luca Anna David Sofia Erik Nadia Paul Ines Mateo Greta Samir Clara Felix Yuki Omar
Helena Viktor Lea Marco Amira Stefan Rosa Hugo Milena Karim Julia Anton Freya Diego Hannah Pavel Nora Emil
Leila Oskar Tessa Bruno Alma Rafael Ida Simon Zoe Gregor Mina Adrian Carla Jakub Edith Noel Lina Andre Vera
Caspar Daria Quentin
"""
_FAMILY = """
Keller Brandt Nair Whitfield Demir Rossi Lindqvist Okafor Moreau Hansen Petrova Schmid Albrecht Vargas Holm
Haddad Weber Novak Tanaka Farouk Costa Ivanov Dubois Bianchi Mansour Huber Delgado Laurent Kovac Aziz Berger
Richter Nilsen Castro Fischer Horak Lund Maier Rahimi Virtanen Vogel Ferrari Sandberg Soares Dahl Winkler
Pereira Zeman Park Molnar Conti Wozniak Grant Leroy Bauer Marchetti Sokolov Frost Kowalska Thibault
"""

#: Name, domain, country, city. The order decides who is a customer where; see `is_billed` and `is_shipped_to`.
_COMPANIES = """Brightwater Logistics|brightwater.example|NL|Rotterdam
Hallstatt Papier|hallstatt-papier.example|AT|Linz
Cobalt Robotics|cobalt-robotics.example|DE|Stuttgart
Fjordkraft Seafood|fjordkraft-seafood.example|NO|Bergen
Oliveira Ceramics|oliveira-ceramics.example|PT|Aveiro
Tannhauser Brewing|tannhauser-brewing.example|DE|Bamberg
Sable Aerospace|sable-aerospace.example|FR|Toulouse
Quintero Citrus|quintero-citrus.example|ES|Valencia
Baltic Timber Works|baltic-timber.example|LV|Riga
Ardenne Dairy|ardenne-dairy.example|BE|Liege
Pellegrini Motori|pellegrini-motori.example|IT|Modena
Northgate Pharma|northgate-pharma.example|IE|Cork
Silesia Glass|silesia-glass.example|PL|Katowice
Kestrel Foods|kestrel-foods.example|DE|Hamburg
Lumen Optics|lumen-optics.example|FI|Tampere
Aurora Textiles|aurora-textiles.example|SE|Boras
Vltava Water|vltava-water.example|CZ|Prague
Harrow Mills|harrow-mills.example|GB|Leeds
Dunmore Dairies|dunmore-dairies.example|IE|Galway
Alpina Pumps|alpina-pumps.example|CH|Winterthur
Castellan Security|castellan-security.example|GB|Bristol
Meuse Chemicals|meuse-chemicals.example|NL|Maastricht
Rhine Foundry|rhine-foundry.example|DE|Duisburg
Solvang Marine|solvang-marine.example|DK|Esbjerg
Tessin Watchworks|tessin-watchworks.example|CH|Lugano
Azure Coast Yachts|azure-coast-yachts.example|FR|Antibes
Borealis Energy|borealis-energy.example|SE|Lulea
Carpathian Honey|carpathian-honey.example|RO|Brasov
Delta Greenhouses|delta-greenhouses.example|NL|Westland
Ebro Packaging|ebro-packaging.example|ES|Zaragoza
Falken Bicycles|falken-bicycles.example|DE|Freiburg
Gallo Pasta|gallo-pasta.example|IT|Parma
Hektor Cranes|hektor-cranes.example|PL|Gdansk
Isar Diagnostics|isar-diagnostics.example|DE|Munich
Jutland Wind|jutland-wind.example|DK|Aarhus
Karst Minerals|karst-minerals.example|SI|Koper
Loire Vineyards|loire-vineyards.example|FR|Nantes
Moravia Steel|moravia-steel.example|CZ|Ostrava
Nimbus Drones|nimbus-drones.example|EE|Tallinn
Odense Prosthetics|odense-prosthetics.example|DK|Odense
Porto Cork|porto-cork.example|PT|Porto
Quarry Stoneworks|quarry-stoneworks.example|GB|Sheffield
Ruhr Recycling|ruhr-recycling.example|DE|Essen
Savoy Chocolates|savoy-chocolates.example|FR|Chambery
Tatra Elevators|tatra-elevators.example|SK|Kosice
Umbria Olive Oil|umbria-olive-oil.example|IT|Perugia
Vesper Lighting|vesper-lighting.example|AT|Graz
Wexford Instruments|wexford-instruments.example|IE|Wexford
Ypres Linen|ypres-linen.example|BE|Ypres
Zephyr Filters|zephyr-filters.example|NL|Eindhoven
Bergamo Valves|bergamo-valves.example|IT|Bergamo
Caldera Ovens|caldera-ovens.example|ES|Bilbao
Drava Furniture|drava-furniture.example|HR|Osijek
Elbe Shipyards|elbe-shipyards.example|DE|Dresden
Fenland Farms|fenland-farms.example|GB|Cambridge
Glacier Springs|glacier-springs.example|CH|Chur
Helsinki Sensors|helsinki-sensors.example|FI|Helsinki
Iberia Solar|iberia-solar.example|ES|Seville
Juniper Spirits|juniper-spirits.example|GB|Edinburgh
Kaunas Plastics|kaunas-plastics.example|LT|Kaunas"""

#: Digits after the country code, near enough to each country's own form.
_VAT_DIGITS = {"AT": 8, "FI": 8, "DK": 8, "SI": 8, "IT": 11, "FR": 11, "LV": 11, "HR": 11, "PL": 10, "BE": 10, "SE": 12}
#: Companies that so far are known to the crm alone; the first is the one deal D-104 is about.
_CRM_ONLY = {13, 18, 20, 46, 55}


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    number: int  #: 1, 2, … in the order of the crm
    name: str
    domain: str
    country: str
    city: str
    vat_number: str

    @property
    def billing_email(self) -> str:
        return f"accounts@{self.domain}"

    @property
    def is_shipped_to(self) -> bool:
        """A customer in the erp."""
        return self.number - 1 not in _CRM_ONLY and self.number <= 50

    @property
    def is_billed(self) -> bool:
        """A customer in billing."""
        return self.number - 1 not in _CRM_ONLY and (self.number <= 40 or self.number > 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    number: int  #: 1, 2, …
    given_name: str
    family_name: str
    domain: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def username(self) -> str:
        return f"{self.given_name}.{self.family_name}".lower()

    @property
    def email(self) -> str:
        return f"{self.username}@{self.domain}"


@cache
def companies() -> tuple[Company, ...]:
    random = Random("companies")
    rows = [line.split("|") for line in _COMPANIES.splitlines()]
    return tuple(
        Company(number=at, name=name, domain=domain, country=country, city=city, vat_number=_vat(country, random))
        for at, (name, domain, country, city) in enumerate(rows, start=1)
    )


@cache
def staff() -> tuple[Person, ...]:
    """The 120 people of Meridian Instruments; `seeds.hr` says who does what."""
    return tuple(_people("staff", [OWN_DOMAIN] * 120))


@cache
def contacts() -> tuple[Person, ...]:
    """Two people a company, in the order of the companies: 1 and 2 work for company 1, and so on."""
    domains = [company.domain for company in companies() for _ in range(2)]
    return tuple(_people("contacts", domains))


def employer_of(contact: Person) -> Company:
    return companies()[(contact.number - 1) // 2]


def _people(salt: str, domains: Sequence[str]) -> list[Person]:
    """The n-th given name goes with the n-th family name first, and with a shifted one after each round."""
    given, family = _GIVEN.split(), _FAMILY.split()
    shift = 0 if salt == "staff" else 7
    return [
        Person(
            number=at + 1,
            given_name=given[at % len(given)],
            family_name=family[(at + shift + 11 * (at // len(given))) % len(family)],
            domain=domain,
        )
        for at, domain in enumerate(domains)
    ]


def _vat(country: str, random: Random) -> str:
    digits = "".join(str(random.randint(0, 9)) for _ in range(_VAT_DIGITS.get(country, 9)))
    if country in ("NL", "AT"):
        return f"NL{digits}B01" if country == "NL" else f"ATU{digits}"
    return f"{country}{digits}"
