"""What the deployed definitions say of the task that a container belongs to."""

from dataclasses import dataclass
from typing import Any

from ministack.services import alb, ecs

from local.emulator import gateway

SESSION_S = 12 * 3600


@dataclass(frozen=True)
class Task:
    """One container of a task, with the definitions that it was deployed from.

    Attributes:
        name: `family-revision-container`, for logs.
        definition: The task definition.
        container: The container's part of the definition.
        service: The service that runs it, or None.
    """

    name: str
    definition: dict[str, Any]
    container: dict[str, Any]
    service: dict[str, Any] | None

    def command(self, options: dict[str, Any]) -> list[str]:
        """Return entry point and command of the definition, overrides included; may be empty."""
        given = [*self.container.get("entryPoint", []), *(options.get("command") or [])]
        return [str(part) for part in given]

    def credentials(self) -> dict[str, str]:
        """Return the keys of the task role as environment variables; none without a role."""
        role = self.definition.get("taskRoleArn")
        if not role:
            return {}
        keys = gateway.assume(role, self.name, "ecs-tasks.amazonaws.com", duration_s=SESSION_S)
        return keys.environment()

    @property
    def target_group(self) -> str | None:
        """Return the target group that its service registers it in, if any."""
        for balancer in (self.service or {}).get("loadBalancers", []):
            if balancer.get("containerName") == self.container["name"]:
                return str(balancer.get("targetGroupArn"))
        return None

    def health_url(self, address: str) -> str | None:
        """Return the address of the target group's health check; None without one."""
        for balancer in (self.service or {}).get("loadBalancers", []):
            group = alb._tgs.get(balancer.get("targetGroupArn"))
            if group and balancer.get("containerName") == self.container["name"]:
                path = group.get("HealthCheckPath") or "/"
                return f"http://{address}:{balancer['containerPort']}{path}"
        return None


def find_task(labels: dict[str, str]) -> Task:
    """Return the task that a container's labels name."""
    family = labels["com.amazonaws.ecs.task-definition-family"]
    revision = labels["com.amazonaws.ecs.task-definition-version"]
    definition = ecs._task_defs[f"{family}:{revision}"]
    wanted = labels["com.amazonaws.ecs.container-name"]
    container = next(c for c in definition["containerDefinitions"] if c["name"] == wanted)
    name = f"{family}-{revision}-{wanted}"
    return Task(name, definition, container, _service(labels["com.amazonaws.ecs.task-arn"]))


def _service(task_arn: str) -> dict[str, Any] | None:
    for record in ecs._tasks.values():
        group = str(record.get("group", ""))
        if record.get("taskArn") == task_arn and group.startswith("service:"):
            cluster = record["clusterArn"].rsplit("/", 1)[-1]
            found = ecs._services.get(f"{cluster}/{group.split(':', 1)[1]}")
            return dict(found) if found else None
    return None
