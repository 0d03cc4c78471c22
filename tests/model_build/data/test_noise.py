import random

from model_build.data.misspellings import Misspelling
from model_build.data.noise import Noise


def test_noise_repeats_the_mistakes_it_has_seen_on_other_words():
    noise = Noise([Misspelling("recieve", "receive")])
    assert noise.misspell("deceive", random.Random(1)) == "decieve"


def test_a_mistake_needs_the_neighbours_it_was_seen_with():
    noise = Noise([Misspelling("recieve", "receive")])
    assert noise.misspell("seize", random.Random(1)) == "seize"


def test_a_mistake_at_the_end_of_a_word_stays_there():
    noise = Noise([Misspelling("beautifull", "beautiful")])
    assert noise.misspell("alone", random.Random(1)) == "alone"
    assert noise.misspell("careful", random.Random(1)) == "carefull"
