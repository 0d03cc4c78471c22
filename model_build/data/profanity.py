"""Profane words, read from an installed classifier and kept nowhere in this repository."""

import warnings
from functools import cache

from model_build.data.installed import package_dir

WORDS = 120


def profane_words(count: int = WORDS) -> tuple[str, ...]:
    """Returns the words that alt-profanity-check (MIT) weighs most, worst first.

    They are the highest coefficients of its linear model, of four letters or more: shorter ones are
    parts of innocent words.
    """
    return _ranked()[:count]


@cache
def _ranked() -> tuple[str, ...]:
    import joblib  # scikit-learn takes a second to import, and only this list needs it

    folder = package_dir("profanity_check") / "data"
    with warnings.catch_warnings():
        # Written by another scikit-learn than ours; its coefficients are plain arrays.
        warnings.simplefilter("ignore")
        vectorizer = joblib.load(folder / "vectorizer.joblib")
        model = joblib.load(folder / "model.joblib")
    weights = sum(fold.estimator.coef_[0] for fold in model.calibrated_classifiers_)
    names = vectorizer.get_feature_names_out()
    ranked = (str(names[index]) for index in (-weights).argsort())
    return tuple(word for word in ranked if len(word) >= 4 and word.isalpha())
