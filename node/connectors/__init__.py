"""From what a hospital has to what its node admits: image sets and tables of records."""
