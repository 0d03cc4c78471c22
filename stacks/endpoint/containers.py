"""The containers of SageMaker endpoints: which image, and how it comes by its models."""

from collections.abc import Mapping

from aws_cdk import aws_sagemaker as sagemaker

Container = sagemaker.CfnModel.ContainerDefinitionProperty


def triton_multi_model(image: str, models_uri: str) -> Container:
    """Return Triton in multi-model mode: it loads an archive on its first call."""
    return Container(
        image=image,
        mode="MultiModel",
        model_data_url=models_uri,
        multi_model_config=sagemaker.CfnModel.MultiModelConfigProperty(
            model_cache_setting="Enabled"
        ),
        environment={
            "SAGEMAKER_TRITON_LOG_VERBOSE": "false",  # on by default: a line per tensor
            "SAGEMAKER_TRITON_ALLOW_METRICS": "true",
            # our configurations are complete: completing them would start each Python part twice
            "SAGEMAKER_TRITON_ADDITIONAL_ARGS": "--disable-auto-complete-config",
        },
    )


def torchserve_all_models(image: str, models_uri: str) -> Container:
    """Return TorchServe with every archive under `models_uri` loaded from the start."""
    return Container(
        image=image,
        model_data_source=sagemaker.CfnModel.ModelDataSourceProperty(
            s3_data_source=sagemaker.CfnModel.S3DataSourceProperty(
                s3_data_type="S3Prefix", s3_uri=models_uri, compression_type="None"
            )
        ),
    )


def with_variables(container: Container, more: Mapping[str, str]) -> Container:
    """Return a container with further variables."""
    known = container.environment
    return Container(
        image=container.image,
        mode=container.mode,
        model_data_url=container.model_data_url,
        model_data_source=container.model_data_source,
        multi_model_config=container.multi_model_config,
        environment={**(known if isinstance(known, dict) else {}), **more},
    )
