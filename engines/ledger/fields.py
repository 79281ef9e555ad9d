"""Columns of PostgreSQL's own enumerated types: no other value can be stored, and checking costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    Base = models.CharField[str, str]
else:  # Django's fields take no type arguments when they run
    Base = models.CharField


class EnumField(Base):
    """A CharField whose column has the enumerated type `enum`, created by `sql/types.sql`."""

    def __init__(self, *args: Any, enum: str, **kwargs: Any) -> None:
        self.enum = enum
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "enum": self.enum}

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return self.enum
