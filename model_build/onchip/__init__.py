"""The gate on the chip: what a build without one had to leave open, asked, judged and signed.

Two sides: `serving.onchip` asks, on the chip's host and in AWS's frozen interpreter, or a deployed
endpoint is asked; here the answers are judged by the same metrics and goals as in every build.
"""
