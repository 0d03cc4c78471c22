"""Plugs the registry into MiniStack, after checking that every place used is still there.

MiniStack is pinned exactly because these places are not promised by it. Nothing is forked and no
file is changed: dictionaries get entries, and a few module functions get a wrapper.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any

MINISTACK = "1.5.33"


class HookMissing(Exception):
    """The installed MiniStack differs from the one that the local cloud was written for."""


@dataclass(frozen=True)
class Hook:
    """A place in MiniStack that the local cloud uses."""

    module: str
    name: str
    kind: type | None = None  # None: it is enough that it exists


HOOKS = (
    Hook("ministack.app", "SERVICE_HANDLERS", dict),
    Hook("ministack.app", "_loaded_modules", dict),
    Hook("ministack.app", "_state_map", dict),
    Hook("ministack.app", "app"),
    Hook("ministack.app", "main"),
    Hook("ministack.app", "pin_request_origin"),
    Hook("ministack.app", "_build_persistence_save_dict"),
    Hook("ministack.core.concurrency", "run_reentrant"),
    Hook("ministack.core.iam_actions", "SERVICE_TO_IAM_NAMESPACE", dict),
    Hook("ministack.core.iam_actions", "_BOTOCORE_SERVICE_MAP", dict),
    Hook("ministack.core.iam_actions", "extract_iam_action"),
    Hook("ministack.core.iam_actions", "extract_resource_arn"),
    Hook("ministack.core.iam_evaluator", "_resolve_condition_key"),
    Hook("ministack.core.iam_evaluator", "caller_arn"),
    Hook("ministack.services.kms", "_resolve_key"),
    Hook("ministack.services.kms", "key_policy_for_arn"),
    Hook("ministack.core.lambda_runtime", "_lock"),
    Hook("ministack.core.lambda_runtime", "_workers", dict),
    Hook("ministack.core.lambda_runtime", "kill_workers"),
    Hook("ministack.core.persistence", "save_all"),
    Hook("ministack.core.responses", "get_account_id"),
    Hook("ministack.core.responses", "get_region"),
    Hook("ministack.core.responses", "request_scope"),
    Hook("ministack.core.router", "SERVICE_PATTERNS", dict),
    Hook("ministack.services.alb", "_lbs"),
    Hook("ministack.services.alb", "_listeners"),
    Hook("ministack.services.alb", "_target_group_full_name_from_arn"),
    Hook("ministack.services.alb", "_targets"),
    Hook("ministack.services.alb", "_tg_attrs"),
    Hook("ministack.services.alb", "_tgs"),
    Hook("ministack.services.batch", "_DISPATCH", dict),
    Hook("ministack.services.batch", "_compute_envs"),
    Hook("ministack.services.batch", "_job_definitions"),
    Hook("ministack.services.batch", "_job_queues"),
    Hook("ministack.services.batch", "_jobs"),
    Hook("ministack.services.batch", "_submit_job"),
    Hook("ministack.services.cloudformation", "_stacks"),
    Hook("ministack.services.cloudformation.engine", "_parse_template"),
    Hook("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS", dict),
    Hook("ministack.services.cloudformation.stacks", "_add_event"),
    Hook("ministack.services.cloudformation.stacks", "_runs_on_worker_thread"),
    Hook("ministack.services.cloudformation.provisioners", "_cw_metric_alarm_record"),
    Hook("ministack.services.cloudwatch", "_alarms"),
    Hook("ministack.services.cloudwatch", "_calc_stats"),
    Hook("ministack.services.cloudwatch", "_composite_alarms"),
    Hook("ministack.services.cloudwatch", "_dims_key"),
    Hook("ministack.services.cloudwatch", "_dispatch_alarm_actions"),
    Hook("ministack.services.cloudwatch", "_metrics"),
    Hook("ministack.services.cloudwatch", "_evaluate_alarm"),
    Hook("ministack.services.cloudwatch", "_evaluate_parent_alarms"),
    Hook("ministack.services.cloudwatch", "_cbor_metric_data_result"),
    Hook("ministack.services.cloudwatch", "_cbor_ok"),
    Hook("ministack.services.cloudwatch", "_get_metric_data"),
    Hook("ministack.services.cloudwatch", "_json_ok"),
    Hook("ministack.services.cloudwatch", "_parse_ts"),
    Hook("ministack.services.cloudwatch", "_record_history"),
    Hook("ministack.services.cloudwatch", "_stat_value"),
    Hook("ministack.services.cloudwatch", "_store_datum"),
    Hook("ministack.services.codebuild", "EXECUTE_BUILDS", bool),
    Hook("ministack.services.codebuild", "_builds"),
    Hook("ministack.services.codebuild", "_container_for_build"),
    Hook("ministack.services.codebuild", "_execute_build"),
    Hook("ministack.services.codebuild", "_log_sink"),
    Hook("ministack.services.codebuild", "_projects"),
    Hook("ministack.services.codebuild", "_start_build"),
    Hook("ministack.services.codebuild", "_stop_requested"),
    Hook("ministack.services.ecr", "_describe_images"),
    Hook("ministack.services.ecr", "_repositories"),
    Hook("ministack.services.ecr", "handle_request"),
    Hook("ministack.services.ecs", "_complete_service_deployment"),
    Hook("ministack.services.ecs", "_get_docker"),
    Hook("ministack.services.ecs", "_make_deployment"),
    Hook("ministack.services.ecs", "_record_service_task_failure"),
    Hook("ministack.services.ecs", "_services"),
    Hook("ministack.services.ecs", "_task_defs"),
    Hook("ministack.services.ecs", "_tasks"),
    Hook("ministack.services.eventbridge", "_cron_next_fire"),
    Hook("ministack.services.eventbridge", "_parse_cron_fields"),
    Hook("ministack.services.eventbridge", "_put_events"),
    Hook("ministack.services.s3", "_buckets"),
    Hook("ministack.services.s3", "_object_versions"),
    Hook("ministack.services.s3", "_persist_object"),
    Hook("ministack.services.s3", "_version_file_exists"),
    Hook("ministack.services.ssm", "_parameters"),
    Hook("ministack.services.ssm", "_put_parameter"),
    Hook("ministack.services.ssm", "get_state"),
    Hook("ministack.services.ssm", "handle_request"),
    Hook("ministack.services.ssm", "load_persisted_state"),
    Hook("ministack.services.ssm", "reset"),
    Hook("ministack.services.stepfunctions", "_ExecutionError"),
    Hook("ministack.services.stepfunctions", "_SERVICE_DISPATCH", dict),
    Hook("ministack.services.stepfunctions", "_SFN_WAIT_SCALE", float),
    Hook("ministack.services.stepfunctions", "_emit_execution_status_event"),
    Hook("ministack.services.stepfunctions", "_execute_task"),
    Hook("ministack.services.stepfunctions", "_pascal_to_camel"),
    Hook("ministack.services.stepfunctions", "_state_machines"),
)


def missing_hooks(hooks: tuple[Hook, ...] = HOOKS) -> list[str]:
    """Return the hooks that the installed MiniStack does not have, each with what is wrong."""
    faults = []
    for hook in hooks:
        place = f"{hook.module}.{hook.name}"
        try:
            found = getattr(importlib.import_module(hook.module), hook.name)
        except (ImportError, AttributeError):
            faults.append(f"{place} is gone")
            continue
        if hook.kind is not None and not isinstance(found, hook.kind):
            faults.append(f"{place} is a {type(found).__name__}, not a {hook.kind.__name__}")
    return faults


def check() -> None:
    """Refuse to run on a MiniStack other than the pinned one.

    Raises:
        HookMissing: Naming the version found and every hook that is missing.
    """
    version = metadata.version("ministack")
    faults = missing_hooks()
    if faults or version != MINISTACK:
        details = "".join(f"\n  {fault}" for fault in faults)
        raise HookMissing(
            f"the local cloud needs ministack {MINISTACK}, found {version};"
            f" install requirements/cloud.txt into .venv-cloud{details}"
        )


def wrap(module: str, name: str, wrapper: Callable[[Any], Any]) -> None:
    """Replace a function of MiniStack by `wrapper(original)`."""
    found = importlib.import_module(module)
    setattr(found, name, wrapper(getattr(found, name)))
