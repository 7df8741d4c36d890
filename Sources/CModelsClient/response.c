// What the gateway answers: a payload or an error.

#include <string.h>

#include "internal.h"

static mc_text text_of(mc_reader bytes) {
    size_t length = (size_t)(bytes.end - bytes.next);
    // What the program gets ends at a NUL, so that is where it is cut.
    const uint8_t *nul = length > 0 ? memchr(bytes.next, 0, length) : NULL;
    return (mc_text){(const char *)bytes.next, nul ? (size_t)(nul - bytes.next) : length};
}

static bool text_is(mc_text text, const char *other) {
    return text.length == strlen(other) && memcmp(text.start, other, text.length) == 0;
}

static bool read_metadata(mc_reader entry, mc_error_parts *parts) {
    mc_field field;
    mc_text key = {"", 0}, value = {"", 0};
    int more;
    while ((more = mc_read_field(&entry, &field)) > 0) {
        if (field.type != 2) continue;
        if (field.number == 1) key = text_of(field.bytes);
        if (field.number == 2) value = text_of(field.bytes);
    }
    if (parts->pair_count < MC_LARGEST_METADATA) {
        parts->keys[parts->pair_count] = key;
        parts->values[parts->pair_count++] = value;
    }
    return more == 0;
}

// google.rpc.ErrorInfo {string reason = 1; string domain = 2; map<string, string> metadata = 3;}
static bool read_error_info(mc_reader reader, mc_error_parts *parts) {
    mc_field field;
    int more;
    while ((more = mc_read_field(&reader, &field)) > 0) {
        if (field.type != 2) continue;
        if (field.number == 1) parts->reason = text_of(field.bytes);
        if (field.number == 3 && !read_metadata(field.bytes, parts)) return false;
    }
    return more == 0;
}

// google.protobuf.Any {string type_url = 1; bytes value = 2;}
static bool read_detail(mc_reader reader, mc_error_parts *parts) {
    mc_field field;
    mc_text type = {"", 0};
    mc_reader value = {NULL, NULL};
    int more;
    while ((more = mc_read_field(&reader, &field)) > 0) {
        if (field.type != 2) continue;
        if (field.number == 1) type = text_of(field.bytes);
        if (field.number == 2) value = field.bytes;
    }
    if (more < 0) return false;
    return !text_is(type, "type.googleapis.com/google.rpc.ErrorInfo") || read_error_info(value, parts);
}

// google.rpc.Status {int32 code = 1; string message = 2; repeated Any details = 3;}
static bool read_status(mc_reader reader, int32_t *code, mc_error_parts *parts) {
    mc_field field;
    int more;
    while ((more = mc_read_field(&reader, &field)) > 0) {
        if (field.number == 1 && field.type == 0) *code = (int32_t)field.value;
        if (field.number == 2 && field.type == 2) parts->message = text_of(field.bytes);
        if (field.number == 3 && field.type == 2 && !read_detail(field.bytes, parts)) return false;
    }
    return more == 0;
}

// Where the gateway does not say so in `request_sent`, the reason does. All others, and those that are not known here,
// mean that Pieces OS may have seen the call.
static bool may_have_been_sent(const mc_error_parts *parts) {
    static const char *const refusals[] = {
        "BAD_REQUEST", "UNKNOWN_METHOD", "POLICY_DENIED", "LIMIT_REACHED", "FRAME_TOO_LARGE", "SHUTTING_DOWN",
        "UPSTREAM_QUEUE_FULL", "UPSTREAM_UNREACHABLE",
    };
    for (size_t i = 0; i < parts->pair_count; i++)
        if (text_is(parts->keys[i], "request_sent")) return !text_is(parts->values[i], "false");
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (text_is(parts->reason, refusals[i])) return false;
    return true;
}

// ttrpc.Response {google.rpc.Status status = 1; bytes payload = 2;}
models_error *mc_read_response(const ProtobufCAllocator *allocator, mc_reader data, mc_reader *payload) {
    mc_error_parts parts = {.message = {"", 0}, .reason = {"", 0}};
    mc_field field;
    int32_t code = 0;
    int more;
    *payload = (mc_reader){NULL, NULL};
    while ((more = mc_read_field(&data, &field)) > 0) {
        if (field.type != 2) continue;
        if (field.number == 1 && !read_status(field.bytes, &code, &parts)) more = -1;
        if (field.number == 2) *payload = field.bytes;
        if (more < 0) break;
    }
    if (more < 0) {
        parts = (mc_error_parts){.code = MODELS_INTERNAL, .was_sent = true, .reason = {"", 0},
                                 .message = mc_text_of("The gateway's response is no ttrpc.Response.")};
        return mc_make_error(allocator, &parts);
    }
    if (code == 0) return NULL;
    parts.code = code >= MODELS_CANCELLED && code <= MODELS_UNAUTHENTICATED ? (models_code)code : MODELS_UNKNOWN;
    parts.was_sent = may_have_been_sent(&parts);
    return mc_make_error(allocator, &parts);
}
