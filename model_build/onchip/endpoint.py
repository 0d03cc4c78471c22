"""Ask a deployed endpoint whose machines have the chip: the gate as a stage of the pipeline.

Times are the caller's: they hold the network and SageMaker's overhead too, so a goal that is met
here is met by the chip. The server itself says what computed: an instance type that somebody
declared would be believed of any CPU that stands in for it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog.artifact import Manifest
from model_build.onchip.form import form
from model_build.onchip.host import NotOnChip
from serving.onchip.ask import ask
from serving.onchip.questions import Questions

RAN_ON, CHIP = "ran-on", "neuron"


@dataclass(frozen=True)
class Endpoint:
    """A SageMaker endpoint.

    Attributes:
        name: Such as `slipway-dev-ads`.
        runtime: A boto3 client of `sagemaker-runtime`.
        sagemaker: One of `sagemaker`.
    """

    name: str
    runtime: Any
    sagemaker: Any

    def ask(self, manifest: Manifest, questions: Questions) -> dict[str, Any]:
        """Return what the endpoint's chip answered, as `serving.onchip` writes it.

        Raises:
            NotOnChip: The endpoint serves another artifact's archive, or no chip computed.
        """
        if manifest.runtime != "torchserve":
            raise NotOnChip(
                f"{manifest.model}: {manifest.runtime_image} is not asked through an endpoint: run"
                " `python -m model_build onchip` on a host with the chip"
            )
        self._check_chip(manifest, questions)
        instance = self._instance(manifest)

        def predict(inputs: Sequence[Any]) -> list[list[float]]:
            return [self._one(manifest, item)[0] for item in inputs]

        written = ask(predict, questions)
        host = {"endpoint": self.name, "instance": instance, "ran_on": CHIP}
        asked = f"through endpoint {self.name}: times hold network and SageMaker's overhead"
        return {"host": host, "asked": asked, **written}

    def _check_chip(self, manifest: Manifest, questions: Questions) -> None:
        _, attributes = self._one(manifest, questions.inputs[0])
        if f"{RAN_ON}={CHIP}" not in attributes:
            raise NotOnChip(
                f"{self.name}: its container says {attributes or 'nothing'!r} of what computes,"
                f" not {RAN_ON}={CHIP}: no chip answered for {manifest.model}, and a CPU does not"
                " stand in for one"
            )

    def _instance(self, manifest: Manifest) -> str:
        found = self.sagemaker.describe_endpoint(EndpointName=self.name)
        config = self.sagemaker.describe_endpoint_config(
            EndpointConfigName=found["EndpointConfigName"]
        )
        types = sorted({variant["InstanceType"] for variant in config["ProductionVariants"]})
        wanted = f"ml.{manifest.accelerator}."
        if not all(name.startswith(wanted) for name in types):
            raise NotOnChip(
                f"{self.name}: runs on {', '.join(types)}, {manifest.model} is made for"
                f" {manifest.accelerator}: deploy it where that is, and ask again"
            )
        return ", ".join(types)

    def _one(self, manifest: Manifest, item: Any) -> tuple[list[float], str]:
        body, content_type = form(manifest.model, item, manifest.parent)
        answer = self.runtime.invoke_endpoint(
            EndpointName=self.name, Body=body, ContentType=content_type
        )
        document = json.loads(answer["Body"].read())
        probabilities = (document[manifest.model] if manifest.parent else document)["probabilities"]
        vector = [float(probabilities[label]) for label in manifest.key_inputs["labels"]]
        return vector, str(answer.get("CustomAttributes", ""))
