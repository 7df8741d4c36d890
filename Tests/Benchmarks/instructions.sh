#!/bin/sh
# Counts the gateway's instructions (callgrind) and allocations a call on its three main paths and prints them as the
# table that README.md has. The profiles stay in .build/benchmarks, for callgrind_annotate.
#
#   Tests/Benchmarks/instructions.sh
set -eu

. "$(dirname "$0")/prepare.sh"
install_dependencies valgrind binutils
build_programs
build_gateway
exec python3 "$root/Tests/Benchmarks/measure/instructions.py" "$release/models-gateway" "$built"
