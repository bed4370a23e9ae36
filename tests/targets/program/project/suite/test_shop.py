import pytest
from shop.repositories import Customers


@pytest.mark.parametrize("identity", range(1, 13))
def test_get(identity):
    assert Customers().get(identity).id == identity


@pytest.mark.parametrize("_again", range(3))
def test_joined(_again):
    assert len(Customers().joined()) == 12


@pytest.mark.parametrize("_again", range(3))
def test_balanced(_again):
    assert len(Customers().balanced()) == 12


def test_lazy():
    assert Customers().lazy() == [4] * 12


@pytest.mark.parametrize("_again", range(4))
def test_count(_again):
    assert Customers().count() == 48
