"""Figures of Pronto beside a yardstick, measured in turns on the same machine: `make bench`."""
