"""A hospital's records: declared schema, checked loading, public preprocessing, shards."""
