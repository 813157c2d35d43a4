"""The `influx` store: InfluxDB 2.x, and nothing else in the product imports influxdb_client."""
