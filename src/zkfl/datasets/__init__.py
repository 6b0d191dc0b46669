"""Public data sets cut into hospitals: what the demo, the tests and the benches train on."""
