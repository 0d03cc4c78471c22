"""Open-model load on a service, by k6: at a rate, or up to its knee."""
