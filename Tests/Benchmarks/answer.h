// One HTTP answer of the upstream: chosen from a request, then sent in as many steps as the socket needs.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "catalogue.h"
#include "control.h"

struct answer {
    struct iovec out[2];  // what is ready and not yet sent: head and body, or a slice of a list made on the fly
    char head[160];
    uint64_t serial;
    size_t different;  // models of `own` that have it
    struct body own;  // a body that differs is the connection's own: others may be on their way
    // A list made on the fly: what is ready of it, and the next model; one past the end when nothing is left to make.
    char *slice;
    size_t list_models, list_next;
};

enum progress {
    ANSWER_SENT,
    ANSWER_BLOCKED,  // until the socket is writable, or reports that it is broken
    ANSWER_PAUSED,   // for a millisecond: control->bytes_per_ms is used up
};

// Chooses what `request`, a whole HTTP request, is answered.
void choose_answer(struct answer *answer, struct control *control, const char *request);

enum progress send_answer(struct answer *answer, struct control *control, int fd);

void free_answer(struct answer *answer);
