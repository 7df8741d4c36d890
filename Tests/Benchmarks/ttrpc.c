#include <endian.h>
#include <string.h>

#include "catalogue.h"
#include "protocol.h"

// Header of a frame: length (4 bytes, of what follows the header), stream id (4), type (1), flags (1).
enum { HEADER = 10, ID_OFFSET = 4, TYPE_OFFSET = 8, REQUEST = 1, RESPONSE = 2, REMOTE_CLOSED = 1 };

static char request[PROTOCOL_REQUEST_MAX];
static size_t request_length, trace_offset;

static char *write_string(char *to, int field, const char *text) {
    size_t length = strlen(text);
    *to++ = (char)(field << 3 | 2);
    *to++ = (char)length;  // all that is written here is shorter than 128 bytes
    memcpy(to, text, length);
    return to + length;
}

static void prepare(const char *method, bool alone) {
    static const char key[] = "traceparent";
    char *to = request + HEADER;
    to = write_string(to, 1, "pieces.models.v1.ModelsService");
    to = write_string(to, 2, method);
    if (alone) {
        *to++ = 5 << 3 | 2;
        *to++ = 2 + (sizeof key - 1) + 2 + TRACEPARENT_LENGTH;
        to = write_string(to, 1, key);
        to = write_string(to, 2, TRACEPARENT);
        trace_offset = (size_t)(to - request) - TRACEPARENT_LENGTH + TRACE_OFFSET;
    }
    request_length = (size_t)(to - request);
    uint32_t length = htobe32((uint32_t)(request_length - HEADER));
    memcpy(request, &length, sizeof length);
    request[TYPE_OFFSET] = REQUEST;
    request[TYPE_OFFSET + 1] = REMOTE_CLOSED;
}

static size_t write_request(char *to, uint32_t id, uint64_t trace) {
    memcpy(to, request, request_length);
    uint32_t bytes = htobe32(id);
    memcpy(to + ID_OFFSET, &bytes, sizeof bytes);
    if (trace_offset) write_hex(to + trace_offset, TRACE_DIGITS, trace);
    return request_length;
}

static ssize_t read_head(const char *bytes, size_t count, uint32_t *id, size_t *length) {
    if (count < HEADER) return 0;
    uint32_t fields[2];
    memcpy(fields, bytes, sizeof fields);
    *length = be32toh(fields[0]);
    *id = be32toh(fields[1]);
    return bytes[TYPE_OFFSET] == RESPONSE ? HEADER : -1;
}

// Response {Status status = 1; bytes payload = 2}, Status {int32 code = 1; string message = 2}.
static const char *failure(const char *bytes, size_t length) {
    if (length == 0 || bytes[0] == (2 << 3 | 2)) return NULL;
    if (length < 2 || bytes[0] != (1 << 3 | 2)) return "not a ttrpc response";
    bool has_code = length > 3 && bytes[1] > 0 && bytes[2] == 1 << 3;
    return has_code && bytes[3] != 0 ? "a status that is not OK" : NULL;
}

const struct protocol ttrpc = {true, prepare, write_request, read_head, failure};
