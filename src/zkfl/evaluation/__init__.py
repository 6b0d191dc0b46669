"""What the verified model is worth: metrics, honest baselines, plots and reports."""
