import threading

import pytest
from django.db import connections, transaction

from foundation.models import Counter, next_number


@pytest.mark.django_db
def test_a_series_counts_from_one():
    with transaction.atomic():
        assert [next_number("s"), next_number("s"), next_number("t")] == [1, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_get_fifty_numbers():
    got: list[int] = []

    def take() -> None:
        try:
            with transaction.atomic():
                got.append(next_number("race"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 51))


@pytest.mark.django_db(transaction=True)
def test_a_number_given_back_by_a_rollback_is_given_again():
    with pytest.raises(RuntimeError), transaction.atomic():
        next_number("undone")
        raise RuntimeError
    assert not Counter.objects.filter(series="undone").exists()
