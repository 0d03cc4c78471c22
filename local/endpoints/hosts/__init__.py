"""The machines behind an endpoint: one real model server each, in namespaces of its own."""
