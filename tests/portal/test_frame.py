"""What every page shares."""

from __future__ import annotations

import pytest


@pytest.mark.django_db
def test_home_is_there(client):
    assert client.get("/").status_code == 200
