"""The same call under other loader strategies, without touching its code."""
