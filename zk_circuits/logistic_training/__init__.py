"""Logistic regression with an L2 term, as a family of models."""
