"""usage: http_get.py URL: the status of the answer, or why there is none."""

import sys
import urllib.request

# Without a proxy: whatever the environment names, this machine is meant.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    print(opener.open(sys.argv[1], timeout=10).status)
except OSError as error:
    sys.exit(f"{sys.argv[1]}: {error}")
