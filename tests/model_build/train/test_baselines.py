from model_build.train.baselines import overlap_accuracy, tfidf_accuracy, token_overlap


def test_token_overlap_ignores_order_and_case_and_counts_shared_words():
    assert token_overlap("Red Kettle", "kettle red") == 1
    assert token_overlap("red kettle", "red pan") == 1 / 3


def test_the_overlap_threshold_is_fitted_on_known_pairs():
    known = [("a b", "a b"), ("a b c", "a b d"), ("a", "z"), ("a b", "y z")]

    reached = overlap_accuracy(known, [True, True, False, False], known[1:3], [True, False])

    assert reached == 1


def test_tfidf_tells_texts_apart_by_their_words():
    texts = ["rain in oslo", "snow in lima", "play jazz", "play rock"]

    reached = tfidf_accuracy(texts, ["weather"] * 2 + ["music"] * 2, ["oslo rain"], ["weather"])

    assert reached == 1
