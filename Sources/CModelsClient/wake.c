// How a cancel from another thread is seen at once.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "internal.h"

mc_wake *mc_make_wake(const ProtobufCAllocator *allocator) {
    mc_wake *wake = mc_allocate(allocator, sizeof *wake);
    if (!wake) return NULL;
    *wake = (mc_wake){.allocator = *allocator, .process = getpid()};
    atomic_init(&wake->references, 1);
    wake->descriptor = mc_above_standard(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (wake->descriptor >= 0) return wake;
    mc_release(allocator, wake);
    return NULL;
}

void mc_hold_wake(mc_wake *wake) {
    atomic_fetch_add(&wake->references, 1);
}

void mc_drop_wake(mc_wake *wake) {
    if (atomic_fetch_sub(&wake->references, 1) > 1) return;
    close(wake->descriptor);
    ProtobufCAllocator allocator = wake->allocator;
    mc_release(&allocator, wake);
}

// A child has this descriptor in common with its parent, who is not to be woken.
void mc_ring(mc_wake *wake) {
    if (wake->process != getpid()) return;
    int before = errno;
    ssize_t written = write(wake->descriptor, &(uint64_t){1}, sizeof(uint64_t));
    (void)written;  // It fails only when it is ringing already.
    errno = before;
}

void mc_silence(mc_wake *wake) {
    uint64_t count;
    ssize_t got = read(wake->descriptor, &count, sizeof count);
    (void)got;
}
