"""Makes artifacts: trains, exports, compiles, gates, packages and signs the catalog's models."""
