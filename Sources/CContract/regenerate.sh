#!/bin/sh
# Makes everything that is generated from Protos/: the descriptor set beside this script, the C of CModelsClient, and the
# Python of Sources/python; for tests the C of all messages, in Tests/CContractMessages, and the descriptor set of the
# contract in Tests/ContractTesting.
#
#   Sources/CContract/regenerate.sh           writes it
#   Sources/CContract/regenerate.sh --check   changes nothing; exit code 1 and the differences if it is not up to date
#
# Needs protoc and protoc-c (Debian: protobuf-compiler protobuf-c-compiler libprotobuf-dev).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$root/Sources/python/models_gateway/_generated
messages=$root/Tests/CContractMessages
tests=$root/Tests/ContractTesting/Shelf
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

# The C library's messages, which have nothing of google's in them.
"$root/Sources/CModelsClient/regenerate.sh" "$@"

cd "$root/Protos"
protos=$(find . -name '*.proto' | sed 's|^\./||' | LC_ALL=C sort)
wellknown='google/protobuf/any.proto google/protobuf/empty.proto google/protobuf/timestamp.proto'
# What only says something about other files; their C would need that of descriptor.proto, which is large.
options='google/api/annotations.proto google/api/http.proto pieces/gateway/v1/options.proto'
# What clients bring along themselves; a process of Python could not define it twice.
known='grpc/health/v1/health.proto grpc/reflection/v1/reflection.proto grpc/reflection/v1alpha/reflection.proto'

# The C of the well-known types is made here too: libprotobuf-c does not come with it. Timestamp is taken as proto2,
# which is the same on the wire: merging two of proto3, protobuf-c lets an absent field of the later one win.
mkdir -p "$made/c/include" "$made/python" "$made/protos/google/protobuf"
sed -e 's/^syntax = "proto3"/syntax = "proto2"/' -e 's/^  int/  optional int/' \
    /usr/include/google/protobuf/timestamp.proto >"$made/protos/google/protobuf/timestamp.proto"
carried=
for proto in $protos; do
    case " $options $known " in *" $proto "*) ;; *) carried="$carried $proto" ;; esac
done
# shellcheck disable=SC2086 # lists of words
protoc -I. --include_imports --descriptor_set_out="$made/contract.binpb" $protos
protoc -I. -I"$tests" --include_imports --descriptor_set_out="$made/shelf.binpb" shelf.proto

# Generated C does not look at them, but includes the headers of what is imported.
# shellcheck disable=SC2086
protoc-c -I"$made/protos" -I. --c_out="$made/c" $carried $wellknown
for proto in $options; do
    find "$made/c" -name '*.pb-c.h' -exec sed -i "\\|#include \"${proto%.proto}.pb-c.h\"|d" {} +
done

# The messages of the Python package. A process of Python can define a file, and a name, only once, and may have a
# google.rpc or a pieces.models.v1 of its own: so files and messages have names here that are the package's alone. They
# are without the options and the services, which would bring google.api and google.protobuf.Empty along.
for name in models/v1/models gateway/v1/control; do
    sed -e '/^service /,/^}/d' -e '/^import "google\/api\//d' -e '/^import "pieces\//d' -e '/^import .*empty.proto/d' \
        -e 's| \[(.*) = [a-z]*\];|;|' -e 's/^package .*/package models_gateway;/' -e '/^option /d' \
        "pieces/$name.proto" >"$made/python/${name##*/}.proto"
done
(cd "$made/python" && mkdir -p models_gateway/_generated && mv ./*.proto models_gateway/_generated/ &&
    protoc -I. --python_out=. --pyi_out=. models_gateway/_generated/*.proto &&
    rm models_gateway/_generated/*.proto && touch models_gateway/_generated/__init__.py &&
    sed -i 's/__slots__ = \[\]/__slots__ = ()/' models_gateway/_generated/*.pyi)

{
    echo '/* Generated from Protos/ by regenerate.sh. Do not edit. */'
    echo '#include "descriptor_set.h"'
    echo
    echo 'static const uint8_t descriptor_set[] = {'
    od -An -v -w24 -tu1 "$made/contract.binpb" | sed -e 's/ \{1,\}/,/g' -e 's/^,/    /' -e 's/$/,/'
    echo '};'
    echo
    echo 'const uint8_t *contract_descriptor_set(void) { return descriptor_set; }'
    echo
    echo 'size_t contract_descriptor_set_size(void) { return sizeof descriptor_set; }'
} >"$made/descriptor_set.c"

cd "$made/c"
find . -name '*.pb-c.h' | while read -r file; do
    mkdir -p "include/$(dirname "$file")"
    mv "$file" "include/$file"
done
cp "$messages/include/module.modulemap" include/

if [ "${1:-}" = --check ]; then
    status=0
    diff "$made/descriptor_set.c" "$here/descriptor_set.c" || status=1
    diff -r "$made/c" "$messages" || status=1
    diff -r --exclude=__pycache__ "$made/python/models_gateway/_generated" "$python" || status=1
    cmp "$made/shelf.binpb" "$tests/shelf.binpb" || status=1
    [ $status = 0 ] || echo "generated files differ from Protos/: run Sources/CContract/regenerate.sh" >&2
    exit $status
fi

cp "$made/descriptor_set.c" "$here/"
rm -rf "$messages" "$python"
cp -R "$made/c" "$messages"
mkdir -p "$(dirname "$python")"
cp -R "$made/python/models_gateway/_generated" "$python"
cp "$made/shelf.binpb" "$tests/"
