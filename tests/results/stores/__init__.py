"""Tests of the result stores."""
