#!/bin/bash
# Runs the suite of the Python package with the versions of Python and protobuf that it has to work with.
#
#   Tests/Python/versions.sh                    every protobuf with Debian's Python, every Python with the newest
#   Tests/Python/versions.sh PYTHON PROTOBUF    one pair, such as /usr/bin/python3.9 3.20.3
#
# Needs a debug build of the gateway and `pip` with a registry. Environments are kept in .build/python-versions. What a
# version cannot have (uvloop, mypy) its tests skip.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
protobufs='3.20.2 3.20.3 4.25.9 5.29.6 6.33.6 newest'

run() {
    local python=$1 protobuf=$2 version environment wanted=protobuf
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || return 1
    environment=.build/python-versions/$version-$protobuf
    [ "$protobuf" = newest ] || wanted="protobuf==$protobuf"
    echo "== Python $version, protobuf $protobuf"
    if [ ! -e "$environment/complete" ]; then
        "$python" -m venv --clear "$environment" &&
            "$environment/bin/pip" install --quiet --disable-pip-version-check "$wanted" 'setuptools>=70.1' || return 1
        "$environment/bin/pip" install --quiet --disable-pip-version-check uvloop googleapis-common-protos "$wanted" ||
            echo "without uvloop and googleapis-common-protos"
        touch "$environment/complete"
    fi
    rm -rf Sources/python/build
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
        --force-reinstall ./Sources/python || return 1
    "$environment/bin/python" Tests/run_python.py Tests/Python 2>&1 | grep -v Warning | tail -n 40
    return "${PIPESTATUS[0]}"
}

pythons() {
    local version
    for version in 3.9 3.10 3.11 3.12 3.13; do
        ls -d "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python "/usr/bin/python$version" 2>/dev/null |
            head -n 1
    done
}

failed=0
case $# in
    2) run "$1" "$2" || failed=1 ;;
    0)
        for protobuf in $protobufs; do run /usr/bin/python3 "$protobuf" || failed=$((failed + 1)); done
        for python in $(pythons); do run "$python" newest || failed=$((failed + 1)); done
        ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 64 ;;
esac
[ $failed = 0 ] || { echo "$failed failed" >&2 && exit 1; }
