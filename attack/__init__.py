"""An attack on an instance of its own, bounded in time and count: `make attack`."""
