// One turn of the loop, and what it tells the program: here and nowhere else, so that a `done` may do nearly all.

#include <sys/epoll.h>

#include "internal.h"

// --- A turn

static void heed_cancels(models_client *client) {
    mc_silence(client->wake);
    for (models_call *call = client->first_call; call; call = call->next) mc_heed_cancel(call);
}

static void end_late(models_client *client) {
    int64_t now = mc_now();
    if (now < client->earliest_deadline) return;
    client->earliest_deadline = INT64_MAX;
    for (models_call *call = client->first_call; call; call = call->next) {
        if (call->has_ended) continue;
        if (now < call->deadline) {
            if (call->deadline < client->earliest_deadline) client->earliest_deadline = call->deadline;
        } else if (client->socket < 0 && client->retry_until > 0 && client->retry_reason != 0) {
            models_error *why = mc_cannot_connect(client, client->retry_reason);
            mc_end(call, mc_call_error(call, MODELS_UNAVAILABLE, "", "%s", models_error_message(why)));
            models_error_free(why);
        } else {
            mc_abandon(call, mc_call_error(call, MODELS_DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED",
                                           "The timeout of %s was over before its answer came.", call->method->name));
        }
    }
}

void mc_step(models_client *client, int wait_ms) {
    struct epoll_event events[2];
    int count = epoll_wait(client->epoll, events, 2, wait_ms);
    bool is_woken = false;
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == MC_WAKE) is_woken = true;
        else if (client->socket >= 0 && (events[i].events & ~(uint32_t)EPOLLOUT)) mc_receive(client);
    }
    // After what has been read: an answer that is there beats both.
    if (is_woken) heed_cancels(client);
    end_late(client);
    mc_pump(client);
}

int mc_wait(const models_client *client) {
    int64_t next = client->earliest_deadline;
    if (client->socket < 0 && client->waiting > 0 && client->retry_at < next) next = client->retry_at;
    if (next == INT64_MAX) return -1;
    int64_t left = next - mc_now();
    return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

// --- Telling

static ProtobufCMessage *take_part(models_call *call) {
    models_error *problem = NULL;
    ProtobufCMessage *message = mc_take_part(call, &problem);
    if (message) return message;
    mc_drop_parts(call);
    mc_change_end(call, problem);
    return NULL;
}

static void tell(models_call *call) {
    call->being_told++;
    while (call->done && !call->was_told) {
        mc_heed_cancel(call);
        if (call->first_part) {
            ProtobufCMessage *message = take_part(call);
            if (!message) continue;
            call->was_told = !call->method->is_stream;
            call->done(call, message, NULL, call->context);
        } else if (call->has_ended) {
            call->was_told = true;
            call->done(call, NULL, call->error, call->context);
        } else {
            break;
        }
    }
    if (--call->being_told == 0 && call->is_freed) mc_release_call(call);
}

void mc_tell(models_client *client) {
    // Not those that get ready meanwhile: a `done` that begins what fails at once would never come to an end.
    size_t count = 0;
    for (models_call *call = client->first_ready; call; call = call->next_ready) count++;
    while (count-- > 0 && client->first_ready) {
        models_call *call = client->first_ready;
        mc_unlink_ready(call);
        tell(call);
    }
}

int models_client_process(models_client *client, models_error **error) {
    if (!mc_enter(client, error)) return -1;
    models_error *problem = NULL;
    if (client->depth > 1) {
        problem = mc_error(&client->allocator, MODELS_FAILED_PRECONDITION, "",
                           "models_client_process was called inside of a `done`.");
    } else {
        mc_step(client, 0);
        mc_tell(client);
        problem = client->loss;
        client->loss = NULL;
    }
    mc_leave(client);
    if (!problem) return 0;
    mc_give_error(error, problem);
    return -1;
}
