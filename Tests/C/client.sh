#!/bin/bash
# The C client library against gateways that do what a test tells them, and against the real one: under valgrind,
# AddressSanitizer with UBSan, and ThreadSanitizer. The last line is 'N passed, N failed'.
#
#   Tests/C/client.sh [BUILD [SUITE [PART-OF-A-NAME]]]      BUILD: valgrind, sanitized, threads, few-ids
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

out=.build/client-tests
generated=$out/generated
library=Sources/CModelsClient
passed=0
failed=0

# Google's messages, as a program of its own may have them: what the tests' gateways speak.
generate() {
    mkdir -p $generated
    protoc-c -IProtos --c_out=$generated containerd/ttrpc/ttrpc.proto google/rpc/status.proto \
        google/rpc/error_details.proto google/protobuf/any.proto google/protobuf/timestamp.proto
}

# build NAME COMPILER OPTION...
build() {
    mkdir -p $out
    # shellcheck disable=SC2046 # lists of words
    "$2" -std=c11 -D_GNU_SOURCE -g -Wall -Wextra -Werror -I$library/include -I$generated \
        $(pkg-config --cflags libprotobuf-c) "${@:3}" -o "$out/$1" \
        $library/*.c $library/pieces/models/v1/models.pb-c.c Tests/C/client/*.c \
        $(find $generated -name '*.pb-c.c') $(pkg-config --libs libprotobuf-c) -pthread
}

# run NAME COMMAND...: the counts are on its last line.
run() {
    local name=$1 counts
    shift
    echo "-- $name"
    "$@" 2>&1 | tee "$out/output"
    local status=${PIPESTATUS[0]}
    counts=$(sed -n -E 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$out/output" | tail -n 1)
    read -r more_passed more_failed <<<"${counts:-0 1}"
    if [ "$status" -ne 0 ] && [ "$more_failed" -eq 0 ]; then
        echo "FAILED: $name: exit code $status"
        more_failed=1
    fi
    passed=$((passed + more_passed))
    failed=$((failed + more_failed))
}

wanted() {
    [ -z "$build" ] || [ "$build" = "$1" ]
}

suites=(calls loop loss life hostile paths daemon)
build=${1-}
if [ -n "${2-}" ]; then suites=("$2"); fi
generate || exit 1

if wanted valgrind; then
    build plain cc -O1 || exit 1
    for suite in "${suites[@]}"; do
        # Children end without freeing what their parent has.
        run "$suite, valgrind" valgrind --quiet --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
            --child-silent-after-fork=yes --error-exitcode=99 $out/plain "$suite" ${3:+"$3"}
    done
fi
if wanted sanitized; then
    build sanitized cc -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined || exit 1
    for suite in "${suites[@]}"; do
        run "$suite, AddressSanitizer and UBSan" env ASAN_OPTIONS=exitcode=99 $out/sanitized "$suite" ${3:+"$3"}
    done
fi
if wanted threads; then
    build threads cc -O1 -fsanitize=thread || exit 1
    run "threads, ThreadSanitizer" env TSAN_OPTIONS=exitcode=99 $out/threads threads ${3:+"$3"}
fi
if wanted few-ids; then
    build few-ids cc -O1 -DMC_LAST_STREAM_ID=9 -fsanitize=address,undefined || exit 1
    run "used up ids" $out/few-ids ids ${3:+"$3"}
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
