#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"
#include "protocol.h"

static char request[PROTOCOL_REQUEST_MAX];
static size_t request_length, trace_offset;

static void prepare(const char *method, bool alone) {
    bool unload = !strcmp(method, "UnloadModels");
    int length = snprintf(request, sizeof request,
                          "%s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/plain\r\n%s%s\r\n",
                          unload ? "POST /models/unload" : "GET /models", unload ? "Content-Length: 0\r\n" : "",
                          alone ? "traceparent: " TRACEPARENT "\r\n" : "");
    request_length = (size_t)length;
    if (alone) trace_offset = (size_t)(strstr(request, TRACEPARENT) - request) + TRACE_OFFSET;
}

static size_t write_request(char *to, uint32_t id, uint64_t trace) {
    (void)id;
    memcpy(to, request, request_length);
    if (trace_offset) write_hex(to + trace_offset, TRACE_DIGITS, trace);
    return request_length;
}

// The length is given or the status is 204: neither the upstream nor a relay that keeps it says anything else.
static ssize_t read_head(const char *bytes, size_t count, uint32_t *id, size_t *length) {
    static const char end[] = "\r\n\r\n", field[] = "\r\nContent-Length: ";
    const char *found = memmem(bytes, count, end, sizeof end - 1);
    if (!found) return 0;
    size_t head = (size_t)(found - bytes) + sizeof end - 1;
    (void)id;
    *length = 0;
    if (!memcmp(bytes, "HTTP/1.1 204", 12)) return (ssize_t)head;
    if (memcmp(bytes, "HTTP/1.1 200", 12)) return -1;
    const char *value = memmem(bytes, head, field, sizeof field - 1);
    if (!value) return -1;
    *length = strtoul(value + sizeof field - 1, NULL, 10);
    return (ssize_t)head;
}

static const char *failure(const char *bytes, size_t length) {
    return length == 0 || bytes[0] == '{' ? NULL : "not a JSON object";
}

const struct protocol http = {false, prepare, write_request, read_head, failure};
