// A call's life after its beginning: found by its stream id, ended once, freed.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

// The gateway ends a call at its deadline too, and knows more about it: its answer is waited for so long.
enum { GRACE_MS = 20 };
static const size_t LARGEST_UNREAD = (size_t)64 << 20;

static models_call **bucket_of(models_client *client, uint32_t stream_id) {
    return &client->buckets[stream_id / 2 % MC_BUCKETS];
}

models_call *mc_find_call(models_client *client, uint32_t stream_id) {
    models_call *call = *bucket_of(client, stream_id);
    while (call && call->stream_id != stream_id) call = call->next_of_bucket;
    return call;
}

void mc_put_off(models_call *call) {
    if (call->deadline != INT64_MAX) call->deadline += GRACE_MS;
    call->has_grace = true;
}

// --- Parts

bool mc_add_part(models_call *call, mc_reader payload) {
    size_t length = (size_t)(payload.end - payload.next), size = sizeof(mc_part) + length;
    mc_part *part = call->client->unread + size <= LARGEST_UNREAD ? mc_allocate(&call->allocator, size) : NULL;
    if (!part) return false;
    *part = (mc_part){.length = length};
    if (length > 0) memcpy(part->bytes, payload.next, length);
    if (call->last_part) call->last_part->next = part;
    else call->first_part = part;
    call->last_part = part;
    call->client->unread += size;
    return true;
}

static mc_part *remove_part(models_call *call) {
    mc_part *part = call->first_part;
    if (!part) return NULL;
    call->first_part = part->next;
    if (!part->next) call->last_part = NULL;
    if (call->client) call->client->unread -= sizeof *part + part->length;
    return part;
}

ProtobufCMessage *mc_take_part(models_call *call, models_error **error) {
    mc_part *part = remove_part(call);
    ProtobufCMessage *message = mc_unpack(&call->allocator, call->method->answer, part->length, part->bytes, error);
    mc_release(&call->allocator, part);
    return message;
}

void mc_drop_parts(models_call *call) {
    for (mc_part *part; (part = remove_part(call));) mc_release(&call->allocator, part);
}

// --- The end

models_error *mc_call_error(const models_call *call, models_code code, const char *reason, const char *format, ...) {
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    mc_error_parts parts = {
        .code = code, .was_sent = call->was_sent, .message = mc_text_of(message), .reason = mc_text_of(reason),
        .pair_count = 2, .keys = {mc_text_of("operation"), mc_text_of("request_sent")},
        .values = {mc_text_of(call->method->name), mc_text_of(call->was_sent ? "true" : "false")},
    };
    return mc_make_error(&call->allocator, &parts);
}

static void forget_request(models_call *call) {
    mc_frame *frame = call->request;
    call->request = NULL;
    if (!frame) return;
    frame->call = NULL;
    // What has begun to go out has to go out whole.
    if (call->is_queued && frame->written > 0) return;
    if (call->is_queued) mc_unqueue(call->client, frame);
    mc_release(&call->allocator, frame);
}

void mc_file(models_call *call) {
    models_call **bucket = bucket_of(call->client, call->stream_id);
    call->next_of_bucket = *bucket;
    *bucket = call;
    call->client->waiting--;
    call->client->in_flight++;
}

void mc_forget_stream(models_call *call) {
    models_call **link = bucket_of(call->client, call->stream_id);
    while (*link != call) link = &(*link)->next_of_bucket;
    *link = call->next_of_bucket;
    call->client->in_flight--;
}

void mc_end(models_call *call, models_error *error) {
    models_client *client = call->client;
    if (call->stream_id != 0) mc_forget_stream(call);
    else client->waiting--;
    if (client->waiting + client->in_flight == 0) client->earliest_deadline = INT64_MAX;
    forget_request(call);
    call->has_ended = true;
    call->error = error;
    if (call->done) mc_mark_ready(call);
}

void mc_abandon(models_call *call, models_error *error) {
    models_client *client = call->client;
    uint32_t stream_id = call->was_sent ? call->stream_id : 0;
    mc_end(call, error);
    if (stream_id == 0 || client->socket < 0) return;
    // Without memory for it the call ends at its deadline.
    mc_frame *cancel = mc_make_cancel(&client->allocator, stream_id);
    if (cancel) mc_queue(client, cancel);
}

void mc_change_end(models_call *call, models_error *error) {
    if (!call->has_ended) {
        mc_abandon(call, error);
        return;
    }
    models_error_free(call->error);
    call->error = error;
}

void mc_heed_cancel(models_call *call) {
    if (!atomic_load(&call->is_cancelled) || call->was_told) return;
    if (call->has_ended && (call->error || !call->method->is_stream)) return;
    mc_drop_parts(call);
    mc_change_end(call, mc_call_error(call, MODELS_CANCELLED, "CANCELLED", "%s was cancelled.", call->method->name));
}

void mc_mark_ready(models_call *call) {
    models_client *client = call->client;
    if (call->is_ready) return;
    call->is_ready = true;
    call->next_ready = NULL;
    if (client->last_ready) client->last_ready->next_ready = call;
    else client->first_ready = call;
    client->last_ready = call;
}

void mc_unlink_ready(models_call *call) {
    models_client *client = call->client;
    models_call *before = NULL;
    if (!call->is_ready) return;
    for (models_call *other = client->first_ready; other != call; other = other->next_ready) before = other;
    if (before) before->next_ready = call->next_ready;
    else client->first_ready = call->next_ready;
    if (client->last_ready == call) client->last_ready = before;
    call->is_ready = false;
}

void models_call_cancel(models_call *call) {
    if (!call) return;
    atomic_store(&call->is_cancelled, true);
    mc_ring(call->wake);
}

static void unlink_call(models_client *client, models_call *call) {
    if (call->previous) call->previous->next = call->next;
    else client->first_call = call->next;
    if (call->next) call->next->previous = call->previous;
    else client->last_call = call->previous;
}

void mc_release_call(models_call *call) {
    models_client *client = call->client;
    mc_drop_parts(call);
    if (client) {
        mc_unlink_ready(call);
        unlink_call(client, call);
    }
    models_error_free(call->error);
    mc_drop_wake(call->wake);
    ProtobufCAllocator allocator = call->allocator;
    mc_release(&allocator, call->other_text);
    mc_release(&allocator, call);
}

void models_call_free(models_call *call) {
    if (!call) return;
    models_client *client = call->client;
    // From a wrong thread its memory is lost, and not what the other is in the middle of.
    if (client && !mc_enter(client, NULL)) return;
    call->done = NULL;
    call->is_freed = true;
    if (client && !call->has_ended) {
        mc_abandon(call, NULL);
        mc_pump(client);
    }
    if (call->being_told == 0) mc_release_call(call);
    if (client) mc_leave(client);
}
