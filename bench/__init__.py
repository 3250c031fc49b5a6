"""What is fast, measured in one run beside what a user would pick instead. Run by `make bench`."""
