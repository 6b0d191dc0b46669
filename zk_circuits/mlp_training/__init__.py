"""A multi-layer perceptron with one hidden layer of ReLUs, as a family of models."""
