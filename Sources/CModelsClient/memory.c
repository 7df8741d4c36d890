#include <stdlib.h>
#include <string.h>

#include "internal.h"

// A message may unpack to so much; 2 bytes in a frame can become 300.
static const size_t LARGEST_MESSAGE = (size_t)256 << 20;

// In front of a message that is handed out. The allocator itself is copied: what it points to may be gone by then.
typedef union {
    ProtobufCAllocator allocator;
    max_align_t alignment;
} message_header;

// An allocator for one message: the first block that is asked for is the message itself, and gets the header.
typedef struct {
    ProtobufCAllocator base;
    const ProtobufCAllocator *outer;
    void *message;
    size_t room;
} message_allocator;

static void *allocate_with_malloc(void *data, size_t size) {
    (void)data;
    return malloc(size);
}

static void release_with_free(void *data, void *block) {
    (void)data;
    free(block);
}

ProtobufCAllocator mc_allocator(const ProtobufCAllocator *given) {
    return given ? *given : (ProtobufCAllocator){allocate_with_malloc, release_with_free, NULL};
}

void *mc_allocate(const ProtobufCAllocator *allocator, size_t size) {
    return allocator->alloc(allocator->allocator_data, size);
}

void mc_release(const ProtobufCAllocator *allocator, void *block) {
    if (block) allocator->free(allocator->allocator_data, block);
}

char *mc_copy_text(const ProtobufCAllocator *allocator, const char *text) {
    char *copy = mc_allocate(allocator, strlen(text) + 1);
    return copy ? strcpy(copy, text) : NULL;
}

static void *allocate_for_message(void *data, size_t size) {
    message_allocator *self = data;
    if (size > self->room) return NULL;
    self->room -= size;
    if (self->message) return mc_allocate(self->outer, size);
    message_header *header = mc_allocate(self->outer, sizeof *header + size);
    if (!header) return NULL;
    header->allocator = *self->outer;
    return self->message = header + 1;
}

static void release_for_message(void *data, void *block) {
    message_allocator *self = data;
    if (block && block == self->message) block = (message_header *)block - 1;
    mc_release(self->outer, block);
}

static message_allocator for_message(const ProtobufCAllocator *outer, void *message) {
    return (message_allocator){.base = {allocate_for_message, release_for_message, NULL},
                               .outer = outer, .message = message, .room = LARGEST_MESSAGE};
}

ProtobufCMessage *mc_unpack(const ProtobufCAllocator *allocator, const ProtobufCMessageDescriptor *type, size_t length,
                            const uint8_t *bytes, models_error **error) {
    message_allocator inside = for_message(allocator, NULL);
    inside.base.allocator_data = &inside;
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &inside.base, length, bytes);
    if (!message)
        *error = mc_error(allocator, MODELS_INTERNAL, "",
                          "The gateway's answer of %zu bytes is no %s, or too large for memory.", length, type->name);
    return message;
}

void models_free(void *message) {
    if (!message) return;
    ProtobufCAllocator outer = ((message_header *)message - 1)->allocator;
    message_allocator inside = for_message(&outer, message);
    inside.base.allocator_data = &inside;
    protobuf_c_message_free_unpacked(message, &inside.base);
}
