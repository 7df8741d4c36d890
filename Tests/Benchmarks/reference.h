// What every answer of a run must look like: the first answer, which was read alone before the run. Where answers
// differ on purpose, they may do so in the serial number of their models (catalogue.h) and in nothing else, and all
// models of one answer that differ must have the same.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"

struct reference {
    char *bytes;
    size_t length;
    size_t *serials, serial_count;  // offsets of serial numbers, rising; none if answers must be equal
};

// How far one answer has been compared. Starts zeroed.
struct comparison {
    size_t offset, next_serial;
    char serial[SERIAL_DIGITS];
    bool differs;
};

// Finds the places where answers may differ.
void find_serials(struct reference *reference, size_t different);

// Compares the next `count` bytes of an answer.
void compare(struct comparison *comparison, const struct reference *reference, const char *bytes, size_t count);

// The serial number of a whole answer.
uint64_t serial_of(const struct comparison *comparison);
