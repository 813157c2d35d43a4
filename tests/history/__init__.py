"""Tests of the operators' history."""
