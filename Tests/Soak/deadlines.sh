#!/bin/bash
# Measures how late calls are told that their time is up. See --help.
set -eu

case ${1-} in
    --help | -h)
        cat <<'EOF'
usage: Tests/Soak/deadlines.sh [CALLS]

Builds the gateway for release and makes CALLS calls (2,000 unless told otherwise) with timeouts from 5 to 200 ms to an
upstream that never answers, first one after the other (100 ms each), then 64 at a time. Prints how much later than its
timeout a call was answered, on the client's clock, and how many were answered earlier: there must be none, or the exit
code is 1. It takes a quiet machine to say anything about the times.
EOF
        exit 0
        ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
(cd "$root" && swift build -c release --quiet --product models-gateway)
release=$(cd "$root" && swift build -c release --show-bin-path)
GATEWAY=$release/models-gateway PYTHONPATH=$root/Tests/EndToEnd exec python3 "$root/Tests/Soak/deadlines.py" "${1-2000}"
