#!/bin/sh
# Measures the gateway against every other way to the same calls: see README.md beside this file.
#
#   Tests/Benchmarks/run.sh            some seven minutes; writes results.md, results.json and results.svg beside itself
#   Tests/Benchmarks/run.sh --quick    one minute, less exact and with fewer sizes; writes them to .build/benchmarks
#   Tests/Benchmarks/run.sh --attacks [--only NAME]...
#                                      two minutes; what attackers can take of time and memory; writes attacks.md beside
#                                      itself, or to .build/benchmarks with --only
set -eu

. "$(dirname "$0")/prepare.sh"
quick=
results=$root/Tests/Benchmarks
case ${1:-} in
    '') ;;
    --quick) quick=--quick results=$built ;;
    --attacks)
        shift
        [ $# -eq 0 ] || results=$built
        build_gateway
        mkdir -p "$results"
        exec python3 "$root/Tests/Benchmarks/attacks" --gateway "$release/models-gateway" \
            --results "$results/attacks.md" "$@"
        ;;
    *) echo "usage: $0 [--quick | --attacks [--only NAME]...]" >&2 && exit 64 ;;
esac

install_relays
install_environment
build_programs
build_grpc_server
build_gateway
exec python3 "$root/Tests/Benchmarks/measure" $quick --gateway "$release/models-gateway" --programs "$built" \
    --environment "$environment" --results "$results"
