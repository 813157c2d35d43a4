"""A real InfluxDB for the tests of its store."""

from tests.support.influx import influx, influx_server

__all__ = ["influx", "influx_server"]
