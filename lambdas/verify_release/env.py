"""Settings of `verify_release`."""

from lambdas.common.promotion import Place

Settings = Place
