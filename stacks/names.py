"""The physical names that stacks, Lambdas and people agree on; all others are generated."""

PROMOTION_STEPS = ("promote", "verify", "point")
POINTERS = ("release", "previous")
MODEL_PIPELINE = "slipway-models"


def function(environment: str, step: str) -> str:
    """Return the name of the Lambda of one promotion step."""
    return f"slipway-{environment}-{step}-release"


def endpoint(environment: str, name: str) -> str:
    """Return the name of a SageMaker endpoint, and of its stack."""
    return f"slipway-{environment}-{name}"


def cluster(environment: str) -> str:
    """Return the name of the ECS cluster."""
    return f"slipway-{environment}"


def service(environment: str, name: str) -> str:
    """Return the name of an ECS service, and of its stack."""
    return f"slipway-{environment}-{name}"


def pointer(environment: str, which: str) -> str:
    """Return the SSM parameter of a pointer; `which` is `release` or `previous`."""
    return f"/slipway/{environment}/{which}"


def topic(environment: str, severity: str) -> str:
    """Return the name of an SNS topic of alarms; `severity` is `page` or `inform`."""
    return f"slipway-{environment}-{severity}"


def shift(environment: str, endpoint_name: str) -> str:
    """Return the name of the state machine that moves an endpoint's traffic to a new release."""
    return f"slipway-{environment}-{endpoint_name}-shift"


def before(environment: str, endpoint_name: str) -> str:
    """Return the SSM parameter of what a shifted endpoint served until now: `IMAGE|S3URI`."""
    return f"/slipway/{environment}/{endpoint_name}/before"


def pipeline_role(environment: str) -> str:
    """Return the role under which a pipeline elsewhere invokes an environment's Lambdas."""
    return f"slipway-{environment}-pipeline"


def answer_role(environment: str) -> str:
    """Return the tooling's role under which Lambdas of another account answer the pipeline."""
    return f"slipway-answer-{environment}"


def observer(environment: str) -> str:
    """Return the name of the role through which the tooling sees an environment's alarms."""
    return f"slipway-{environment}-observer"


def answering(environment: str) -> str:
    """Return the name of the Lambda that answers an environment's alarms."""
    return f"slipway-{environment}-answer-alarm"


def checking(environment: str) -> str:
    """Return the name of the Lambda that compares what is live with what is promised."""
    return f"slipway-{environment}-check-live"


def turn_back_role(environment: str) -> str:
    """Return the tooling's role under which alarms of another account turn its stage back."""
    return f"slipway-turn-back-{environment}"


def drift(environment: str) -> str:
    """Return the name of the state machine that looks for drift."""
    return f"slipway-{environment}-drift"


def dashboard(environment: str) -> str:
    """Return the name of an environment's dashboard."""
    return f"slipway-{environment}"
