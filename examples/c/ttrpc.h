// A client for ttrpc 1.2 on protobuf-c: calls over a Unix socket, one at a time.
#ifndef TTRPC_H
#define TTRPC_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

// Why a call failed. With a code (one of gRPC's) the server said so, and the connection lives on. Code 0 is a failure
// on this side or in between, and the end of the connection.
typedef struct {
    int code;
    char reason[64];
    char message[4200];
} ttrpc_error;

typedef struct {
    int socket;
    uint32_t stream_id;
    const ProtobufCMethodDescriptor *method;
    bool stream_ended;
    // Goes out with every call; 0: the server's own deadline counts.
    int64_t timeout_nano;
    ttrpc_error error;
} ttrpc_client;

// All of these return false on failure, and client->error says why. Messages that they hand out are freed with
// protobuf_c_message_free_unpacked.

bool ttrpc_connect(ttrpc_client *client, const char *path);

// One request, one response.
bool ttrpc_call(ttrpc_client *client, const ProtobufCServiceDescriptor *service, const char *method,
                const ProtobufCMessage *request, ProtobufCMessage **response);

// One request, then messages until ttrpc_next hands out NULL.
bool ttrpc_start(ttrpc_client *client, const ProtobufCServiceDescriptor *service, const char *method,
                 const ProtobufCMessage *request);
bool ttrpc_next(ttrpc_client *client, ProtobufCMessage **message);

void ttrpc_close(ttrpc_client *client);

const char *ttrpc_code_name(int code);

#endif
