#!/bin/sh
# Makes the C of the messages that this library hands out, from Protos/. Sources/CContract/regenerate.sh calls it.
#
#   Sources/CModelsClient/regenerate.sh           writes it
#   Sources/CModelsClient/regenerate.sh --check   changes nothing; exit code 1 and the differences if it is not up to date
#
# Needs protoc-c (Debian: protobuf-c-compiler).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
name=pieces/models/v1/models
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir -p "$made/protos/pieces/models/v1" "$made/c"

# Nothing of google's may be left in it, for a program that uses this library may have those symbols of its own. So the
# service goes, with its options, and Timestamp and Empty are messages of the package; on the wire they are the same.
{
    sed -e '/^service /,/^}/d' -e '/^import /d' -e '/^option /d' -e 's/ \[([^]]*\]//' \
        -e 's/google\.protobuf\.Timestamp/Timestamp/' "$here/../../Protos/$name.proto"
    cat <<'END'

// The same on the wire as google.protobuf.Timestamp.
message Timestamp {
  // Since 1970-01-01T00:00:00Z.
  optional int64 seconds = 1;
  // 0 to 999,999,999, forwards in time.
  optional int32 nanos = 2;
}

// The same on the wire as google.protobuf.Empty.
message Empty {}
END
} | cat -s >"$made/protos/$name.proto"
protoc-c -I"$made/protos" --c_out="$made/c" "$made/protos/$name.proto"

if [ "${1:-}" = --check ]; then
    status=0
    diff "$made/c/$name.pb-c.h" "$here/include/$name.pb-c.h" || status=1
    diff "$made/c/$name.pb-c.c" "$here/$name.pb-c.c" || status=1
    [ $status = 0 ] || echo "generated files differ from Protos/: run Sources/CModelsClient/regenerate.sh" >&2
    exit $status
fi

mkdir -p "$here/include/pieces/models/v1" "$here/pieces/models/v1"
cp "$made/c/$name.pb-c.h" "$here/include/$name.pb-c.h"
cp "$made/c/$name.pb-c.c" "$here/$name.pb-c.c"
