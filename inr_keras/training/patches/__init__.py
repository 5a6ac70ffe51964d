"""Where a step looks: crops of grids, real and drawn."""
