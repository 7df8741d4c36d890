// Connections with calls in flight: asks, reads the answers, checks each and measures how long it took.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "control.h"
#include "histogram.h"
#include "protocol.h"
#include "reference.h"

enum pace {
    PACE_STEADY,     // an answer is followed by the next question
    PACE_WAVES,      // all ask at once, and again when all have their answers
    PACE_STAGGERED,  // every call waits a random time before it asks again, up to a limit
};

struct load {
    const struct protocol *protocol;
    const char *path;  // of a Unix socket; if NULL, `port` of 127.0.0.1
    int port;
    unsigned connections, in_flight;  // in_flight: for each connection
    enum pace pace;
    uint64_t longest_pause_ns;        // of PACE_STAGGERED
    struct control *control;          // NULL: nothing is known of the upstream
    struct reference reference;

    // Counted until they are reset.
    struct histogram latencies;
    uint64_t errors;  // answers that are not what they must be
    uint64_t stale;   // answers made for a request that the upstream had before the question
};

// A new connection, blocking. Ends the program with a sentence if that fails.
int connect_to(const struct load *load);

// Makes one call alone and keeps its answer as the reference.
void read_reference(struct load *load, size_t different);

// Opens the connections and asks.
void start_calls(struct load *load);

// Works until `until`, and longer if fewer than `calls` answers have been counted by then.
void run_calls(struct load *load, uint64_t until, uint64_t calls);

// Lets what is in flight come to its end and closes the connections.
void finish_calls(struct load *load);

uint64_t now(void);
