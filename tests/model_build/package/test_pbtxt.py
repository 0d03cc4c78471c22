from model_build.package.pbtxt import Enum, entries, to_text


def test_messages_lists_and_enums_are_written_as_triton_reads_them():
    text = to_text(
        {
            "name": 'a "quoted" é',
            "max_batch_size": 8,
            "input": [{"dims": [-1, 3], "data_type": Enum("TYPE_FP32"), "optional": True}],
            "dynamic_batching": {"max_queue_delay_microseconds": 5},
            "parameters": entries({"b": {"string_value": "2"}, "a": {"string_value": "1"}}),
        }
    )

    assert text == (
        'name: "a \\"quoted\\" é"\n'
        "max_batch_size: 8\n"
        "input [\n"
        "  {\n"
        "    dims: [ -1, 3 ]\n"
        "    data_type: TYPE_FP32\n"
        "    optional: true\n"
        "  }\n"
        "]\n"
        "dynamic_batching {\n"
        "  max_queue_delay_microseconds: 5\n"
        "}\n"
        "parameters [\n"
        '  {\n    key: "a"\n    value {\n      string_value: "1"\n    }\n  },\n'
        '  {\n    key: "b"\n    value {\n      string_value: "2"\n    }\n  }\n'
        "]\n"
    )
