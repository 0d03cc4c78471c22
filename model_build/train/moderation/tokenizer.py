"""The byte-pair tokenizer of the text moderation model."""

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

PAD, UNKNOWN = "[PAD]", "[UNK]"
VOCABULARY = 1500


def train_tokenizer(texts: list[str]) -> Tokenizer:
    """Returns a lower-casing byte-pair tokenizer of `texts`; the same texts give the same bytes.

    Give it no profane text: a vocabulary is a word list, and this one lies in the repository. What
    it never saw is spelled in smaller pieces, down to single characters.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(True)]
    )
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, UNKNOWN],
        initial_alphabet=list("▁abcdefghijklmnopqrstuvwxyz0123456789.,:;!?%'\"()-+*#@&$€/"),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
