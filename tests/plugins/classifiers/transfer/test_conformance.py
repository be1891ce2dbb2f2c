"""A head that is not the default passes what any classifier has to."""

from __future__ import annotations

from harness.testing import BoundCheck, conformance
from plugins.classifiers.transfer.plugin import Transfer


@conformance(Transfer(size=64, head="logistic"))
def test_contract(conformance_check: BoundCheck) -> None:
    conformance_check()
