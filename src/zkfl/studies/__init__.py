"""Case studies: what verified training is worth on real records, from raw data to tables."""
