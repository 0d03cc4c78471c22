"""The words of our product titles: invented brands, and kinds of product with their attributes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of product.

    Attributes:
        nouns: Ways to name it; the first is the canonical one.
        measures: Attributes with a value and a unit, as (values, unit, equal ways to write it).
        traits: Words a title may carry that tell two products apart.
        series: Stems of model names.
        coloured: Whether a buyer chooses a colour.
    """

    nouns: tuple[str, ...]
    measures: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]
    traits: tuple[str, ...]
    series: tuple[str, ...]
    coloured: bool = True


BRANDS: tuple[str, ...] = (
    "Nordvik", "Altora", "Bexley", "Kanto", "Sunpeak", "Ostara", "Velmo", "Tarn", "Quillon",
    "Maribo", "Fennec", "Ravelin", "Osprey Hill", "Caldera", "Pinewood", "Lumio", "Zephra",
    "Harrow", "Mistral", "Tessera", "Borealis", "Juniper", "Kestrel", "Sable", "Vantor", "Orsk",
    "Delphi Home", "Marlowe", "Helix", "Brindle", "Anvil Bay", "Corvid", "Elmstead", "Garnet",
    "Hollis", "Isola", "Lindgard", "Nimbra", "Pallas", "Thornby",
)  # fmt: skip

COLOURS: dict[str, tuple[str, ...]] = {
    "black": ("black", "blk", "jet black"),
    "white": ("white", "wht", "pure white"),
    "red": ("red", "crimson"),
    "navy blue": ("navy blue", "navy", "dark blue"),
    "grey": ("grey", "gray", "gry"),
    "green": ("green", "grn"),
    "silver": ("silver", "slvr"),
    "beige": ("beige", "sand"),
    "pink": ("pink", "rose"),
    "brown": ("brown", "brwn"),
}

_LITRES = ("l", "ltr", "litre", "liter")
_INCHES = ('"', "in", "inch", "-inch")
_GIGABYTES = ("GB", "gb", "gig", "gigabyte")
_WATTS = ("W", "watt", "watts")
_GRAMS = ("g", "gr", "grams")
_CENTIMETRES = ("cm", "centimetre", "cm.")

KINDS: tuple[Kind, ...] = (
    Kind(("running shoes", "trainers", "running sneakers"),
         ((("36", "38", "40", "41", "42", "43", "44", "46"), "size", ("EU", "eur size", "size")),),
         ("men's", "women's", "trail", "road"), ("Glide", "Swift", "Pace", "Stride")),
    Kind(("wireless headphones", "bluetooth headphones", "cordless headphones"),
         ((("20", "30", "40", "60"), "h", ("h", "hr", "hours", "hour battery")),),
         ("noise cancelling", "over-ear", "on-ear", "foldable"), ("Aura", "Tone", "Echo", "Wave")),
    Kind(("smartphone", "mobile phone", "phone"),
         ((("64", "128", "256", "512"), "GB", _GIGABYTES),),
         ("dual sim", "5G", "4G"), ("Nova", "Pixelar", "Orbit", "Flux")),
    Kind(("laptop", "notebook computer", "notebook"),
         ((("13", "14", "15.6", "17"), "inch", _INCHES), (("8", "16", "32"), "GB", _GIGABYTES)),
         ("touchscreen", "i5", "i7", "Ryzen 5"), ("Slate", "Folio", "Arc", "Vertex")),
    Kind(("television", "TV", "smart TV"),
         ((("32", "43", "50", "55", "65"), "inch", _INCHES),),
         ("4K", "full HD", "OLED", "QLED"), ("Vista", "Prisma", "Vivid", "Luma")),
    Kind(("electric kettle", "kettle", "water kettle"),
         ((("1.0", "1.5", "1.7"), "l", _LITRES), (("1500", "2200", "3000"), "W", _WATTS)),
         ("stainless steel", "glass", "cordless"), ("Brisk", "Boil", "Geyser", "Kopi")),
    Kind(("coffee maker", "coffee machine", "filter coffee machine"),
         ((("0.6", "1.2", "1.8"), "l", _LITRES), (("800", "1000", "1450"), "W", _WATTS)),
         ("programmable", "with grinder", "thermal jug"), ("Barista", "Crema", "Mocha", "Roast")),
    Kind(("backpack", "rucksack", "back pack"),
         ((("15", "20", "25", "30", "45", "60"), "l", _LITRES),),
         ("waterproof", "laptop", "hiking", "kids"), ("Summit", "Ridge", "Nomad", "Cairn")),
    Kind(("office chair", "desk chair", "swivel chair"),
         ((("110", "120", "150"), "kg", ("kg", "kilo", "kgs")),),
         ("mesh", "leather", "with headrest", "armless"), ("Ergo", "Poise", "Lumbar", "Atlas")),
    Kind(("frying pan", "skillet", "fry pan"),
         ((("20", "24", "28", "32"), "cm", _CENTIMETRES),),
         ("non-stick", "cast iron", "induction", "copper"), ("Sear", "Chef", "Forge", "Hearth")),
    Kind(("dark chocolate", "chocolate bar", "chocolate"),
         ((("80", "100", "150", "200"), "g", _GRAMS),),
         ("70%", "85%", "with sea salt", "with almonds", "organic"),
         ("Cacao", "Noir", "Origin", "Velvet"), coloured=False),
    Kind(("ground coffee", "filter coffee", "coffee ground"),
         ((("250", "500", "750", "1000"), "g", _GRAMS),),
         ("decaf", "dark roast", "medium roast", "espresso"),
         ("Sierra", "Monsoon", "Altura", "Finca"), coloured=False),
    Kind(("USB-C cable", "usb c charging cable", "type-c cable"),
         ((("0.5", "1", "2", "3"), "m", ("m", "meter", "metre", "mtr")),
          (("60", "100", "240"), "W", _WATTS)),
         ("braided", "angled", "2 pack"), ("Link", "Cord", "Volt", "Strand")),
    Kind(("cordless drill", "battery drill", "cordless screwdriver drill"),
         ((("12", "18", "20"), "V", ("V", "volt", "volts")),),
         ("brushless", "with case", "bare tool"), ("Torque", "Bore", "Impact", "Drift")),
    Kind(("LED bulb", "led lamp bulb", "light bulb led"),
         ((("5", "7", "9", "12"), "W", _WATTS),),
         ("E27", "E14", "GU10", "dimmable", "warm white", "cool white"),
         ("Glow", "Beam", "Halo", "Dawn"), coloured=False),
    Kind(("duvet cover", "quilt cover", "doona cover"),
         ((("135", "155", "200", "240"), "cm", _CENTIMETRES),),
         ("cotton", "linen", "striped", "checked"), ("Rest", "Slumber", "Haven", "Drowse")),
)  # fmt: skip
