#include "reference.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

void find_serials(struct reference *reference, size_t different) {
    const char *end = reference->bytes + reference->length, *at = reference->bytes;
    size_t room = 0;
    while ((at = memmem(at, (size_t)(end - at), ID_MARKER, ID_MARKER_LENGTH))) {
        at += ID_MARKER_LENGTH;
        if (end - at < SERIAL_DIGITS) break;
        if (reference->serial_count == room) {
            room = room ? room * 2 : 64;
            reference->serials = realloc(reference->serials, room * sizeof *reference->serials);
            if (!reference->serials) err(1, "realloc");
        }
        reference->serials[reference->serial_count++] = (size_t)(at - reference->bytes);
    }
    size_t first = first_different(reference->serial_count, different);
    memmove(reference->serials, reference->serials + first, different * sizeof *reference->serials);
    reference->serial_count = different;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

void compare(struct comparison *comparison, const struct reference *reference, const char *bytes, size_t count) {
    if (count > reference->length - comparison->offset) {
        comparison->differs = true;
        return;
    }
    while (count) {
        size_t offset = comparison->offset, length = count;
        const char *expected = reference->bytes + offset;
        bool more = comparison->next_serial < reference->serial_count;
        size_t serial = more ? reference->serials[comparison->next_serial] : reference->length;
        if (offset < serial) {
            length = smaller(count, serial - offset);
        } else {
            length = smaller(count, serial + SERIAL_DIGITS - offset);
            expected = comparison->serial + (offset - serial);
            if (comparison->next_serial == 0) memcpy(comparison->serial + (offset - serial), bytes, length);
            if (offset + length == serial + SERIAL_DIGITS) comparison->next_serial++;
        }
        if (memcmp(bytes, expected, length)) comparison->differs = true;
        comparison->offset += length;
        bytes += length;
        count -= length;
    }
}

uint64_t serial_of(const struct comparison *comparison) {
    char digits[SERIAL_DIGITS + 1] = {0};
    memcpy(digits, comparison->serial, SERIAL_DIGITS);
    return strtoull(digits, NULL, 16);
}
