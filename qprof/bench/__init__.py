"""What a call costs at several sizes, and how that grows: measured, not assumed."""
