// The socket: connected, written to, lost, and connected again.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "internal.h"

// For a gateway whose queue of new connections is full, and for one that is about to start again.
enum { RETRY_FULL_MS = 10, RETRY_GONE_MS = 20, COMES_BACK_MS = 2000 };
// The ids above are for the cancels of a connection that is used up.
#ifndef MC_LAST_STREAM_ID
#define MC_LAST_STREAM_ID (UINT32_MAX - (1 << 20))
#endif

// --- Descriptors

// Whoever was started with one of the three closed would write its output into the gateway's socket.
int mc_above_standard(int descriptor) {
    if (descriptor < 0 || descriptor > STDERR_FILENO) return descriptor;
    int other = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), reason = errno;
    close(descriptor);
    errno = reason;
    return other;
}

bool mc_open_epoll(models_client *client) {
    int made = mc_above_standard(epoll_create1(EPOLL_CLOEXEC));
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = MC_WAKE};
    if (made < 0) return false;
    if (epoll_ctl(made, EPOLL_CTL_ADD, client->wake->descriptor, &event) != 0 ||
        (client->epoll >= 0 && dup3(made, client->epoll, O_CLOEXEC) < 0)) {
        close(made);
        return false;
    }
    if (client->epoll >= 0) close(made);
    else client->epoll = made;
    return true;
}

bool mc_watch(models_client *client, int descriptor) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = MC_SOCKET};
    client->wants_to_write = false;
    return epoll_ctl(client->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

bool mc_watch_writing(models_client *client, bool is_wanted) {
    struct epoll_event event = {.events = EPOLLIN | (is_wanted ? EPOLLOUT : 0), .data.u32 = MC_SOCKET};
    if (is_wanted == client->wants_to_write) return true;
    client->wants_to_write = is_wanted;
    return epoll_ctl(client->epoll, EPOLL_CTL_MOD, client->socket, &event) == 0;
}

void mc_close_socket(models_client *client) {
    if (client->socket < 0) return;
    // A child that has a copy of it keeps it in the epoll, so closing is not enough. A child's epoll is its parent's
    // until it has one of its own, which knows nothing of this socket.
    if (client->process == getpid()) epoll_ctl(client->epoll, EPOLL_CTL_DEL, client->socket, NULL);
    close(client->socket);
    client->socket = -1;
    client->next_stream_id = 1;
    client->input_start = client->input_end = 0;
}

// --- Connecting

static void fail_waiting(models_client *client, models_error *why) {
    for (models_call *call = client->first_call; call; call = call->next)
        if (!call->has_ended)
            mc_end(call, mc_call_error(call, models_error_code(why), "", "%s", models_error_message(why)));
    client->retry_until = 0;
    models_error_free(client->loss);
    client->loss = why;
}

static int open_socket(models_client *client) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, client->path);
    int made = mc_above_standard(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (made < 0) return errno;
    if (connect(made, (struct sockaddr *)&address, sizeof address) != 0 || !mc_watch(client, made)) {
        int reason = errno;
        close(made);
        return reason;
    }
    client->socket = made;
    client->was_answered = false;
    return 0;
}

void mc_connect(models_client *client) {
    int64_t now = mc_now();
    if (now < client->retry_at) return;
    int reason = client->path ? open_socket(client) : ENOTCONN;
    client->retry_reason = reason;
    client->retry_at = 0;
    if (reason == 0)
        client->retry_until = 0;
    else if (reason == EAGAIN || reason == EINTR)
        client->retry_at = now + RETRY_FULL_MS;
    else if ((reason == ENOENT || reason == ECONNREFUSED) && now < client->retry_until)
        client->retry_at = now + RETRY_GONE_MS;
    else
        fail_waiting(client, mc_cannot_connect(client, reason));
}

models_error *mc_lost(const models_client *client, int reason) {
    models_error *error = client->was_answered ? NULL : mc_turned_away(client);
    if (error) return error;
    return mc_unavailable(client, "The connection to %s was lost: %s.", client->name,
                          reason == 0 ? "the gateway has closed it" : strerror(reason));
}

// None of it went out, or asking twice changes nothing. A gateway that turns everybody away is not asked for ever.
static bool may_send_again(const models_call *call) {
    if (!call->client->path) return false;
    if (!call->was_sent) return call->resends < 2;
    return call->method->is_snapshot && !call->was_answered && !call->was_repeated;
}

static void wait_again(models_call *call) {
    if (call->stream_id != 0) {
        mc_forget_stream(call);
        call->stream_id = 0;
        call->client->waiting++;
        call->resends++;
        call->was_repeated = call->was_sent;
    }
    call->request->written = 0;
}

void mc_disconnect(models_client *client, bool may_resend, models_error *why) {
    size_t again = 0, ended = 0;
    bool was_sent = false;
    mc_close_socket(client);
    mc_drop_frames(client);
    for (models_call *call = client->first_call; call; call = call->next) {
        if (call->has_ended) continue;
        if (may_resend && may_send_again(call)) {
            was_sent = was_sent || call->was_sent;
            wait_again(call);
            again++;
        } else {
            mc_end(call, mc_call_error(call, models_error_code(why), "", "%s", models_error_message(why)));
            ended++;
        }
    }
    // Only who has been in the middle of something waits for the gateway to start again.
    client->retry_at = 0;
    client->retry_until = was_sent ? mc_now() + COMES_BACK_MS : 0;
    models_error_free(client->loss);
    client->loss = ended > 0 || again == 0 ? why : NULL;
    if (!client->loss) models_error_free(why);
}

// --- Writing

static void give_ids(models_client *client) {
    for (models_call *call = client->first_call; call && client->waiting > 0; call = call->next) {
        if (call->has_ended || call->stream_id != 0) continue;
        if (client->next_stream_id > MC_LAST_STREAM_ID) return;
        call->stream_id = mc_queue(client, call->request);
        mc_file(call);
    }
}

void mc_pump(models_client *client) {
    while (true) {
        // Ids are used once a connection: when there are no more, the next connection has them again.
        bool is_used_up = client->next_stream_id > MC_LAST_STREAM_ID && client->in_flight == 0;
        if (is_used_up && client->waiting > 0) {
            mc_drop_frames(client);
            mc_close_socket(client);
        }
        if (client->socket < 0 && client->waiting > 0) mc_connect(client);
        if (client->socket < 0) return;
        if (client->waiting > 0) give_ids(client);
        int reason = mc_write_frames(client);
        if (reason == 0) return;
        // What the gateway said before it went may be there.
        mc_receive(client);
        if (client->socket >= 0) mc_disconnect(client, true, mc_lost(client, reason));
    }
}
