#!/bin/bash
# What is installed: files, symbols, and programs in C and C++ that are linked with it. The last line is
# 'N passed, N failed'.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. Tests/C/support/checks.sh

library=Sources/CModelsClient
make_directory
prefix=$directory/prefix

exported() { nm "$@" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort -u; }
# What the header declares and what protoc-c made, and nothing else.
expected() {
    {
        grep -v typedef $library/include/models_client.h | grep -oE '\bmodels_[a-z_]+\(' | tr -d '('
        exported -g --defined-only "$directory/built/pieces/models/v1/models.pb-c.o"
    } | LC_ALL=C sort -u
}
same_symbols() { diff <(expected) <(exported "$@"); }
only_these_files() {
    diff <(cd "$1" && find . ! -type d | LC_ALL=C sort) - <<END
./include/models_client.h
./include/pieces/models/v1/models.pb-c.h
./lib/libmodels-client.a
./lib/libmodels-client.so
./lib/libmodels-client.so.0
./lib/pkgconfig/models-client.pc
END
}
no_calls_of() {
    local calls
    calls=$(nm -D --undefined-only "$prefix/lib/libmodels-client.so" | awk '{ sub("@.*", "", $2); print $2 }')
    grep -qx sendmsg <<<"$calls" && ! grep -xF "$(printf '%s\n' "$@")" <<<"$calls"
}
# Each RPC of the contract is one that models_begin knows.
same_methods() {
    diff <(sed -n 's/^ *rpc \([A-Za-z]*\)(.*/\1/p' Protos/pieces/models/v1/models.proto | sort) \
        <(sed -n 's/^    {"\([A-Za-z]*\)",.*/\1/p' $library/methods.c | sort) &&
        diff <(sed -n 's/^ *rpc \([A-Za-z]*\)(.*returns (stream .*/\1/p' Protos/pieces/models/v1/models.proto) \
            <(sed -n 's/^    {"\([A-Za-z]*\)",.* true, \(true\|false\)},/\1/p' $library/methods.c)
}
# compile NAME COMPILER...: a program with google's messages of its own, in another directory.
compile() {
    (
        cd "$directory/outside" || exit 1
        # shellcheck disable=SC2046 # a list of words
        "${@:2}" -o "$directory/$1" -Igenerated $(find generated -name '*.o') -Wl,-rpath,"$prefix/lib" \
            $(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs models-client)
    )
}

run_checked "make with nothing but cc and pkg-config, and without a warning" 0 "" \
    env -i PATH=/usr/bin:/bin make --silent -C $library OUT="$directory/built" CFLAGS="-O2 -g -Werror"
run_checked "make install" 0 "" make --silent -C $library install OUT="$directory/built" PREFIX="$prefix"
run_checked "the installed files" 0 "" only_these_files "$prefix"
run_checked "make install with DESTDIR" 0 "" make --silent -C $library install OUT="$directory/built" \
    DESTDIR="$directory/stage" PREFIX=/opt/models
run_checked "the files below DESTDIR" 0 "" only_these_files "$directory/stage/opt/models"
run_checked "the prefix in the .pc" 0 "prefix=/opt/models" \
    cat "$directory/stage/opt/models/lib/pkgconfig/models-client.pc"
run_checked "its version" 0 "$(sed -n 's/.*MODELS_CLIENT_VERSION "\(.*\)"/\1/p' $library/include/models_client.h)" \
    env PKG_CONFIG_PATH="$prefix/lib/pkgconfig" pkg-config --modversion models-client
run_checked "the soname" 0 "[libmodels-client.so.0]" readelf -d "$prefix/lib/libmodels-client.so"
run_checked "libprotobuf-c is all that it needs" 0 "libprotobuf-c.so.1 libc.so.6" bash -c \
    "readelf -d '$prefix/lib/libmodels-client.so' | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | xargs"
run_checked "the symbols of the shared library" 0 "" same_symbols -D --defined-only "$prefix/lib/libmodels-client.so"
run_checked "the symbols of the static library" 0 "" same_symbols -g --defined-only "$prefix/lib/libmodels-client.a"
run_checked "no threads, locks, signals or output" 0 "" no_calls_of pthread_create pthread_mutex_lock signal sigaction \
    fprintf printf puts exit abort
run_checked "no data that can be written" 0 ".data 0 .bss 0" bash -c \
    "size -A '$directory/built/models-client.o' | awk '\$1 == \".data\" || \$1 == \".bss\" { print \$1, \$2 }' | xargs"
run_checked "the methods are those of the contract" 0 "" same_methods
run_checked "the generated C is that of the contract" 0 "" $library/regenerate.sh --check
run_checked "make clean" 0 "" make --silent -C $library clean OUT="$directory/built"
run_checked "nothing is left of it" 1 "" test -e "$directory/built"

mkdir -p "$directory/outside/generated"
cp Tests/C/install/coexist.c "$directory/outside/coexist.c"
cp Tests/C/install/coexist.c "$directory/outside/coexist.cpp"
protoc-c -IProtos --c_out="$directory/outside/generated" google/rpc/status.proto google/protobuf/any.proto \
    google/protobuf/timestamp.proto
for source in $(find "$directory/outside/generated" -name '*.pb-c.c'); do
    cc -c -I"$directory/outside/generated" -o "${source%.c}.o" "$source" || exit 1
done
start_simulator
start_gateway
# The program that the library's page begins with.
sed -n '/^    #include <models_client.h>/,/^    }/s/^    //p' $library/README.md >"$directory/outside/page.c"
run_checked "the page's program" 0 "" compile page cc -std=c11 -Wall -Wextra -Werror page.c
run_checked "and its call" 0 "Phi Latest" env MODELS_GATEWAY_SOCKET="$socket" "$directory/page"
strict=(-Wall -Wextra -Wpedantic -Werror)
for kind in shared static; do
    if [ $kind = static ]; then rm "$prefix"/lib/libmodels-client.so*; fi
    run_checked "a C program with google.rpc of its own, $kind" 0 "" \
        compile "c-$kind" cc -std=c11 "${strict[@]}" coexist.c
    run_checked "and its call" 0 "60 models, and status 5" "$directory/c-$kind" "$socket"
    run_checked "a C++ program, $kind" 0 "" compile "cpp-$kind" c++ -std=c++17 "${strict[@]}" coexist.cpp
    run_checked "and its call" 0 "60 models, and status 5" "$directory/cpp-$kind" "$socket"
done

finish
