#!/bin/bash
# Run once by the image's entry point, after the first bucket was made: hours and days have buckets
# of their own, for InfluxDB knows retention of a bucket alone.
set -eu

influx bucket create --name estado_hourly --retention 400d
influx bucket create --name estado_daily --retention 1830d
