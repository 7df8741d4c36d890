// The two ways in which the load generator asks: ttrpc (the gateway) and HTTP/1.1 (a relay, or the upstream itself).
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROTOCOL_REQUEST_MAX = 512, PROTOCOL_HEAD_MAX = 1024 };

struct protocol {
    bool pipelines;  // more than one call in flight on a connection

    // Prepares requests for UnloadModels or ModelsSnapshot; 'alone' gives each a traceparent of its own.
    void (*prepare)(const char *method, bool alone);

    // Writes the request for the call `id` of a connection and returns its length.
    size_t (*write_request)(char *to, uint32_t id, uint64_t trace);

    // Reads the head of an answer: the bytes it takes, 0 if there must be more, -1 if it is not what it should be. `id`
    // is set by a protocol that pipelines, `length` is that of what follows.
    ssize_t (*read_head)(const char *bytes, size_t count, uint32_t *id, size_t *length);

    // NULL if what follows the head is the answer of a call that succeeded, otherwise what it is.
    const char *(*failure)(const char *bytes, size_t length);
};

extern const struct protocol ttrpc, http;

// A traceparent as the W3C defines it, and where the digits stand that make it another one.
#define TRACEPARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"
enum { TRACEPARENT_LENGTH = sizeof TRACEPARENT - 1, TRACE_OFFSET = 36, TRACE_DIGITS = 16 };
