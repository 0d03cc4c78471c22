"""The weight shift, drilled: two releases, real servers, real calls, an alarm in the middle."""
