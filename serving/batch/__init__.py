"""Duplicates by the million: pairs in Parquet shards -> scores in Parquet shards."""
