"""Golden queries for the embedding: each has one relevant document among 600.

Two kinds, neither seen by anyone's training: a product as some shop writes its title, to be found
under its maker's title among look-alikes of the same kind; and a request for the home in the words
of one template, to be found in those of another (home-assistant-intents, Apache-2.0).
"""

import random

from model_build.data.intents import paraphrases
from model_build.data.product_noise import clean_title, noisy_title
from model_build.data.products import look_alike, products
from model_build.golden import GoldenSet
from model_build.golden.digest import golden_set

PRODUCTS = 200
LICENCE = "Apache-2.0 AND MIT"


def build(name: str) -> GoldenSet:
    """Returns about 300 queries with the index of their document."""
    rng = random.Random("embedding-pairs")
    queries: list[str] = []
    expected: list[int] = []
    documents: list[str] = []
    for product in products("golden")[:PRODUCTS]:
        query, title = noisy_title(product, rng), clean_title(product)
        if query == title:
            continue  # noise may leave a title as it was; finding that proves nothing
        queries.append(query)
        expected.append(len(documents))
        documents += [title, clean_title(look_alike(product, rng))]
    for query, document in paraphrases():
        queries.append(query)
        expected.append(len(documents))
        documents.append(document)
    return golden_set(name, "embedding", queries, expected, licence=LICENCE, documents=documents)
