"""The drift job: captured traffic against a release's baselines; see README.md."""
