"""Cost of inference from an hourly price and a measured throughput."""


def usd_per_million(usd_per_hour: float, throughput: float) -> float:
    """Return what a million inputs cost on an instance that answers `throughput` of them a second.

    Raises:
        ValueError: A price or a throughput that is not positive: nothing could be said of cost.
    """
    if usd_per_hour <= 0 or throughput <= 0:
        raise ValueError(
            f"usd_per_hour {usd_per_hour} and throughput {throughput}: both must be positive,"
            " measure again"
        )
    return usd_per_hour / 3600 / throughput * 1e6
