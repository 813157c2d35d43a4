"""A real InfluxDB for the product's store."""

from tests.support.influx import influx, influx_server

__all__ = ["influx", "influx_server"]
