#!/bin/bash
# Keeps a gateway busy with calls, errors and cancellations, and looks at what it holds afterwards. See --help.
set -eu

case ${1-} in
    --help | -h)
        cat <<'EOF'
usage: Tests/Soak/run.sh [CALLS]

Builds the gateway for release and makes CALLS calls (10,000,000 unless told otherwise) of mixed kinds over many
connections, half of them over ttrpc and half over gRPC, with errors, cancellations and clients that disappear among
them. Prints resident memory and open descriptors after the first 100,000 calls and at the end; the exit code is 1 if
memory has grown by more than 1 MiB, if the descriptors differ, or if an answer was wrong.
EOF
        exit 0
        ;;
esac

. "$(dirname "$0")/../Benchmarks/prepare.sh"
build_programs
install_dependencies nghttp2-client python3-hpack python3-hyperframe
(cd "$root" && swift build -c release --quiet --product models-gateway)
release=$(cd "$root" && swift build -c release --show-bin-path)
GATEWAY=$release/models-gateway PYTHONPATH=$root/Tests/EndToEnd exec /usr/bin/python3 \
    "$root/Tests/Soak/soak.py" "$built" "${1-10000000}"
