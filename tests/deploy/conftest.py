"""What the dashboards are asked of."""

from tests.support.influx import influx, influx_server

__all__ = ["influx", "influx_server"]
