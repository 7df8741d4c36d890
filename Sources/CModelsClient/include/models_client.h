// libmodels-client: the Models API of Pieces OS from C and C++, through the Models Gateway.
//
//     models_error *error = NULL;
//     models_client *client = models_client_new(NULL, &error);
//     models_list *list = models_snapshot(client, NULL, &error);
//     if (!list) fprintf(stderr, "%s\n", models_error_message(error));
//
// What is handed out as a pointer without `const` is the caller's, and is freed with the function that says so:
// messages with models_free, errors with models_error_free, calls with models_call_free, the client with
// models_client_free. Nothing frees itself, and NULL may be freed anywhere.
//
// A client is used by one thread at a time; models_call_cancel alone may come from any. A client that finds another
// thread inside of it answers MODELS_FAILED_PRECONDITION. There are no threads, locks, signals or global variables in
// this library.
//
// Where a function takes a models_error **, it may be NULL; it is written only when the function fails.
#ifndef MODELS_CLIENT_H
#define MODELS_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "pieces/models/v1/models.pb-c.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MODELS_CLIENT_VERSION "0.1.0"

// The messages are what protoc-c generates, and so are the functions to make them (such as
// PIECES__MODELS__V1__SEEDED_MODEL__INIT).
typedef Pieces__Models__V1__Model models_model;
typedef Pieces__Models__V1__Models models_list;
typedef Pieces__Models__V1__SeededModel models_seed;
typedef Pieces__Models__V1__ModelDeleteCacheOutput models_cache_output;

typedef struct models_client models_client;
typedef struct models_call models_call;
typedef struct models_error models_error;

// How a call ended, as in gRPC.
typedef enum {
    MODELS_OK = 0,
    MODELS_CANCELLED = 1,
    MODELS_UNKNOWN = 2,
    MODELS_INVALID_ARGUMENT = 3,
    MODELS_DEADLINE_EXCEEDED = 4,
    MODELS_NOT_FOUND = 5,
    MODELS_ALREADY_EXISTS = 6,
    MODELS_PERMISSION_DENIED = 7,
    MODELS_RESOURCE_EXHAUSTED = 8,
    MODELS_FAILED_PRECONDITION = 9,
    MODELS_ABORTED = 10,
    MODELS_OUT_OF_RANGE = 11,
    MODELS_UNIMPLEMENTED = 12,
    MODELS_INTERNAL = 13,
    MODELS_UNAVAILABLE = 14,
    MODELS_DATA_LOSS = 15,
    MODELS_UNAUTHENTICATED = 16
} models_code;

// --- Options. Begin with the _INIT; `struct_size` lets them grow in later versions.

typedef struct {
    size_t struct_size;
    // The gateway's socket. NULL: $MODELS_GATEWAY_SOCKET, else $XDG_RUNTIME_DIR/models-gateway/gateway.sock, else
    // /tmp/models-gateway-UID/gateway.sock.
    const char *path;
    // A connected stream socket to use in place of a path: taken over and closed by the client, and never connected
    // again. 0 and -1: none. It stays the caller's when models_client_new fails.
    int descriptor;
    // Of calls that bring none. 0: 30 s; negative: none.
    int64_t timeout_ms;
    // Where all memory comes from; the struct is copied. NULL: malloc and free.
    const ProtobufCAllocator *allocator;
} models_options;

#define MODELS_OPTIONS_INIT { sizeof(models_options), NULL, -1, 0, NULL }

typedef struct {
    size_t struct_size;
    // 0: the client's; negative: none.
    int64_t timeout_ms;
    // key, value, key, value, ..., NULL. The gateway passes `application`, `x-application-id`, `traceparent` and
    // `tracestate` on to Pieces OS, and refuses what cannot be an HTTP header (MODELS_INVALID_ARGUMENT).
    const char *const *metadata;
} models_call_options;

#define MODELS_CALL_OPTIONS_INIT { sizeof(models_call_options), 0, NULL }

// --- The client. It connects at the first call, and again by itself when the connection was lost: the gateway may
// restart between two calls. After fork, the child's first call opens a connection of its own.

// `options` NULL: the defaults. NULL with an error when an option cannot be used, or descriptors or memory are short.
models_client *models_client_new(const models_options *options, models_error **error);

// Calls in flight end with MODELS_CANCELLED, and their `done` is called. Messages, errors and calls live on until they
// are freed themselves.
void models_client_free(models_client *client);

// --- Calls that wait for their answer: at most a second longer than their timeout, also while the gateway is stopped.
// `options` NULL: the defaults. NULL or -1 is a failure; then `error` says why.

models_list *models_snapshot(models_client *client, const models_call_options *options, models_error **error);
// `seed` NULL: the request goes to Pieces OS without a body.
models_model *models_create(models_client *client, const models_seed *seed, const models_call_options *options,
                            models_error **error);
int models_delete(models_client *client, const char *id, const models_call_options *options, models_error **error);
models_cache_output *models_delete_cache(models_client *client, const char *id, const models_call_options *options,
                                         models_error **error);
int models_unload(models_client *client, const models_call_options *options, models_error **error);

// A snapshot of any size in parts. The timeout is that of the whole stream. Other calls may be made between two parts.
models_call *models_stream(models_client *client, const models_call_options *options, models_error **error);
// The next part, or NULL: with an error, or without one at the end. `call` has to be one of models_stream.
models_list *models_stream_next(models_call *call, models_error **error);

// Frees any message that this library has handed out, also after its client.
void models_free(void *message);

// A moment, for models_seed.created.
Pieces__Models__V1__Timestamp models_timestamp(int64_t seconds, int32_t nanos);

// --- Calls for an event loop: poll the descriptor for the events, at most for the timeout, then process.

// Called inside models_client_process and models_client_free, exactly once a call: with a message (the receiver's, to
// be freed with models_free; one without fields where the RPC has nothing to say) or an error (lent until `done`
// returns). A stream's is called for each part, and once more with an error, or with neither at the end. It may make,
// cancel and free calls, and free the client; not process.
typedef void models_done(models_call *call, ProtobufCMessage *message, const models_error *error, void *context);

// `method` is the RPC's name, such as "ModelsSnapshot"; `request` its request, NULL for an empty one, not needed any
// longer when this returns. What cannot be sent at all is an error here, and `done` is not called; whatever happens
// later, `done` is told.
//
// An RPC that this library does not know goes by its name in full, such as "pieces.gateway.v1.Control/Status". Its
// request may be any message. Its answers are of the type Pieces__Models__V1__Empty, and have what they say in their
// unknown fields: protobuf_c_message_pack gives the bytes, for whoever has the generated code. The other way round, any
// request may be an Empty that was unpacked from the request's bytes.
models_call *models_begin(models_client *client, const char *method, const ProtobufCMessage *request,
                          const models_call_options *options, models_done *done, void *context, models_error **error);

// From any thread, but not at the same time as models_call_free of this call. The call ends with MODELS_CANCELLED,
// unless its answer is there already, and the gateway is told to end it.
void models_call_cancel(models_call *call);

// A call that has not ended is cancelled, without its `done`.
void models_call_free(models_call *call);

// The number is the same for the client's whole life.
int models_client_get_descriptor(const models_client *client);
// What to poll the descriptor for: POLLIN.
short models_client_get_events(const models_client *client);
// In milliseconds, as poll takes it: -1 for ever. Ask again after each call that was begun, and each
// models_client_process.
int models_client_get_timeout(const models_client *client);
// Reads what is there, then looks at deadlines, writes what can be written, and calls `done`. Never waits. 0, or -1
// with an error when the connection was lost or could not be made: every call in flight has had its `done` with
// MODELS_UNAVAILABLE, but snapshots that are asked again. The client goes on: the next call connects.
int models_client_process(models_client *client, models_error **error);

// --- Errors

models_code models_error_code(const models_error *error);
// For people: what is wrong, and what to do.
const char *models_error_message(const models_error *error);
// For programs, such as "UPSTREAM_UNREACHABLE"; "" without one.
const char *models_error_reason(const models_error *error);
// `operation`, `http_status`, `request_sent`, `hint`; NULL without it.
const char *models_error_metadata(const models_error *error, const char *key);
// 0 when Pieces OS has certainly not seen the call, so that it can be made again; 1 when it may have.
int models_error_was_sent(const models_error *error);
void models_error_free(models_error *error);

// Such as "NOT_FOUND".
const char *models_code_name(models_code code);

// Of the library that is loaded; MODELS_CLIENT_VERSION is that of the header.
const char *models_client_version(void);

#ifdef __cplusplus
}
#endif

#endif
