"""Recipes as a page shows them: versions and what differs, columns, scorers and calibration."""
