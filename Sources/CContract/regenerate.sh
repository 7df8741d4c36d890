#!/bin/sh
# Makes everything that is generated from Protos/: the C beside this script and the Python of examples/python.
#
#   Sources/CContract/regenerate.sh           writes it
#   Sources/CContract/regenerate.sh --check   changes nothing; exit code 1 and the differences if it is not up to date
#
# Needs protoc and protoc-c (Debian: protobuf-compiler protobuf-c-compiler libprotobuf-dev).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$root/examples/python/generated
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

cd "$root/Protos"
protos=$(find . -name '*.proto' | sed 's|^\./||' | LC_ALL=C sort)
wellknown='google/protobuf/any.proto google/protobuf/empty.proto google/protobuf/timestamp.proto'

# The C of the well-known types is made here too: libprotobuf-c does not come with it. Timestamp is taken as proto2,
# which is the same on the wire: merging two of proto3, protobuf-c lets an absent field of the later one win.
mkdir -p "$made/all" "$made/c" "$made/include" "$made/python" "$made/protos/google/protobuf"
sed -e 's/^syntax = "proto3"/syntax = "proto2"/' -e 's/^  int/  optional int/' \
    /usr/include/google/protobuf/timestamp.proto >"$made/protos/google/protobuf/timestamp.proto"
# shellcheck disable=SC2086 # lists of words
protoc-c -I"$made/protos" -I. --c_out="$made/all" $protos $wellknown
# shellcheck disable=SC2086
protoc -I. --python_out="$made/python" $protos

cd "$made/all"
find . -name '*.pb-c.c' -o -name '*.pb-c.h' | while read -r file; do
    case $file in
        *.h) target=$made/include/$file ;;
        *) target=$made/c/$file ;;
    esac
    mkdir -p "$(dirname "$target")"
    mv "$file" "$target"
done
cp "$here/include/module.modulemap" "$made/include/"

if [ "${1:-}" = --check ]; then
    status=0
    diff -r "$made/include" "$here/include" || status=1
    diff -r --exclude=include --exclude=regenerate.sh "$made/c" "$here" || status=1
    diff -r --exclude=__pycache__ "$made/python" "$python" || status=1
    [ $status = 0 ] || echo "generated files differ from Protos/: run Sources/CContract/regenerate.sh" >&2
    exit $status
fi

find "$here" -name '*.pb-c.[ch]' -delete
rm -rf "$python"
cp -R "$made/c/." "$made/include" "$here/"
mkdir -p "$(dirname "$python")"
cp -R "$made/python" "$python"
