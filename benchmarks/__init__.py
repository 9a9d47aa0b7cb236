"""Measurements of Vogue on the machine they run on. ``make bench`` runs them all."""
