"""Demands over HTTP: one view, one service call."""
