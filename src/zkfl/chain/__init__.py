"""The chain's side of zkfl in Python: compile, deploy, call and read the contracts."""
