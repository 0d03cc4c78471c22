"""`make up`: the whole way on one machine, from an empty cloud to endpoints that answer."""

from local import cdk, clients, git
from local.endpoints.where import published
from local.journey import say
from local.journey.answers import print_answers
from local.journey.push import push
from local.journey.table import evidence_table
from local.paths import ROOT, Workplace, workplace
from ops.account import Account


def up(account: Account, place: Workplace | None = None) -> None:
    """Bring everything up; a second run adopts what runs and repeats only what changed.

    Raises:
        CloudDidNotStart, CdkFailed, Stopped: With the reason and what to look at.
    """
    place = place or workplace()
    if not place.repository.exists():
        # As with GitHub: the repository has the commit before there are pipelines that listen.
        git.push(ROOT, place)
    say.step("Prepare the account: cdk bootstrap")
    cdk.bootstrap(place=place, say=lambda line: None)
    say.step(f"Deploy the tooling and {', '.join(account.environments)} with the real cdk CLI")
    cdk.deploy([], place=place, say=_milestones)
    say.step("Push this commit: the pipeline compiles, proves and promotes the catalog")
    push(account, place)
    environment = account.environments[-1]
    say.step(f"Ask the endpoints of {environment}")
    context = account.context(environment, account.live_release(environment))
    print_answers(account, environment, context)
    say.console.print(evidence_table(context))
    say.console.print(_next_steps(account, place))


def _next_steps(account: Account, place: Workplace) -> str:
    endpoint = clients.endpoint(place)
    last = f"slipway-{account.environments[-1]}-search"
    kserve = published(place.root)[last]["variants"]["main"]["kserve"]
    endpoints = ", ".join(f"slipway-{name}-{{search,ads}}" for name in account.environments)
    intent = account.output(f"slipway-{account.environments[-1]}-intent", "Url")
    return f"""
[bold]What runs now[/]
  AWS API        {endpoint}   (eval "$(.venv/bin/python -m local env)" points boto3 and cdk at it)
  endpoints      {endpoints}
  KServe v2      {kserve}   ({last} for tritonclient; a model's name is NAME.tar.gz)
  intent         {intent}/v1/intent

[bold]What to try next[/]
  .venv/bin/python -m local ops ask spelling-bart "tommorow never knows"
  make push      run the pipeline again: 0 compiles
  edit catalog/models/intent.yaml, git commit, make push      one compile, promoted
  make report    one HTML page about this release
  make status    what is live where
  make down      stop everything"""


def _milestones(line: str) -> None:
    if "✅" in line:
        say.good(line.strip())
