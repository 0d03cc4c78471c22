"""What each kind of action does."""

from collections.abc import Callable, Mapping

from local.emulator.codepipeline.actions import approval, build, invoke, pipeline, source, states
from local.emulator.codepipeline.actions.context import ActionContext, Result

Run = Callable[[ActionContext], Result]

PROVIDERS: Mapping[tuple[str, str], Run] = {
    ("Source", "CodeStarSourceConnection"): source.run,
    ("Build", "CodeBuild"): build.run,
    ("Test", "CodeBuild"): build.run,
    ("Invoke", "Lambda"): invoke.run,
    ("Invoke", "StepFunctions"): states.run,
    ("Invoke", "CodePipeline"): pipeline.run,
    ("Approval", "Manual"): approval.run,
}
