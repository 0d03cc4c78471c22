import pytest

from local.emulator.codepipeline.variables import UnresolvedVariable, resolve


def test_every_reference_is_replaced_by_what_earlier_actions_gave():
    known = {"Release": {"RELEASE": "ab"}, "codepipeline": {"PipelineExecutionId": "1"}}

    found = resolve(
        {"Text": '{"r":"#{Release.RELEASE}-#{codepipeline.PipelineExecutionId}"}'}, known
    )

    assert found == {"Text": '{"r":"ab-1"}'}


def test_an_unknown_variable_is_an_error_that_names_it():
    with pytest.raises(UnresolvedVariable, match=r"#\{Release\.DIGEST\}"):
        resolve({"Text": "#{Release.DIGEST}"}, {"Release": {}})
