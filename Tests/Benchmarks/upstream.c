// Stands in for Pieces OS where it must cost next to nothing: answers HTTP/1.1 on 127.0.0.1 with what is ready in
// memory, one writev an answer, and is told by a shared page (control.h) which list to answer and after what time.
//
//   upstream CONTROL-PAGE
//
// prints 'ready PORT' and serves until it is ended. It knows the five calls and the health check; a client sends one
// request at a time.
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "control.h"

enum { REQUEST_MAX = 16384, NANOSECONDS_PER_MS = 1000000, NANOSECONDS_PER_SECOND = 1000000000 };

struct connection {
    int fd;
    bool answering, scheduled, closed;
    size_t received;
    char request[REQUEST_MAX];
    struct answer answer;
    uint64_t due;
    struct connection *next_due;
};

static struct control *control;
static int epoll;
// Answers that wait for their time, in order: in one run all wait equally long.
static struct connection *first_due, *last_due;

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * NANOSECONDS_PER_SECOND + (uint64_t)time.tv_nsec;
}

// MARK: Connections

static void accept_connections(int listener) {
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection) err(1, "calloc");
        connection->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        // Edge-triggered and for both directions from the start: epoll_ctl is never needed again.
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = connection};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) err(1, "epoll_ctl");
        control->connections++;
    }
}

static void free_connection(struct connection *connection) {
    free_answer(&connection->answer);
    free(connection);
}

static void close_connection(struct connection *connection) {
    close(connection->fd);
    connection->closed = true;
    // One that is scheduled is freed when its time has come.
    if (!connection->scheduled) free_connection(connection);
}

// MARK: Answers

static void schedule(struct connection *connection, uint64_t delay) {
    connection->due = now() + delay;
    connection->scheduled = true;
    connection->next_due = NULL;
    if (last_due) last_due->next_due = connection;
    else first_due = connection;
    last_due = connection;
}

static void proceed(struct connection *connection) {
    switch (send_answer(&connection->answer, control, connection->fd)) {
    case ANSWER_SENT: connection->answering = false; break;
    case ANSWER_BLOCKED: break;
    case ANSWER_PAUSED: schedule(connection, NANOSECONDS_PER_MS); break;
    }
}

static void begin_answer(struct connection *connection) {
    uint64_t latency = control->latency_ns;
    connection->answering = true;
    connection->received = 0;
    choose_answer(&connection->answer, control, connection->request);
    if (latency) schedule(connection, latency);
    else proceed(connection);
}

// MARK: Requests

// True if `request`, a string, is a head and as much body as the head says.
static bool is_whole(const char *request, size_t length) {
    static const char field[] = "\r\ncontent-length:";
    const char *end = strstr(request, "\r\n\r\n");
    if (!end) return false;
    if (request[0] == 'G') return true;
    const char *found = strcasestr(request, field);
    size_t body = found && found < end ? strtoul(found + sizeof field - 1, NULL, 10) : 0;
    return length - (size_t)(end + 4 - request) >= body;
}

// False if the connection is over.
static bool receive(struct connection *connection) {
    size_t room = REQUEST_MAX - 1 - connection->received;
    ssize_t count = recv(connection->fd, connection->request + connection->received, room, 0);
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;  // end of file, or a request that is too long
    connection->received += (size_t)count;
    connection->request[connection->received] = 0;
    if (!connection->answering && is_whole(connection->request, connection->received)) begin_answer(connection);
    return true;
}

static void serve(struct connection *connection, uint32_t events) {
    bool was_answering = connection->answering;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) || ((events & EPOLLIN) && !receive(connection))) {
        close_connection(connection);
    } else if (was_answering && !connection->scheduled) {
        proceed(connection);
    }
}

// MARK: The loop

static void serve_due(void) {
    uint64_t time = first_due ? now() : 0;
    while (first_due && first_due->due <= time) {
        struct connection *connection = first_due;
        first_due = connection->next_due;
        if (!first_due) last_due = NULL;
        connection->scheduled = false;
        if (connection->closed) free_connection(connection);
        else proceed(connection);
    }
}

static int wait_for_events(struct epoll_event *events, int limit) {
    if (!first_due) return epoll_wait(epoll, events, limit, -1);
    uint64_t time = now(), left = first_due->due > time ? first_due->due - time : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / NANOSECONDS_PER_SECOND),
                               .tv_nsec = (long)(left % NANOSECONDS_PER_SECOND)};
    return epoll_pwait2(epoll, events, limit, &timeout, NULL);
}

static int listen_on_loopback(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, SOMAXCONN) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        err(1, "127.0.0.1");
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **arguments) {
    if (count != 2) errx(64, "usage: upstream CONTROL-PAGE");
    signal(SIGPIPE, SIG_IGN);
    control = map_control(arguments[1]);
    make_catalogue();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_on_loopback();
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) err(1, "epoll");

    struct epoll_event events[256];
    for (;;) {
        int ready = wait_for_events(events, sizeof events / sizeof *events);
        if (ready < 0 && errno != EINTR) err(1, "epoll_wait");
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) serve(events[i].data.ptr, events[i].events);
            else accept_connections(listener);
        }
        serve_due();
    }
}
