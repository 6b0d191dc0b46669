"""Logistic regression on several classes with an L2 term, as a family of models."""
