"""The ads models and their parent in one TorchServe under load, while a model in it keeps dying."""
