"""CloudWatch alarms, evaluated as documented and on a timer."""
