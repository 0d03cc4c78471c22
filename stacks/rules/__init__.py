"""The validator: refuses at synth what AWS would accept and then silently not do.

Rules look at synthesised resources, not at our constructs, so that a change of yours is seen too.
`docs/validator.md` lists them; `python -m stacks.rules` writes it.
"""
