import pytest

from model_build.data import ads, images, intents, products
from model_build.data.split import split

PARTS = ("train", "validation", "golden")


def test_a_split_does_not_depend_on_order_and_gives_every_part_something():
    families = [f"family {number}" for number in range(40)]

    parts = split(families)

    assert parts == split(reversed(families))
    assert {part: list(parts.values()).count(part) for part in PARTS} == {
        "train": 25,
        "validation": 5,
        "golden": 10,
    }


def test_fewer_families_than_parts_are_refused():
    with pytest.raises(ValueError, match="give at least 3"):
        split(["a", "b"])


def test_no_query_template_is_on_two_sides():
    families = {part: {u.family for u in intents.utterances(part, 30)} for part in PARTS}

    assert all(len(found) > 19 for found in families.values())
    assert not families["train"] & (families["golden"] | families["validation"])
    assert not families["golden"] & families["validation"]


def test_no_golden_query_was_trained_on():
    trained = {utterance.text for utterance in intents.utterances("train", 160)}
    golden = {utterance.text for utterance in intents.utterances("golden", 18)}

    # Templates of one intent may meet in a bare phrase; hardly ever, and never by family.
    assert len(trained & golden) <= len(golden) * 0.02


def test_units_and_places_do_not_make_two_families_of_one_template():
    in_hours = intents.family_of("add {timer_hours:hours} hour[s] to the {area} timer")
    in_minutes = intents.family_of("add {timer_minutes:minutes} minute[s] to the {floor} timer")

    assert in_hours == in_minutes


def test_off_topic_queries_of_the_golden_set_ask_of_other_topics():
    assert not set(intents.off_topic("train", 200)) & set(intents.off_topic("golden", 200))


def test_no_product_is_on_two_sides():
    families = {part: {products.family_of(p) for p in products.products(part)} for part in PARTS}
    paired = {pair.family for pair in products.pairs("golden", 400)}

    assert not families["train"] & (families["golden"] | families["validation"])
    assert paired <= families["golden"]
    assert {title.family for title in products.titles("train", 50)} <= families["train"]


def test_a_look_alike_differs_in_exactly_one_thing_and_keeps_its_family():
    import random

    rng = random.Random(3)
    for product in products.products("golden")[:200]:
        other = products.look_alike(product, rng)
        differences = sum(
            getattr(product, name) != getattr(other, name)
            for name in ("brand", "kind", "model", "colour", "measures", "trait")
        )

        assert differences == 1
        assert products.family_of(other) == products.family_of(product)


def test_no_ad_template_is_on_two_sides():
    templates = {part: {ad.template for ad in ads.ad_texts(part, 60)} for part in PARTS}

    assert not templates["train"] & (templates["golden"] | templates["validation"])
    assert not templates["golden"] & templates["validation"]


def test_golden_banners_have_backgrounds_and_typefaces_of_their_own():
    drawn = {
        part: [(layout.background, layout.face) for layout in images.layouts(part)]
        for part in PARTS
    }

    for axis in (0, 1):
        sides = [{pair[axis] for pair in drawn[part]} for part in PARTS]
        assert all(sides)
        assert not sides[0] & sides[1]
        assert not sides[0] & sides[2]
        assert not sides[1] & sides[2]
