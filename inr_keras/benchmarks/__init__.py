"""Speed, memory and cost, and plans of what a run would take."""
