// The page of memory that upstream, load generator and scripts share: a file of this size, mapped by all of them. It is
// how the upstream is told what to answer without a request of its own, and how it says what it has seen without being
// asked. Every member is 64 bits in host order; measure/control.py has the same list.
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct control {
    // Written by the scripts.
    _Atomic uint64_t models;        // length of the list that GET /models answers
    _Atomic uint64_t different;     // so many models of the list are others in every answer, see catalogue.h
    _Atomic uint64_t latency_ns;    // between a request and the first byte of its answer
    _Atomic uint64_t bytes_per_ms;  // how fast a list made on the fly goes out; 0: as fast as it is taken

    // Written by the upstream.
    _Atomic uint64_t snapshots;    // GET /models received; a different body carries this number at its request
    _Atomic uint64_t posts;        // all POST received
    _Atomic uint64_t list_bytes;   // of lists made on the fly, handed to the kernel
    _Atomic uint64_t connections;  // accepted so far
};

// Maps `path`, which must exist and have the size of the page. Ends the program with a sentence if that fails.
struct control *map_control(const char *path);
