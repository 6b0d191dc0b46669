"""A small convolutional net on grey images, as a family of models."""
