"""Providers over HTTP: one view, one service call; a file for each subject."""
