"""Measurements, with their own bare loops to compare with in the same run.  `make bench DATA=FOLDER`."""
