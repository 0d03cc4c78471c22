from model_build.data.misspellings import FAMILY_LETTERS, misspellings, part_of
from model_build.data.vocabulary import frequencies, vocabulary

PARTS = ("train", "validation", "test")


def test_no_family_of_words_has_misspellings_on_two_sides_of_the_split():
    families = [{m.word[:FAMILY_LETTERS] for m in misspellings(part)} for part in PARTS]
    assert all(families)
    assert not families[0] & families[1]
    assert not families[0] & families[2]
    assert not families[1] & families[2]


def test_a_word_and_its_derived_forms_share_a_part():
    assert part_of("definite") == part_of("definitely") == part_of("definition")


def test_about_a_tenth_of_the_misspellings_is_held_out():
    sizes = [len(misspellings(part)) for part in PARTS]
    assert 0.05 < sizes[2] / sum(sizes) < 0.15


def test_a_misspelling_is_no_word_and_its_correction_is_one():
    for example in misspellings("test"):
        assert example.typo not in frequencies()
        assert example.word in vocabulary()
