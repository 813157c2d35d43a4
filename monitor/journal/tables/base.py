"""What every table shares: names, types of columns, and how values are converted to them.

Seconds are whole UTC seconds, as BIGINT. Enumerations are stored as their text. Texts are
`{locale: words}` as JSON. All of it works in SQLite and PostgreSQL, whose 64-bit keys are declared
differently.
"""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from monitor.domain.text import Text

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is spelled INTEGER; it has 64 bits there too.
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SECOND = sa.BigInteger()
JSON = sa.JSON(none_as_null=True)


class Words(TypeDecorator[Text]):
    """A public text in several languages, stored as a JSON object."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Text | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else dict(value.by_locale)

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> Text | None:
        return None if value is None else Text(value)


class Exact(TypeDecorator[Decimal]):
    """A decimal as it was written: SQLite would make a float of a number."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)
