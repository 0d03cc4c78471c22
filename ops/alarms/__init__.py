"""An environment's alarms as an operator reads them."""
