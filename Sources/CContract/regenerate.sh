#!/bin/sh
# Makes everything that is generated from Protos/: the C beside this script, with the descriptor set, that of CModelsClient,
# and the Python of examples/python; and the descriptor set of the contract in Tests/ContractTesting.
#
#   Sources/CContract/regenerate.sh           writes it
#   Sources/CContract/regenerate.sh --check   changes nothing; exit code 1 and the differences if it is not up to date
#
# Needs protoc and protoc-c (Debian: protobuf-compiler protobuf-c-compiler libprotobuf-dev).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=$root/examples/python/generated
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

# The C of the well-known types is made here too: libprotobuf-c does not come with it. Timestamp is taken as proto2,
# which is the same on the wire: merging two of proto3, protobuf-c lets an absent field of the later one win.
mkdir -p "$made/all" "$made/c" "$made/include" "$made/python" "$made/protos/google/protobuf"
sed -e 's/^syntax = "proto3"/syntax = "proto2"/' -e 's/^  int/  optional int/' \
    /usr/include/google/protobuf/timestamp.proto >"$made/protos/google/protobuf/timestamp.proto"
carried=
for proto in $protos; do
    case " $options " in *" $proto "*) ;; *) carried="$carried $proto" ;; esac
done
# shellcheck disable=SC2086 # lists of words
protoc -I. --include_imports --descriptor_set_out="$made/contract.binpb" $protos
protoc -I. -I"$tests" --include_imports --descriptor_set_out="$made/shelf.binpb" shelf.proto

# The C and the Python of clients are without the options, and so without google.api, which a process of Python can
# define only once. Generated C does not look at them, but includes the headers of what is imported.
# shellcheck disable=SC2086
protoc-c -I"$made/protos" -I. --c_out="$made/all" $carried $wellknown
for proto in $options; do
    find "$made/all" -name '*.pb-c.h' -exec sed -i "\\|#include \"${proto%.proto}.pb-c.h\"|d" {} +
done
as_text() { protoc "--$1=google.protobuf.FileDescriptorSet" google/protobuf/descriptor.proto; }
as_text decode <"$made/contract.binpb" | awk -v options="$options" '
    $1 == "dependency:" && index(" " options " ", " " substr($2, 2, length($2) - 2) " ") { next }
    depth == 0 && $1 ~ /^(72295728|50001):?$/ { if ($2 != "{") next; depth = 1; next }
    depth > 0 { if ($NF == "{") depth++; if ($1 == "}") depth--; next }
    { print }' | as_text encode >"$made/clients.binpb"
# shellcheck disable=SC2086
protoc --descriptor_set_in="$made/clients.binpb" --python_out="$made/python" $carried

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
} >"$made/c/descriptor_set.c"

cd "$made/all"
find . -name '*.pb-c.c' -o -name '*.pb-c.h' | while read -r file; do
    case $file in
        *.h) target=$made/include/$file ;;
        *) target=$made/c/$file ;;
    esac
    mkdir -p "$(dirname "$target")"
    mv "$file" "$target"
done
cp "$here/include/module.modulemap" "$here/include/descriptor_set.h" "$made/include/"

if [ "${1:-}" = --check ]; then
    status=0
    diff -r "$made/include" "$here/include" || status=1
    diff -r --exclude=include --exclude=regenerate.sh "$made/c" "$here" || status=1
    diff -r --exclude=__pycache__ "$made/python" "$python" || status=1
    cmp "$made/shelf.binpb" "$tests/shelf.binpb" || status=1
    [ $status = 0 ] || echo "generated files differ from Protos/: run Sources/CContract/regenerate.sh" >&2
    exit $status
fi

find "$here" -name '*.pb-c.[ch]' -delete
rm -rf "$python"
cp -R "$made/c/." "$made/include" "$here/"
mkdir -p "$(dirname "$python")"
cp -R "$made/python" "$python"
cp "$made/shelf.binpb" "$tests/"
