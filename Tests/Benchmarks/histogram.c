#include "histogram.h"

enum { STEP_BITS = 6 };
_Static_assert(HISTOGRAM_STEPS == 1 << STEP_BITS, "one bucket for every value of the bits below the highest");

// Values below HISTOGRAM_STEPS have a bucket each; above, every power of two is divided into HISTOGRAM_STEPS buckets.
static unsigned bucket_of(uint64_t value) {
    if (value < HISTOGRAM_STEPS) return (unsigned)value;
    unsigned shift = 63 - (unsigned)__builtin_clzll(value) - STEP_BITS;
    return (shift + 1) * HISTOGRAM_STEPS + (unsigned)(value >> shift) - HISTOGRAM_STEPS;
}

static uint64_t middle_of(unsigned bucket) {
    if (bucket < HISTOGRAM_STEPS) return bucket;
    unsigned shift = bucket / HISTOGRAM_STEPS - 1;
    uint64_t lowest = (uint64_t)(bucket % HISTOGRAM_STEPS + HISTOGRAM_STEPS) << shift;
    return lowest + ((uint64_t)1 << shift) / 2;
}

void record(struct histogram *histogram, uint64_t nanoseconds) {
    histogram->count++;
    histogram->buckets[bucket_of(nanoseconds)]++;
    if (nanoseconds > histogram->largest) histogram->largest = nanoseconds;
}

uint64_t percentile(const struct histogram *histogram, double fraction) {
    uint64_t wanted = (uint64_t)(fraction * (double)histogram->count), seen = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen > wanted) return middle_of(i);
    }
    return histogram->largest;
}
