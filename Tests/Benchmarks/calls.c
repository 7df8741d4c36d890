#include "calls.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NANOSECONDS_PER_SECOND = 1000000000, PATIENCE = 10, RECEIVE_SIZE = 1 << 20 };

struct call {
    uint32_t id;
    bool in_flight;
    uint64_t started, ask_at;
    uint64_t snapshots;  // that the upstream had been asked for before the question
};

struct connection {
    int fd;
    uint32_t next_id;
    struct call *calls;
    char *out;
    size_t out_length;
    // The answer that is being read: its head while that is not whole, then what follows.
    char head[PROTOCOL_HEAD_MAX];
    size_t head_length, body_left;
    bool in_body;
    uint32_t answer_id;
    struct comparison comparison;
};

static struct connection *connections;
static int epoll;
static unsigned in_flight;
static uint64_t trace;  // of the last question
static bool ending;

uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)time.tv_nsec;
}

// MARK: Asking

static void ask(struct load *load, struct connection *connection, struct call *call, uint64_t time) {
    call->id = connection->next_id;
    call->in_flight = true;
    call->started = time;
    call->ask_at = 0;
    call->snapshots = load->control ? load->control->snapshots : 0;
    if (load->protocol->pipelines) connection->next_id += 2;
    char *to = connection->out + connection->out_length;
    connection->out_length += load->protocol->write_request(to, call->id, ++trace);
    in_flight++;
}

static void send_requests(struct connection *connection) {
    if (!connection->out_length) return;
    ssize_t count = send(connection->fd, connection->out, connection->out_length, MSG_NOSIGNAL);
    if (count != (ssize_t)connection->out_length) err(1, "the requests in flight are too many for one send");
    connection->out_length = 0;
}

// Asks for every call whose time has come and returns when the next one wants to (0: none).
static uint64_t ask_what_is_due(struct load *load) {
    uint64_t time = now(), next = 0;
    bool wave = load->pace == PACE_WAVES && in_flight == 0;
    for (unsigned i = 0; i < load->connections; i++) {
        struct connection *connection = &connections[i];
        for (unsigned j = 0; j < load->in_flight; j++) {
            struct call *call = &connection->calls[j];
            if (wave || (call->ask_at && call->ask_at <= time)) ask(load, connection, call, time);
            else if (call->ask_at && (!next || call->ask_at < next)) next = call->ask_at;
        }
        send_requests(connection);
    }
    return next;
}

// MARK: Answers

static struct call *find_call(const struct load *load, struct connection *connection) {
    for (unsigned i = 0; i < load->in_flight; i++) {
        struct call *call = &connection->calls[i];
        if (call->in_flight && (!load->protocol->pipelines || call->id == connection->answer_id)) return call;
    }
    errx(1, "an answer to a call that was not made");
}

static void finish_answer(struct load *load, struct connection *connection) {
    const struct comparison *comparison = &connection->comparison;
    struct call *call = find_call(load, connection);
    uint64_t time = now();
    record(&load->latencies, time - call->started);
    if (comparison->differs || comparison->offset != load->reference.length) load->errors++;
    else if (load->reference.serial_count && serial_of(comparison) <= call->snapshots) load->stale++;

    call->in_flight = false;
    in_flight--;
    connection->in_body = false;
    connection->comparison = (struct comparison){0};
    if (ending) return;
    if (load->pace == PACE_STEADY) ask(load, connection, call, time);
    else if (load->pace == PACE_STAGGERED) call->ask_at = time + (uint64_t)random() % load->longest_pause_ns;
}

// Takes what there is of the head of an answer and returns how much that was.
static size_t take_head(struct load *load, struct connection *connection, const char *bytes, size_t count) {
    size_t before = connection->head_length;
    size_t room = sizeof connection->head - before, added = count < room ? count : room;
    const char *head = bytes;
    if (before) {
        memcpy(connection->head + before, bytes, added);
        head = connection->head;
    }
    ssize_t length = load->protocol->read_head(head, before + added, &connection->answer_id, &connection->body_left);
    if (length < 0 || (length == 0 && added == room)) errx(1, "an answer that is an error, or none");
    if (length == 0) {
        if (!before) memcpy(connection->head, bytes, added);
        connection->head_length = before + added;
        return added;
    }
    connection->head_length = 0;
    connection->in_body = true;
    return (size_t)length - before;
}

static void take(struct load *load, struct connection *connection, const char *bytes, size_t count) {
    while (count) {
        size_t taken;
        if (connection->in_body) {
            taken = count < connection->body_left ? count : connection->body_left;
            compare(&connection->comparison, &load->reference, bytes, taken);
            connection->body_left -= taken;
        } else {
            taken = take_head(load, connection, bytes, count);
        }
        if (connection->in_body && connection->body_left == 0) finish_answer(load, connection);
        bytes += taken;
        count -= taken;
    }
}

static void receive(struct load *load, struct connection *connection) {
    static char buffer[RECEIVE_SIZE];
    ssize_t count = recv(connection->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) errx(1, "the connection was closed");
    take(load, connection, buffer, (size_t)count);
    send_requests(connection);
}

// MARK: Running

void start_calls(struct load *load) {
    epoll = epoll_create1(EPOLL_CLOEXEC);
    connections = calloc(load->connections, sizeof *connections);
    if (epoll < 0 || !connections) err(1, "epoll");
    uint64_t time = now();
    for (unsigned i = 0; i < load->connections; i++) {
        struct connection *connection = &connections[i];
        *connection = (struct connection){.fd = connect_to(load), .next_id = 1};
        connection->calls = calloc(load->in_flight, sizeof *connection->calls);
        connection->out = malloc((size_t)load->in_flight * PROTOCOL_REQUEST_MAX);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        if (!connection->calls || !connection->out || epoll_ctl(epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0)
            err(1, "a connection");
        for (unsigned j = 0; j < load->in_flight; j++) connection->calls[j].ask_at = time;
    }
}

void run_calls(struct load *load, uint64_t until, uint64_t calls) {
    struct epoll_event events[64];
    uint64_t time = now(), last_answer = time, counted = load->latencies.count;
    while ((time = now()) < until || load->latencies.count < calls) {
        uint64_t next = 0;
        if (load->pace != PACE_STEADY || in_flight == 0) next = ask_what_is_due(load);
        uint64_t end = until > time ? until : time + NANOSECONDS_PER_SECOND;
        uint64_t left = (next && next < end ? next : end) - time;
        struct timespec timeout = {.tv_sec = (time_t)(left / NANOSECONDS_PER_SECOND),
                                   .tv_nsec = (long)(left % NANOSECONDS_PER_SECOND)};
        int ready = epoll_pwait2(epoll, events, sizeof events / sizeof *events, &timeout, NULL);
        if (ready < 0 && errno != EINTR) err(1, "epoll_pwait2");
        for (int i = 0; i < ready; i++) receive(load, events[i].data.ptr);
        if (load->latencies.count != counted) last_answer = time;
        counted = load->latencies.count;
        if (time - last_answer > (uint64_t)PATIENCE * NANOSECONDS_PER_SECOND) errx(1, "no answer");
    }
}

void finish_calls(struct load *load) {
    struct epoll_event events[64];
    ending = true;
    while (in_flight) {
        int ready = epoll_wait(epoll, events, sizeof events / sizeof *events, PATIENCE * 1000);
        if (ready == 0) errx(1, "no answer");
        for (int i = 0; i < ready; i++) receive(load, events[i].data.ptr);
    }
    for (unsigned i = 0; i < load->connections; i++) close(connections[i].fd);
}
