// Latencies, counted in buckets that are at most 1/64 of their value wide.
#pragma once

#include <stdint.h>

enum { HISTOGRAM_STEPS = 64, HISTOGRAM_BUCKETS = HISTOGRAM_STEPS * 60 };

struct histogram {
    uint64_t count, largest;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

void record(struct histogram *histogram, uint64_t nanoseconds);

// The value that `fraction` of all values do not exceed.
uint64_t percentile(const struct histogram *histogram, double fraction);
