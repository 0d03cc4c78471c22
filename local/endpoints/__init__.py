"""SageMaker on one machine: control plane, runtime API, and real model servers behind them."""
