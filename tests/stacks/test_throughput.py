from dataclasses import replace

import pytest

from catalog.artifact import Measurement
from catalog.sizes import Scaling
from stacks.scaling.throughput import Unmeasured, busy_per_minute
from tests.stacks.sized import service_manifest

SCALING = Scaling(min=1, max=4, target_share=0.5)


def test_a_machine_is_busy_at_a_share_of_what_it_was_measured_to_bear():
    assert busy_per_minute([service_manifest("inf1.xlarge")], SCALING) == 100 * 0.5 * 60


def test_without_a_measurement_there_is_no_folklore():
    manifest = service_manifest("inf1.xlarge")
    evidence = replace(manifest.evidence, measurements=())

    with pytest.raises(Unmeasured, match="intent has no measured throughput"):
        busy_per_minute([replace(manifest, evidence=evidence)], SCALING)


def test_what_clients_of_a_service_saw_goes_before_what_the_model_alone_bears():
    manifest = service_manifest("inf1.xlarge")
    seen = Measurement("served_throughput", 80.0, 600)
    evidence = replace(manifest.evidence, measurements=(*manifest.evidence.measurements, seen))

    assert busy_per_minute([replace(manifest, evidence=evidence)], SCALING) == 80 * 0.5 * 60
