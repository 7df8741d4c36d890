// What goes out: requests, and the cancels of requests.

#include <string.h>

#include "internal.h"

static void write_text(mc_writer *writer, uint32_t number, const char *text) {
    mc_write_bytes(writer, number, text, strlen(text));
}

// ttrpc.KeyValue {string key = 1; string value = 2;}
static void write_pair(mc_writer *writer, const char *key, const char *value) {
    mc_writer count = {NULL, 0};
    write_text(&count, 1, key);
    write_text(&count, 2, value);
    mc_write_tag(writer, 5, count.length);
    writer->length += count.length;
    mc_writer inner = {writer->next, 0};
    if (!writer->next) return;
    write_text(&inner, 1, key);
    write_text(&inner, 2, value);
    writer->next = inner.next;
}

// ttrpc.Request {string service = 1; string method = 2; bytes payload = 3; int64 timeout_nano = 4;
//                repeated KeyValue metadata = 5;}
static void write_request(mc_writer *writer, const mc_method *method, const ProtobufCMessage *message,
                          size_t message_length, int64_t timeout_nano, const char *const *metadata) {
    write_text(writer, 1, method->service);
    write_text(writer, 2, method->name);
    if (message_length > 0) {
        mc_write_tag(writer, 3, message_length);
        if (writer->next) writer->next += protobuf_c_message_pack(message, writer->next);
        writer->length += message_length;
    }
    mc_write_varint(writer, 4, (uint64_t)timeout_nano);
    for (size_t i = 0; metadata && metadata[i]; i += 2) write_pair(writer, metadata[i], metadata[i + 1]);
}

// Without a timeout it is the longest there is, for 0 would be the gateway's own.
static int64_t nanoseconds(int64_t timeout_ms) {
    return timeout_ms < 0 || timeout_ms > INT64_MAX / 1000000 ? INT64_MAX : timeout_ms * 1000000;
}

static mc_frame *make_frame(const ProtobufCAllocator *allocator, size_t data_length) {
    mc_frame *frame = mc_allocate(allocator, sizeof *frame + MC_HEADER_LENGTH + data_length);
    if (!frame) return NULL;
    *frame = (mc_frame){.length = MC_HEADER_LENGTH + data_length};
    // The stream id comes when there is one.
    mc_write_u32(frame->bytes, (uint32_t)data_length);
    frame->bytes[8] = MC_REQUEST;
    frame->bytes[9] = MC_REMOTE_CLOSED;
    return frame;
}

mc_frame *mc_make_request(const ProtobufCAllocator *allocator, const mc_method *method, const ProtobufCMessage *message,
                          int64_t timeout_ms, const char *const *metadata, models_error **error) {
    mc_writer count = {NULL, 0};
    size_t message_length = message ? protobuf_c_message_get_packed_size(message) : 0;
    write_request(&count, method, message, message_length, nanoseconds(timeout_ms), metadata);
    if (count.length > MC_LARGEST_DATA) {
        *error = mc_error(allocator, MODELS_RESOURCE_EXHAUSTED, "FRAME_TOO_LARGE",
                          "The request of %s has %zu bytes, and at most %d can be sent.", method->name, count.length,
                          MC_LARGEST_DATA);
        return NULL;
    }
    mc_frame *frame = make_frame(allocator, count.length);
    if (!frame) {
        *error = mc_out_of_memory();
        return NULL;
    }
    mc_writer writer = {frame->bytes + MC_HEADER_LENGTH, 0};
    write_request(&writer, method, message, message_length, nanoseconds(timeout_ms), metadata);
    return frame;
}

static void write_cancel(mc_writer *writer, uint32_t cancelled_id) {
    uint8_t payload[8];
    mc_writer inner = {payload, 0};
    mc_write_varint(&inner, 1, cancelled_id);
    write_text(writer, 1, "pieces.gateway.v1.Control");
    write_text(writer, 2, "Cancel");
    mc_write_bytes(writer, 3, payload, inner.length);
}

mc_frame *mc_make_cancel(const ProtobufCAllocator *allocator, uint32_t cancelled_id) {
    mc_writer count = {NULL, 0};
    write_cancel(&count, cancelled_id);
    mc_frame *frame = make_frame(allocator, count.length);
    if (!frame) return NULL;
    mc_writer writer = {frame->bytes + MC_HEADER_LENGTH, 0};
    write_cancel(&writer, cancelled_id);
    return frame;
}
