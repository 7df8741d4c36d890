// A program that has google.rpc and google.protobuf.Timestamp of its own beside the library. As C11 and as C++17.

#include <models_client.h>
#include <stdio.h>
#include <string.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "google/rpc/status.pb-c.h"

int main(int argc, char **argv) {
    Google__Protobuf__Timestamp own = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    own.seconds = 1764000000;
    status.code = 5;
    Pieces__Models__V1__Timestamp timestamp = models_timestamp(own.seconds, 0);
    timestamp.has_nanos = 0;
    uint8_t one[32], other[32];
    size_t length = google__protobuf__timestamp__pack(&own, one);
    if (pieces__models__v1__timestamp__pack(&timestamp, other) != length || memcmp(one, other, length) != 0) return 2;

    models_options options = MODELS_OPTIONS_INIT;
    models_call_options call = MODELS_CALL_OPTIONS_INIT;
    models_error *error = NULL;
    options.path = argc > 1 ? argv[1] : NULL;
    call.timeout_ms = 10000;
    models_client *client = models_client_new(&options, &error);
    models_list *list = client ? models_snapshot(client, &call, &error) : NULL;
    if (list) printf("%zu models, and status %d\n", list->n_iterable, status.code);
    else fprintf(stderr, "%s\n", models_error_message(error));
    models_free(list);
    models_error_free(error);
    models_client_free(client);
    return list ? 0 : 1;
}
