"""Figures that the reader moves: what they are made of, their JavaScript, and their directive."""

from bookpages.interactive.directive import setup

__all__ = ["setup"]
