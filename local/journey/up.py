"""`make up`: the whole way on one machine, from an empty cloud to endpoints that answer."""

from local import cdk, server
from local.journey import say
from local.journey.answers import print_answers
from local.journey.push import push
from local.journey.table import evidence_table
from local.paths import Workplace, workplace
from ops.account import Account


def up(account: Account, place: Workplace | None = None) -> None:
    """Bring everything up; a second run adopts what runs and repeats only what changed.

    Raises:
        CloudDidNotStart, CdkFailed, PipelineStopped: With the reason and what to look at.
    """
    place = place or workplace()
    say.step("Prepare the account: cdk bootstrap")
    cdk.bootstrap(place)
    say.step(f"Deploy the tooling and {', '.join(account.environments)} with the real cdk CLI")
    cdk.deploy(["--all"], place)
    say.step("Push this commit: the pipeline compiles, proves and promotes the catalog")
    push(account, place)
    environment = account.environments[-1]
    say.step(f"Ask the endpoints of {environment}")
    context = account.context(environment, account.live_release(environment))
    print_answers(account, environment, context)
    say.console.print(evidence_table(context))
    say.console.print(_next_steps(account, server.find(place)))


def _next_steps(account: Account, running: server.Server | None) -> str:
    endpoint = running.endpoint if running else "?"
    intent = account.output(f"slipway-{account.environments[-1]}-intent", "Url")
    return f"""
[bold]What runs now[/]
  AWS API        {endpoint}   (export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1)
  endpoints      slipway-{{{",".join(account.environments)}}}-{{search,ads}} through SageMaker's runtime API
  intent         {intent}/v1/intent

[bold]What to try next[/]
  make push      run the pipeline again: 0 compiles
  edit catalog/models/intent.yaml, git commit, make push      one compile, promoted
  make report    one HTML page about this release
  make status    what is live where
  make down      stop everything"""
