from local.emulator.hooks import Hook, missing_hooks


def test_every_hook_that_is_gone_or_of_another_kind_is_named():
    hooks = (
        Hook("json", "dumps"),
        Hook("json", "no_such_function"),
        Hook("no_such_module", "anything"),
        Hook("json", "dumps", dict),
    )

    assert missing_hooks(hooks) == [
        "json.no_such_function is gone",
        "no_such_module.anything is gone",
        "json.dumps is a function, not a dict",
    ]
