#!/bin/bash
# Installs what is missing, builds, and runs every test there is. See --help.
#
# A suite is a command whose output has a line that ends with 'N passed, N failed'. One without it has crashed, one
# that ran no test proves nothing: both count as a failure.
set -u

usage() {
    cat <<'EOF'
usage: Tests/run.sh [--sanitize]

Installs the Debian packages that are missing, makes a Python environment in .build/venv, builds, and runs

  the Swift tests             Tests/*Tests
  Python's unittest suites    Tests/*/test_*.py
  the C tests                 Tests/C/*.sh
  the structure check         Tests/Structure/check.py

With --sanitize it runs instead, in builds of their own in .build-asan and .build-tsan,

  the Swift tests             under AddressSanitizer, and under ThreadSanitizer
  the end-to-end tests        against a daemon with AddressSanitizer

The last line is 'N passed, N failed'; the exit code is 0 when nothing failed.
EOF
}

case "$*" in
    "" | --sanitize) ;;
    --help | -h) usage && exit 0 ;;
    *) usage >&2 && exit 64 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. examples/install-dependencies.sh

passed=0
failed=0

# Also after a step without which there is nothing to test: that counts as a failure.
finish() {
    local status=$?
    if [ $status -ne 0 ] && [ $failed -eq 0 ]; then failed=1; fi
    echo "$passed passed, $failed failed"
    if [ $failed -ne 0 ]; then exit 1; fi
}

# The environment is made again when the requirements have changed. The package of this repository goes into it anew
# each time; what an earlier build of it left behind would go in too.
make_python_environment() {
    if ! cmp -s Tests/requirements.txt .build/venv/requirements.txt; then
        echo "Installing into .build/venv: $(grep -v '^#' Tests/requirements.txt | paste -s -d ' ')"
        /usr/bin/python3 -m venv --clear .build/venv &&
            .build/venv/bin/pip install --quiet --disable-pip-version-check -r Tests/requirements.txt &&
            cp Tests/requirements.txt .build/venv/ || return 1
    fi
    rm -rf Sources/python/build
    .build/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall \
        ./Sources/python
}

run_suite() {
    local name=$1 output=.build/suite-output status counts suite_passed suite_failed
    shift
    echo
    echo "== $name"
    "$@" 2>&1 | tee "$output"
    status=${PIPESTATUS[0]}
    counts=$(sed -n -E 's/^(.* )?([0-9]+) passed, ([0-9]+) failed$/\2 \3/p' "$output" | tail -n 1)
    read -r suite_passed suite_failed <<<"${counts:-0 0}"
    if [ "$suite_failed" -eq 0 ] && { [ "$suite_passed" -eq 0 ] || [ "$status" -ne 0 ]; }; then
        echo "$name: crashed, or ran no test (exit code $status)"
        suite_failed=1
    fi
    passed=$((passed + suite_passed))
    failed=$((failed + suite_failed))
}

# The arguments are options of the build. The report counts issues where it says failures, of which one test can have many; so its test cases are counted.
swift_suite() {
    local report=.build/swift-tests status
    rm -f "$report"*.xml
    swift test --skip-build --disable-xctest --xunit-output "$report.xml" "$@"
    status=$?
    awk -v RS='<' '
        /^testcase / { tests++; bad = 0 }
        /^skipped/ { tests-- }
        /^(failure|error)/ && !bad { failed++; bad = 1 }
        END { printf "%d passed, %d failed\n", tests - failed, failed }
    ' "$report"*.xml </dev/null
    return $status
}

run_everything() {
    swift build --build-tests || return 1
    run_suite Swift swift_suite
    for directory in $(printf '%s\n' Tests/*/test_*.py | xargs -r -n 1 dirname | sort -u); do
        run_suite "$directory" .build/venv/bin/python Tests/run_python.py "$directory"
    done
    for script in Tests/C/*.sh; do
        run_suite "$script" bash "$script"
    done
    run_suite Tests/Structure/check.py .build/venv/bin/python Tests/Structure/check.py
}

run_sanitized() {
    # An exit code that no program here has of its own: whoever looks at exit codes sees a report.
    export ASAN_OPTIONS=exitcode=99 LSAN_OPTIONS="suppressions=$PWD/Tests/leaks.supp:print_suppressions=0"
    local address=(--scratch-path .build-asan --sanitize address) thread=(--scratch-path .build-tsan --sanitize thread)
    swift build --build-tests "${address[@]}" || return 1
    run_suite "Swift, AddressSanitizer" swift_suite "${address[@]}"
    run_suite "Tests/EndToEnd, AddressSanitizer" env SANITIZED=1 GATEWAY="$PWD/.build-asan/debug/models-gateway" \
        .build/venv/bin/python Tests/run_python.py Tests/EndToEnd
    swift build --build-tests "${thread[@]}" || return 1
    # One after the other: tests share schemas, which belong to one thread in a gateway. Threads of a test's own are seen.
    run_suite "Swift, ThreadSanitizer" swift_suite "${thread[@]}" --no-parallel
}

trap finish EXIT
require_swift || exit 1
install_dependencies \
    libuv1-dev libprotobuf-c-dev protobuf-c-compiler protobuf-compiler libprotobuf-dev \
    libsimdjson-dev libnghttp2-dev zlib1g-dev pkg-config python3 python3-venv python3-protobuf gcc g++ libc6-dev \
    libgrpc++-dev protobuf-compiler-grpc make valgrind bubblewrap systemd iproute2 util-linux prometheus \
    binutils python3-setuptools python3-wheel dpkg-dev mmdebstrap man-db zsh fish || exit 1
make_python_environment || exit 1

shopt -s nullglob
if [ "${1-}" = --sanitize ]; then
    run_sanitized || exit 1
else
    run_everything || exit 1
fi
echo
