// A hostile gateway: whatever it answers, in whatever pieces, the C library's client ends each call once and loses
// nothing.
//
// The first byte of the input is how large the pieces are, the second which block of memory is refused (0: none), the
// rest what the gateway sends.

#include <models_client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CALLS = 6 };

typedef struct {
    int ends;
    int is_stream;
} record;

static size_t blocks, refused;

static void demand(int condition, const char *what) {
    if (condition) return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void *allocate(void *unused, size_t size) {
    (void)unused;
    if (refused > 0 && --refused == 0) return NULL;
    blocks++;
    return malloc(size);
}

static void release(void *unused, void *block) {
    (void)unused;
    if (block) blocks--;
    free(block);
}

static void take(models_call *call, ProtobufCMessage *message, const models_error *error, void *context) {
    record *record = context;
    (void)call;
    demand(record->ends == 0, "a call is told of after its end");
    demand(!message || !error, "a call has a message and an error");
    // Reads all of them.
    if (error) demand(strlen(models_error_message(error)) + strlen(models_error_reason(error)) < 5 << 20, "an error");
    if (message) demand(protobuf_c_message_get_packed_size(message) < (size_t)1 << 30, "a message");
    if (!message || !record->is_stream) record->ends++;
    models_free(message);
}

static models_client *make_client(int *peer) {
    static const ProtobufCAllocator allocator = {allocate, release, NULL};
    int ends[2];
    demand(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no socket pair");
    models_options options = MODELS_OPTIONS_INIT;
    options.descriptor = ends[0];
    options.allocator = &allocator;
    models_client *client = models_client_new(&options, NULL);
    if (!client) close(ends[0]);
    *peer = ends[1];
    return client;
}

static void feed(models_client *client, int peer, const uint8_t *data, size_t size, size_t piece) {
    while (size > 0) {
        size_t length = size < piece ? size : piece;
        // Nobody reads any longer after a malformed frame.
        if (send(peer, data, length, MSG_NOSIGNAL) != (ssize_t)length) return;
        data += length;
        size -= length;
        models_client_process(client, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const methods[CALLS] = {"ModelsSnapshot", "StreamModelsSnapshot", "ModelsCreateNewModel",
                                               "UnloadModels", "ModelsDeleteSpecificModelCache",
                                               "StreamModelsSnapshot"};
    record records[CALLS] = {{0}};
    models_call *calls[CALLS] = {NULL};
    int peer;
    if (size < 2) return -1;
    refused = data[1];
    models_client *client = make_client(&peer);
    for (int i = 0; client && i < CALLS; i++) {
        records[i].is_stream = strcmp(methods[i], "StreamModelsSnapshot") == 0;
        calls[i] = models_begin(client, methods[i], NULL, NULL, take, &records[i], NULL);
    }
    if (client) feed(client, peer, data + 2, size - 2, 1 + data[0] % 64u);
    // One is cancelled, and one is freed before the client.
    models_call_cancel(calls[1]);
    models_call_free(calls[5]);
    records[5].ends = 1;
    if (client) models_client_process(client, NULL);
    models_client_free(client);
    for (int i = 0; i < CALLS; i++) {
        demand(!calls[i] || records[i].ends == 1, "a call has not been told of once");
        if (i != 5) models_call_free(calls[i]);
    }
    close(peer);
    demand(blocks == 0, "memory is left");
    return 0;
}
