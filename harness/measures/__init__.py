"""What the papers measure on trained nets, as plain functions from models and data to one number per run."""
