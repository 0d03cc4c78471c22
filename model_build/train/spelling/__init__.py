"""Two small seq2seq models that correct the spelling of search queries."""
