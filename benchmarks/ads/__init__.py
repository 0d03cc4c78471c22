"""Both ads models in one TorchServe under load, while a third model in it dies at every call."""
