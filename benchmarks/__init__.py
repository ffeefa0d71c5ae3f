"""Benchmarks that anyone can run; none of them is a test."""
