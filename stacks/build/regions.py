"""Where CodeBuild has a machine with an A10G: `LINUX_GPU_CONTAINER` of size small."""

# CodeBuild user guide, "Build environment compute modes and types", as of 2026-11. The other GPU
# size has V100s, on which no TensorRT engine for an A10G can be built; us-east-2 has only those.
GPU_BUILDER_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ca-central-1",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "us-east-1",
        "us-west-2",
    }
)
