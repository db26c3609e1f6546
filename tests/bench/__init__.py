"""The benchmarks: `python -m tests.bench`. Nothing here is asserted; the figures are printed beside their aims."""
