// The client: made, entered by one thread at a time, followed through a fork, freed.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

enum { DEFAULT_TIMEOUT_MS = 30000 };

int64_t mc_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// --- Making

static models_error *check_options(const ProtobufCAllocator *allocator, const models_options *options) {
    if (options->struct_size < sizeof *options)
        return mc_invalid(allocator, "models_options.struct_size is %zu: begin with MODELS_OPTIONS_INIT.",
                          options->struct_size);
    if (options->descriptor > 0) {
        int type = 0;
        if (getsockopt(options->descriptor, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type}) != 0)
            return mc_invalid(allocator, "models_options.descriptor %d is no socket: %s.", options->descriptor,
                              strerror(errno));
        if (type == SOCK_STREAM) return NULL;
        return mc_invalid(allocator, "models_options.descriptor %d is no stream socket.", options->descriptor);
    }
    if (options->path && !*options->path)
        return mc_invalid(allocator, "models_options.path is empty.");
    return NULL;
}

static models_error *take_path(models_client *client, const char *path) {
    models_error *error = NULL;
    client->is_default_path = !path;
    client->path = path ? mc_copy_text(&client->allocator, path) : mc_default_path(&client->allocator, &error);
    if (!client->path) return error ? error : mc_out_of_memory();
    client->name = client->path;
    enum { LONGEST = sizeof((struct sockaddr_un *)NULL)->sun_path - 1 };
    if (strlen(client->path) <= LONGEST) return NULL;
    return mc_invalid(&client->allocator, "'%.200s' is too long for the path of a socket, which has at most %d bytes.",
                      client->path, LONGEST);
}

static void close_everything(models_client *client) {
    mc_close_socket(client);
    if (client->epoll >= 0) close(client->epoll);
    if (client->wake) mc_drop_wake(client->wake);
}

static void release_client(models_client *client) {
    ProtobufCAllocator allocator = client->allocator;
    mc_release(&allocator, client->path);
    mc_release(&allocator, client->input);
    models_error_free(client->loss);
    mc_release(&allocator, client);
}

static models_error *open_descriptors(models_client *client) {
    client->wake = mc_make_wake(&client->allocator);
    if (client->wake && mc_open_epoll(client)) return NULL;
    return mc_error(&client->allocator, MODELS_RESOURCE_EXHAUSTED, "", "The client gets no descriptors or memory: %s.",
                    strerror(errno));
}

// The caller's descriptor is taken last: when nothing can go wrong any longer.
static models_error *take_descriptor(models_client *client, int descriptor) {
    if (!mc_watch(client, descriptor))
        return mc_invalid(&client->allocator, "models_options.descriptor cannot be polled: %s.", strerror(errno));
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    client->socket = descriptor;
    client->name = "the descriptor that was handed over";
    return NULL;
}

models_client *models_client_new(const models_options *options, models_error **error) {
    static const models_options defaults = MODELS_OPTIONS_INIT;
    if (!options) options = &defaults;
    bool is_known = options->struct_size >= sizeof *options;
    ProtobufCAllocator allocator = mc_allocator(is_known ? options->allocator : NULL);
    models_error *problem = check_options(&allocator, options);
    models_client *client = problem ? NULL : mc_allocate(&allocator, sizeof *client);
    if (!client) {
        mc_give_error(error, problem ? problem : mc_out_of_memory());
        return NULL;
    }
    *client = (models_client){.allocator = allocator, .process = getpid(), .epoll = -1, .socket = -1,
                              .timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : DEFAULT_TIMEOUT_MS,
                              .next_stream_id = 1, .earliest_deadline = INT64_MAX};
    if (options->descriptor <= 0) problem = take_path(client, options->path);
    if (!problem) problem = open_descriptors(client);
    if (!problem && options->descriptor > 0) problem = take_descriptor(client, options->descriptor);
    if (!problem) return client;
    close_everything(client);
    release_client(client);
    mc_give_error(error, problem);
    return NULL;
}

// --- Doors

static models_error *lost_to_parent(const models_client *client) {
    return mc_unavailable(client, "The call belongs to the process that has forked.");
}

// The parent's socket and epoll go on; this process has copies of their numbers. What it watches must not be changed
// through them, so another epoll takes the number.
static bool follow_fork(models_client *client) {
    mc_wake *parents = client->wake, *own = mc_make_wake(&client->allocator);
    if (!own) return false;
    client->wake = own;
    if (!mc_open_epoll(client)) {
        client->wake = parents;
        mc_drop_wake(own);
        return false;
    }
    client->process = getpid();
    // A thread of the parent's that was in here is not in this process; a `done` that has forked is.
    if (atomic_load(&client->thread) != (uintptr_t)pthread_self()) {
        atomic_store(&client->thread, 0);
        client->depth = 0;
    }
    mc_drop_wake(parents);
    mc_disconnect(client, false, lost_to_parent(client));
    if (!client->first_ready) mc_forget_loss(client);
    return true;
}

void mc_forget_loss(models_client *client) {
    models_error_free(client->loss);
    client->loss = NULL;
}

bool mc_enter(models_client *client, models_error **error) {
    ProtobufCAllocator allocator = mc_allocator(client ? &client->allocator : NULL);
    if (!client) {
        mc_give_error(error, mc_invalid(&allocator, "There is no client."));
        return false;
    }
    if (client->process != getpid() && !follow_fork(client)) {
        mc_give_error(error, mc_error(&allocator, MODELS_RESOURCE_EXHAUSTED, "",
                                      "After fork, the client gets no descriptors of its own: %s.", strerror(errno)));
        return false;
    }
    uintptr_t self = (uintptr_t)pthread_self(), inside = 0;
    if (!atomic_compare_exchange_strong(&client->thread, &inside, self) && inside != self) {
        mc_give_error(error, mc_error(&allocator, MODELS_FAILED_PRECONDITION, "",
                                      "Another thread is using this client: give each thread a client of its own."));
        return false;
    }
    client->depth++;
    return true;
}

void mc_leave(models_client *client) {
    if (--client->depth > 0) return;
    // What has happened meanwhile is for models_client_process to tell.
    if (!client->is_freed && (client->first_ready || client->loss)) mc_ring(client->wake);
    atomic_store(&client->thread, 0);
    if (client->is_freed) release_client(client);
}

// --- What an event loop asks

static models_client *look(const models_client *client) {
    models_client *self = (models_client *)client;
    if (self->process != getpid()) follow_fork(self);
    return self;
}

int models_client_get_descriptor(const models_client *client) {
    return client ? look(client)->epoll : -1;
}

short models_client_get_events(const models_client *client) {
    (void)client;
    return POLLIN;
}

int models_client_get_timeout(const models_client *client) {
    if (!client) return -1;
    look(client);
    return client->first_ready || client->loss ? 0 : mc_wait(client);
}

// --- Freeing

static void end_calls(models_client *client) {
    mc_close_socket(client);
    mc_drop_frames(client);
    for (models_call *call = client->first_call; call; call = call->next)
        if (!call->has_ended)
            mc_end(call, mc_call_error(call, MODELS_CANCELLED, "CANCELLED", "The client was freed before %s had ended.",
                                       call->method->name));
    while (client->first_ready) mc_tell(client);
    for (models_call *call = client->first_call; call; call = call->next) call->client = NULL;
    client->first_call = client->last_call = NULL;
}

void models_client_free(models_client *client) {
    if (!client || client->is_freed) return;
    models_error *problem = NULL;
    bool is_inside = mc_enter(client, &problem), is_misuse = models_error_code(problem) == MODELS_FAILED_PRECONDITION;
    models_error_free(problem);
    // The memory is lost, and not what the other thread is in the middle of.
    if (is_misuse) return;
    client->is_freed = true;
    end_calls(client);
    close_everything(client);
    client->epoll = -1;
    client->wake = NULL;
    if (is_inside) mc_leave(client);
    else release_client(client);
}
