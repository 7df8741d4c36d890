#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

// One block: the texts, each with a NUL, stand behind it.
struct models_error {
    ProtobufCAllocator allocator;
    models_code code;
    bool was_sent;
    const char *message, *reason;
    size_t pair_count;
    const char *keys[MC_LARGEST_METADATA], *values[MC_LARGEST_METADATA];
};

// What is said when there is no memory to say it in. It is never written to, and freeing it does nothing.
static const models_error no_memory = {
    .code = MODELS_RESOURCE_EXHAUSTED, .message = "There is no memory left for this call.", .reason = ""};

models_error *mc_out_of_memory(void) {
    return (models_error *)&no_memory;
}

mc_text mc_text_of(const char *text) {
    return (mc_text){text, strlen(text)};
}

static const char *append(char **end, mc_text text) {
    char *start = *end;
    if (text.length > 0) memcpy(start, text.start, text.length);
    start[text.length] = 0;
    *end = start + text.length + 1;
    return start;
}

models_error *mc_make_error(const ProtobufCAllocator *allocator, const mc_error_parts *parts) {
    size_t size = sizeof(models_error) + parts->message.length + 1 + parts->reason.length + 1;
    for (size_t i = 0; i < parts->pair_count; i++) size += parts->keys[i].length + 1 + parts->values[i].length + 1;
    models_error *error = mc_allocate(allocator, size);
    if (!error) return mc_out_of_memory();

    char *end = (char *)(error + 1);
    error->allocator = *allocator;
    error->code = parts->code;
    error->was_sent = parts->was_sent;
    error->message = append(&end, parts->message);
    error->reason = append(&end, parts->reason);
    error->pair_count = parts->pair_count;
    for (size_t i = 0; i < parts->pair_count; i++) {
        error->keys[i] = append(&end, parts->keys[i]);
        error->values[i] = append(&end, parts->values[i]);
    }
    return error;
}

models_error *mc_copy_error(const ProtobufCAllocator *allocator, const models_error *error) {
    mc_error_parts parts = {.code = error->code, .was_sent = error->was_sent, .message = mc_text_of(error->message),
                            .reason = mc_text_of(error->reason), .pair_count = error->pair_count};
    for (size_t i = 0; i < error->pair_count; i++) {
        parts.keys[i] = mc_text_of(error->keys[i]);
        parts.values[i] = mc_text_of(error->values[i]);
    }
    return mc_make_error(allocator, &parts);
}

models_error *mc_error(const ProtobufCAllocator *allocator, models_code code, const char *reason, const char *format,
                       ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mc_error_parts parts = {.code = code, .message = mc_text_of(message), .reason = mc_text_of(reason)};
    return mc_make_error(allocator, &parts);
}

void mc_give_error(models_error **receiver, models_error *error) {
    if (receiver) *receiver = error;
    else models_error_free(error);
}

models_code models_error_code(const models_error *error) {
    return error ? error->code : MODELS_OK;
}

const char *models_error_message(const models_error *error) {
    return error ? error->message : "";
}

const char *models_error_reason(const models_error *error) {
    return error ? error->reason : "";
}

const char *models_error_metadata(const models_error *error, const char *key) {
    for (size_t i = 0; error && key && i < error->pair_count; i++)
        if (strcmp(error->keys[i], key) == 0) return error->values[i];
    return NULL;
}

int models_error_was_sent(const models_error *error) {
    return error && error->was_sent;
}

void models_error_free(models_error *error) {
    if (!error || error == &no_memory) return;
    ProtobufCAllocator allocator = error->allocator;
    mc_release(&allocator, error);
}

const char *models_code_name(models_code code) {
    static const char *const names[] = {
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    };
    return (unsigned)code < sizeof names / sizeof names[0] ? names[code] : "UNKNOWN";
}
