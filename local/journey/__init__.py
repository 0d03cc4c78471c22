"""What a person does with the local cloud: `make up`, `make push`, and reading the answers."""
