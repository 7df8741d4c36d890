// A frame is a header of ten bytes and then data. Numbers are big-endian.
//
//     0        4            8       9        10
//     | length | stream id  | type  | flags  | data, `length` bytes (at most 4 MiB)
//
// The data of a request is a ttrpc.Request, that of a response a ttrpc.Response, that of a data frame a message.

#include "ttrpc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "containerd/ttrpc/ttrpc.pb-c.h"
#include "google/rpc/error_details.pb-c.h"

enum { HEADER_LENGTH = 10, LARGEST_DATA = 4 << 20 };
enum { REQUEST = 1, RESPONSE = 2, DATA = 3 };
enum { REMOTE_CLOSED = 1, NO_DATA = 4 };

typedef struct {
    uint32_t length;
    uint8_t type, flags;
    uint8_t *data;
} ttrpc_frame;

// Ends the connection too: nobody can say which frame would come next.
static bool fail(ttrpc_client *client, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    client->error = (ttrpc_error){.code = 0};
    vsnprintf(client->error.message, sizeof client->error.message, format, arguments);
    va_end(arguments);
    ttrpc_close(client);
    return false;
}

bool ttrpc_connect(ttrpc_client *client, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    // The first stream id is this plus 2: 1.
    *client = (ttrpc_client){.socket = -1, .stream_id = UINT32_MAX};
    if (strlen(path) >= sizeof address.sun_path) return fail(client, "%s: too long for the path of a socket", path);
    strcpy(address.sun_path, path);
    client->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->socket < 0 || connect(client->socket, (struct sockaddr *)&address, sizeof address) != 0)
        return fail(client, "%s: %s", path, strerror(errno));
    return true;
}

static bool send_all(ttrpc_client *client, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        // Without MSG_NOSIGNAL a server that has gone would end this process with SIGPIPE.
        ssize_t sent = send(client->socket, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return fail(client, "cannot send: %s", strerror(errno));
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

static bool receive_all(ttrpc_client *client, uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t received = recv(client->socket, bytes, count, 0);
        if (received < 0 && errno == EINTR) continue;
        if (received < 0) return fail(client, "cannot receive: %s", strerror(errno));
        if (received == 0) return fail(client, "the server closed the connection in the middle of a call");
        bytes += received;
        count -= (size_t)received;
    }
    return true;
}

bool ttrpc_start(ttrpc_client *client, const ProtobufCServiceDescriptor *service, const char *method,
                 const ProtobufCMessage *message) {
    client->method = protobuf_c_service_descriptor_get_method_by_name(service, method);
    if (!client->method) return fail(client, "%s has no method %s", service->name, method);
    client->stream_id += 2;
    client->stream_ended = false;

    // Buffers of protobuf-c, which grow on the heap when what is here is not enough.
    uint8_t payload_space[1024], frame_space[1024];
    ProtobufCBufferSimple payload = PROTOBUF_C_BUFFER_SIMPLE_INIT(payload_space);
    ProtobufCBufferSimple frame = PROTOBUF_C_BUFFER_SIMPLE_INIT(frame_space);
    protobuf_c_message_pack_to_buffer(message, &payload.base);
    Ttrpc__Request request = TTRPC__REQUEST__INIT;
    request.service = (char *)service->name;
    request.method = (char *)method;
    request.payload = (ProtobufCBinaryData){payload.len, payload.data};
    request.timeout_nano = client->timeout_nano;

    size_t length = ttrpc__request__get_packed_size(&request);
    uint32_t numbers[] = {htonl((uint32_t)length), htonl(client->stream_id)};
    protobuf_c_buffer_simple_append(&frame.base, sizeof numbers, (const uint8_t *)numbers);
    protobuf_c_buffer_simple_append(&frame.base, 2, (const uint8_t[]){REQUEST, REMOTE_CLOSED});
    ttrpc__request__pack_to_buffer(&request, &frame.base);
    bool ok = length <= LARGEST_DATA ? send_all(client, frame.data, frame.len)
                                     : fail(client, "the request is longer than %d bytes", LARGEST_DATA);
    PROTOBUF_C_BUFFER_SIMPLE_CLEAR(&frame);
    PROTOBUF_C_BUFFER_SIMPLE_CLEAR(&payload);
    return ok;
}

static bool receive_frame(ttrpc_client *client, ttrpc_frame *frame) {
    uint8_t header[HEADER_LENGTH];
    uint32_t numbers[2];
    if (!receive_all(client, header, sizeof header)) return false;
    memcpy(numbers, header, sizeof numbers);
    uint32_t stream_id = ntohl(numbers[1]);
    *frame = (ttrpc_frame){.length = ntohl(numbers[0]), .type = header[8], .flags = header[9]};
    if (frame->length > LARGEST_DATA)
        return fail(client, "the server sent a frame of %u bytes, %d are allowed", frame->length, LARGEST_DATA);
    if (stream_id != client->stream_id)
        return fail(client, "the server sent a frame for stream %u, expected %u", stream_id, client->stream_id);
    if (frame->type != RESPONSE && frame->type != DATA)
        return fail(client, "the server sent a frame of type %d", frame->type);
    frame->data = malloc(frame->length + 1);
    if (!frame->data) return fail(client, "out of memory");
    if (receive_all(client, frame->data, frame->length)) return true;
    free(frame->data);
    return false;
}

static bool unpack(ttrpc_client *client, size_t length, const uint8_t *data, ProtobufCMessage **message) {
    const ProtobufCMessageDescriptor *type = client->method->output;
    *message = protobuf_c_message_unpack(type, NULL, length, data);
    return *message || fail(client, "the server sent an answer that is no %s", type->name);
}

static void take_status(ttrpc_error *error, const Google__Rpc__Status *status) {
    *error = (ttrpc_error){.code = status->code};
    snprintf(error->message, sizeof error->message, "%s", status->message);
    for (size_t i = 0; i < status->n_details; i++) {
        const Google__Protobuf__Any *detail = status->details[i];
        if (strcmp(detail->type_url, "type.googleapis.com/google.rpc.ErrorInfo") != 0) continue;
        Google__Rpc__ErrorInfo *info = google__rpc__error_info__unpack(NULL, detail->value.len, detail->value.data);
        if (!info) continue;
        snprintf(error->reason, sizeof error->reason, "%s", info->reason);
        google__rpc__error_info__free_unpacked(info, NULL);
    }
}

// False if the response is an error. Inside a stream, where `message` is NULL, it cannot be anything else.
static bool open_response(ttrpc_client *client, const ttrpc_frame *frame, ProtobufCMessage **message) {
    Ttrpc__Response *response = ttrpc__response__unpack(NULL, frame->length, frame->data);
    if (!response) return fail(client, "the server sent a response that is no ttrpc.Response");
    bool ok = false;
    if (response->status && response->status->code != 0)
        take_status(&client->error, response->status);
    else if (message)
        ok = unpack(client, response->payload.len, response->payload.data, message);
    else
        fail(client, "the server sent a response without an error inside a stream");
    ttrpc__response__free_unpacked(response, NULL);
    return ok;
}

bool ttrpc_call(ttrpc_client *client, const ProtobufCServiceDescriptor *service, const char *method,
                const ProtobufCMessage *request, ProtobufCMessage **response) {
    ttrpc_frame frame;
    if (!ttrpc_start(client, service, method, request) || !receive_frame(client, &frame)) return false;
    bool ok = frame.type == RESPONSE ? open_response(client, &frame, response)
                                     : fail(client, "the server answered with a stream");
    free(frame.data);
    return ok;
}

bool ttrpc_next(ttrpc_client *client, ProtobufCMessage **message) {
    bool ok = true;
    *message = NULL;
    while (ok && !*message && !client->stream_ended) {
        ttrpc_frame frame;
        if (!receive_frame(client, &frame)) return false;
        client->stream_ended = frame.type == RESPONSE || (frame.flags & REMOTE_CLOSED);
        if (frame.type == RESPONSE)
            ok = open_response(client, &frame, NULL);
        else if (!(frame.flags & NO_DATA))
            ok = unpack(client, frame.length, frame.data, message);
        else if (frame.length > 0)
            ok = fail(client, "the server sent data in a frame that says it has none");
        free(frame.data);
    }
    return ok;
}

void ttrpc_close(ttrpc_client *client) {
    if (client->socket >= 0) close(client->socket);
    client->socket = -1;
}

const char *ttrpc_code_name(int code) {
    static const char *const names[] = {
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    };
    return code >= 0 && code <= 16 ? names[code] : "UNKNOWN";
}
