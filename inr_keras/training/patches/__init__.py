"""Patches of a step: random crops of grids, in real images and rendered."""
