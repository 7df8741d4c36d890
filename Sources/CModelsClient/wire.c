// The envelopes, by hand: what protobuf-c would make of them needs google's and ttrpc's generated code, whose symbols
// would be in the way of a program that has its own.
//
// A frame is a header of ten bytes and then data. Numbers are big-endian.
//
//     0        4            8       9        10
//     | length | stream id  | type  | flags  | data, `length` bytes (at most 4 MiB)
//
// The data of a request is a ttrpc.Request, that of a response a ttrpc.Response, that of a data frame a message.

#include <string.h>

#include "internal.h"

uint32_t mc_read_u32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void mc_write_u32(uint8_t *bytes, uint32_t value) {
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

// --- Reading

static bool read_varint(mc_reader *reader, uint64_t *value) {
    *value = 0;
    for (unsigned shift = 0; shift < 70 && reader->next < reader->end; shift += 7) {
        uint8_t byte = *reader->next++;
        if (shift < 64) *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

static bool read_bytes(mc_reader *reader, uint64_t length, mc_reader *bytes) {
    if (length > (size_t)(reader->end - reader->next)) return false;
    *bytes = (mc_reader){reader->next, reader->next + length};
    reader->next += length;
    return true;
}

int mc_read_field(mc_reader *reader, mc_field *field) {
    uint64_t tag, length;
    if (reader->next == reader->end) return 0;
    if (!read_varint(reader, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX >> 3) return -1;
    *field = (mc_field){.number = (uint32_t)(tag >> 3), .type = tag & 7};
    bool is_good = false;
    switch (field->type) {
        case 0: is_good = read_varint(reader, &field->value); break;
        case 1: is_good = read_bytes(reader, 8, &field->bytes); break;
        case 2: is_good = read_varint(reader, &length) && read_bytes(reader, length, &field->bytes); break;
        case 5: is_good = read_bytes(reader, 4, &field->bytes); break;
    }
    return is_good ? 1 : -1;
}

// --- Writing

static void put_varint(mc_writer *writer, uint64_t value) {
    do {
        uint8_t byte = (uint8_t)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));
        if (writer->next) *writer->next++ = byte;
        writer->length++;
        value >>= 7;
    } while (value > 0);
}

void mc_write_varint(mc_writer *writer, uint32_t number, uint64_t value) {
    put_varint(writer, (uint64_t)number << 3);
    put_varint(writer, value);
}

void mc_write_tag(mc_writer *writer, uint32_t number, size_t length) {
    put_varint(writer, (uint64_t)number << 3 | 2);
    put_varint(writer, length);
}

void mc_write_bytes(mc_writer *writer, uint32_t number, const void *bytes, size_t length) {
    mc_write_tag(writer, number, length);
    if (writer->next && length > 0) {
        memcpy(writer->next, bytes, length);
        writer->next += length;
    }
    writer->length += length;
}
