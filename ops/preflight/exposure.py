"""Checks of what people see: certificates, mails, monitoring."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from ops.preflight.finding import Finding
from ops.preflight.visit import Trip

LEVELS = ("page", "inform")


def certificates(trip: Trip) -> Iterator[Finding]:
    """Ask whether the load balancers' certificates are issued."""
    for name, size in sorted(trip.environment.services.items()):
        if size.certificate_arn is None:
            says = f"service {name} has no certificate: its load balancer speaks plain HTTP"
            remedy = f"set services.{name}.certificate_arn, or keep it inside the network"
            yield Finding("certificate", "warn", says, remedy)
            continue
        remedy = "request or validate it in Certificate Manager, in the environment's region"
        try:
            found = trip.client("acm").describe_certificate(CertificateArn=size.certificate_arn)
            status = found["Certificate"]["Status"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            status = "absent"
        verdict = Finding("certificate", "pass", f"the certificate of service {name} is issued")
        if status != "ISSUED":
            says = f"the certificate of service {name} is {status}"
            verdict = Finding("certificate", "fail", says, remedy)
        yield verdict


def subscriptions(trip: Trip) -> Iterator[Finding]:
    """Ask whether those whom alarms reach have confirmed their mail."""
    alarms = trip.environment.alarms
    if not (alarms.page or alarms.inform):
        remedy = "write alarms.page and alarms.inform"
        yield Finding("subscriptions", "warn", "alarms reach nobody", remedy)
        return
    sns = trip.client("sns")
    for level in LEVELS:
        wanted = alarms.page if level == "page" else alarms.inform
        topic = trip.here.arn("sns", f"slipway-{trip.environment.name}-{level}")
        if not wanted:
            continue
        try:
            found = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("NotFound", "NotFoundException"):
                raise
            says = f"nobody is subscribed to {level} yet: the topic comes with the environment"
            remedy = "confirm the mails after the first deployment, then ask again"
            yield Finding("subscriptions", "warn", says, remedy)
            continue
        confirmed = {
            item["Endpoint"] for item in found if item["SubscriptionArn"].startswith("arn:")
        }
        missing = [mail for mail in wanted if mail not in confirmed]
        if missing:
            remedy = "click the link in the mail from AWS Notifications"
            says = f"{', '.join(missing)} has not confirmed {level}"
            yield Finding("subscriptions", "warn", says, remedy)
        else:
            yield Finding("subscriptions", "pass", f"{level} reaches {', '.join(wanted)}")


def model_monitor(trip: Trip) -> Iterator[Finding]:
    """Ask for signs that the account still has Model Monitor, where the environment wants it."""
    if trip.environment.monitoring.engine != "model-monitor":
        return
    found = trip.client("sagemaker").list_monitoring_schedules(MaxResults=1)
    if found["MonitoringScheduleSummaries"]:
        yield Finding("model-monitor", "pass", "the account has monitoring schedules already")
    else:
        says = "the account has no monitoring schedule, and AWS closed Model Monitor to newcomers"
        remedy = "set monitoring.engine to drift, or try CreateMonitoringSchedule by hand first"
        yield Finding("model-monitor", "unknown", says, remedy)
