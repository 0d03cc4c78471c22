"""Makes artifacts: trains, exports, compiles, gates, packages and signs the models of the catalog."""
