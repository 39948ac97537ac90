import pytest

from core.pretraining.surfaces import Surfaces


@pytest.fixture(scope="session")
def surfaces() -> Surfaces:
    """Fewer patterns than for teaching, which take less time."""
    return Surfaces(seed=0, bank=1)
