"""What a figure cost and on what it was measured: seconds by stage, machine, libraries."""
