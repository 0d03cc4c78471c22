"""Python backends for Triton: the parts that one model archive is made of."""
