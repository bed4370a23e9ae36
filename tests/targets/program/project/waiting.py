"""Asks twice, says so, and waits to be stopped; python waiting.py [exit code on Ctrl-C]."""

import os
import sys
import time

from shop.repositories import Customers

Customers().count()
Customers().get(1)
try:
    print(f"ready\n{os.getpid()}", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    if len(sys.argv) < 2:
        raise
    print("stopped", flush=True)
    sys.exit(int(sys.argv[1]))
