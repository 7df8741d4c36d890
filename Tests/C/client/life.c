// Who frees what, when; allocators; descriptors; fork.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static void nothing_may_be_freed_anywhere(void) {
    models_free(NULL);
    models_error_free(NULL);
    models_call_free(NULL);
    models_call_cancel(NULL);
    models_client_free(NULL);
    CHECK(models_client_get_descriptor(NULL) == -1 && models_client_get_timeout(NULL) == -1);
}

static void freeing_a_call_in_flight_cancels_it(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0}, next = {0};
    request request;
    models_call_free(begin(client, "UnloadModels", &outcome));
    CHECK(fake_read(peer, &request) && request.id == 1);
    CHECK(fake_read(peer, &request) && !strcmp(request.method, "Cancel") && request.payload[1] == 1);
    models_call *call = begin(client, "UnloadModels", &next);
    CHECK(fake_read(peer, &request) && request.id == 5);
    fake_respond(peer, 1, NULL);
    fake_respond(peer, 5, NULL);
    turn_until_over(client, &next);
    CHECK(next.messages == 1 && !is_over(&outcome));
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void freeing_the_client_ends_its_calls(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome first = {0}, second = {0};
    models_call *call = begin(client, "UnloadModels", &first), *stream = begin(client, "StreamModelsSnapshot", &second);
    models_client_free(client);
    CHECK(first.errors == 1 && first.code == MODELS_CANCELLED && first.was_sent && second.errors == 1);
    // The connection is closed, and the calls may be freed and cancelled still.
    request request;
    CHECK(fake_read(peer, &request) && fake_read(peer, &request) && !fake_read(peer, &request));
    models_call_cancel(call);
    models_call_free(call);
    models_call_free(stream);
    CHECK(first.errors == 1);
    close(peer);
}

static void the_handed_over_descriptor_is_closed(void) {
    int peer;
    char byte;
    models_client *client = make_pair(&peer);
    models_client_free(client);
    CHECK(recv(peer, &byte, 1, 0) == 0);
    close(peer);
}

// --- Allocators

static long blocks, budget;
static void *allocate(void *data, size_t size) {
    *(long *)data += 1;
    if (budget == 0) return NULL;
    budget--;
    blocks++;
    return malloc(size);
}

static void release(void *data, void *block) {
    (void)data;
    if (!block) return;
    blocks--;
    free(block);
}

static models_client *make_with_allocator(const ProtobufCAllocator *allocator, int *peer, models_error **error) {
    int ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    models_options options = MODELS_OPTIONS_INIT;
    options.descriptor = ends[0];
    options.allocator = allocator;
    models_client *client = models_client_new(&options, error);
    if (!client) close(ends[0]);
    *peer = ends[1];
    return client;
}

static void everything_comes_from_the_allocator_and_goes_back(void) {
    long asked = 0;
    ProtobufCAllocator *allocator = malloc(sizeof *allocator);
    *allocator = (ProtobufCAllocator){allocate, release, &asked};
    budget = -1;
    int peer;
    models_client *client = make_with_allocator(allocator, &peer, NULL);
    // The struct need not stay.
    memset(allocator, 0xEE, sizeof *allocator);
    free(allocator);
    outcome outcome = {.keeps = true};
    models_call *call = begin(client, "ModelsSnapshot", &outcome);
    CHECK(fake_snapshot(peer, "kept") == 1);
    turn_until_over(client, &outcome);
    models_error *error = NULL;
    fake_fail(peer, 3, 5, "an error", "A_REASON", NULL);
    CHECK(models_unload(client, NULL, &error) == -1);
    models_client_free(client);
    // Message, error and call are alive, each with the allocator that it came from.
    CHECK(blocks > 2 && !strcmp(((models_list *)outcome.kept)->iterable[0]->name, "kept"));
    CHECK(!strcmp(models_error_reason(error), "A_REASON"));
    models_free(outcome.kept);
    models_error_free(error);
    models_call_free(call);
    CHECK(blocks == 0 && asked > 5);
    close(peer);
}

// One run of everything with so many blocks at most. True when they were enough.
static bool run_with(long limit) {
    long asked = 0;
    ProtobufCAllocator allocator = {allocate, release, &asked};
    models_error *error = NULL;
    int peer;
    budget = limit;
    models_client *client = make_with_allocator(&allocator, &peer, &error);
    bool is_enough = client != NULL;
    outcome outcome = {0};
    if (client) {
        const char *pairs[] = {"hint", "a hint", NULL};
        models_call *call = models_begin(client, "ModelsSnapshot", NULL, NULL, take, &outcome, NULL);
        uint32_t id = call ? fake_snapshot(peer, "x") : 0;
        if (call) while (!is_over(&outcome)) turn(client);
        is_enough = is_enough && outcome.messages == 1;
        models_call *stream = models_stream(client, NULL, NULL);
        if (stream) {
            fake_part(peer, id + 2, "part");
            fake_end(peer, id + 2);
            models_list *part = models_stream_next(stream, NULL);
            is_enough = is_enough && part;
            models_free(part);
        } else {
            is_enough = false;
        }
        if (is_enough) fake_fail(peer, id + 4, 5, "gone", "A_REASON", pairs);
        models_call_options options = MODELS_CALL_OPTIONS_INIT;
        options.timeout_ms = is_enough ? 5000 : 1;
        CHECK(models_unload(client, &options, &error) == -1);
        is_enough = is_enough && !strcmp(models_error_reason(error), "A_REASON");
        models_call_free(stream);
        models_call_free(call);
        CHECK(!call || outcome.messages + outcome.errors == 1);
    }
    if (!client) CHECK(models_error_code(error) == MODELS_RESOURCE_EXHAUSTED);
    models_client_free(client);
    models_error_free(error);
    close(peer);
    CHECK(blocks == 0);
    return is_enough;
}

static void whatever_block_is_refused_it_is_an_error(void) {
    long limit = 0;
    while (!run_with(limit)) CHECK(++limit < 200);
    CHECK(limit > 10);
}

// --- Descriptors

static void descriptors_are_never_the_standard_ones(void) {
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        int listener = fake_listen(path_of("s"));
        close(0);
        close(1);
        close(2);
        models_options options = MODELS_OPTIONS_INIT;
        options.path = path_of("s");
        models_client *client = models_client_new(&options, NULL);
        outcome outcome = {0};
        begin(client, "UnloadModels", &outcome);
        int status = models_client_get_descriptor(client) > 2 ? 0 : 1;
        for (int i = 0; i <= 2; i++)
            if (fcntl(i, F_GETFD) >= 0) status = 2;
        int peer = fake_accept(listener);
        // Nobody's output gets into the socket.
        if (write(1, "x", 1) >= 0 && peer != 1) status = 3;
        end_child(status == 0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void nothing_is_left_open(void) {
    int before = dup(0), peer;
    close(before);
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    models_client_free(client);
    models_call_free(call);
    close(peer);
    client = client_of(path_of("nothing"));
    CHECK(models_unload(client, NULL, NULL) == -1);
    models_client_free(client);
    int after = dup(0);
    CHECK(before == after);
    close(after);
}

static void descriptors_do_not_go_to_other_programs(void) {
    int peer;
    bool was_open[64];
    for (int i = 0; i < 64; i++) was_open[i] = fcntl(i, F_GETFD) >= 0;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    int made = 0;
    for (int i = 0; i < 64; i++) {
        int flags = fcntl(i, F_GETFD);
        if (flags < 0 || was_open[i]) continue;
        CHECK(flags & FD_CLOEXEC);
        made++;
    }
    CHECK(made >= 4);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

// --- Fork

static bool child_calls(models_client *client, outcome *parents) {
    int number = models_client_get_descriptor(client);
    models_list *list = models_snapshot(client, NULL, NULL);
    bool is_good = list && !strcmp(list->iterable[0]->name, "child's");
    models_free(list);
    // The parent's call ends here too, in this process.
    models_client_process(client, NULL);
    is_good = is_good && parents->errors == 1 && parents->code == MODELS_UNAVAILABLE;
    outcome own = {0};
    models_call *call = begin(client, "ModelsSnapshot", &own);
    turn_until_over(client, &own);
    is_good = is_good && !strcmp(own.name, "child's too") && models_client_get_descriptor(client) == number;
    models_call_free(call);
    models_client_free(client);
    return is_good;
}

static void a_child_has_a_connection_of_its_own(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    int peer = fake_accept(listener);
    request request;
    CHECK(fake_read(peer, &request));
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        close(listener);
        close(peer);
        end_child(child_calls(client, &outcome));
    }
    int childs = fake_accept(listener);
    CHECK(fake_snapshot(childs, "child's") == 1 && fake_snapshot(childs, "child's too") == 3);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    // The parent notices nothing: no event, no byte, and its call is answered.
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 0) == 0);
    CHECK(is_quiet(peer, 0));
    fake_respond(peer, 1, NULL);
    CHECK(turn_until_over(client, &outcome) == 0 && outcome.messages == 1);
    models_call_free(call);
    models_client_free(client);
    close(peer);
    close(childs);
    close(listener);
}

static void a_child_that_only_frees_disturbs_nobody(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    request request;
    CHECK(fake_read(peer, &request));
    pid_t child = fork();
    if (child == 0) {
        models_call_cancel(call);
        models_call_free(call);
        models_client_free(client);
        end_child(true);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(is_quiet(peer, 0) && !is_over(&outcome));
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 0) == 0);
    fake_respond(peer, 1, NULL);
    turn_until_over(client, &outcome);
    CHECK(outcome.messages == 1);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

typedef struct {
    models_client *client;
    outcome outcome;
    pid_t child;
} forking;

static void fork_in_done(models_call *call, ProtobufCMessage *message, const models_error *error, void *context) {
    forking *forking = context;
    take(call, message, error, &forking->outcome);
    forking->child = fork();
}

static void a_done_may_fork(void) {
    int listener = fake_listen(path_of("s")), status;
    forking forking = {.client = client_of(path_of("s"))};
    models_call *call = models_begin(forking.client, "UnloadModels", NULL, NULL, fork_in_done, &forking, NULL);
    int peer = fake_accept(listener);
    fake_respond(peer, 1, NULL);
    int result = turn_until_over(forking.client, &forking.outcome);
    if (forking.child == 0) {
        alarm(20);
        for (int i = 0; i < 2; i++) {
            outcome own = {0};
            begin(forking.client, "ModelsSnapshot", &own);
            turn_until_over(forking.client, &own);
            if (strcmp(own.name, "child's") != 0) end_child(false);
        }
        end_child(true);
    }
    int childs = fake_accept(listener);
    CHECK(fake_snapshot(childs, "child's") == 1 && fake_snapshot(childs, "child's") == 3);
    CHECK(waitpid(forking.child, &status, 0) == forking.child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    fake_respond(peer, 3, NULL);
    CHECK(result == 0 && models_unload(forking.client, NULL, NULL) == 0);
    models_call_free(call);
    models_client_free(forking.client);
    close(peer);
    close(childs);
    close(listener);
}

static void a_child_cannot_have_the_descriptor_again(void) {
    int peer, status;
    models_client *client = make_pair(&peer);
    pid_t child = fork();
    if (child == 0) {
        models_error *error = NULL;
        bool is_idle = models_client_process(client, NULL) == 0;
        end_child(is_idle && models_unload(client, NULL, &error) == -1 && words_of(error).code == MODELS_UNAVAILABLE);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    fake_respond(peer, 1, NULL);
    CHECK(models_unload(client, NULL, NULL) == 0);
    models_client_free(client);
    close(peer);
}

static void a_parent_may_close_while_its_child_lives(void) {
    int listener = fake_listen(path_of("s")), hold[2];
    models_client *client = client_of(path_of("s"));
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    int peer = fake_accept(listener);
    CHECK(pipe(hold) == 0);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(hold[1]);
        close(peer);
        // It has a copy of the parent's socket, and does nothing.
        end_child(read(hold[0], &byte, 1) == 0);
    }
    close(hold[0]);
    close(peer);
    CHECK(turn_until_over(client, &outcome) == -1 && outcome.code == MODELS_UNAVAILABLE);
    // The lost socket is out of the epoll: nothing is left to happen.
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 0) == 0);
    close(hold[1]);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 0);
    models_call_free(call);
    models_client_free(client);
    close(listener);
}

const test life_tests[] = {
    {"nothing may be freed anywhere", nothing_may_be_freed_anywhere},
    {"freeing a call in flight cancels it, without its done", freeing_a_call_in_flight_cancels_it},
    {"freeing the client ends its calls, which are freed later", freeing_the_client_ends_its_calls},
    {"the descriptor that was handed over is closed", the_handed_over_descriptor_is_closed},
    {"everything comes from the allocator and goes back to it", everything_comes_from_the_allocator_and_goes_back},
    {"whatever block is refused, it is an error", whatever_block_is_refused_it_is_an_error},
    {"descriptors are never the standard ones", descriptors_are_never_the_standard_ones},
    {"nothing is left open", nothing_is_left_open},
    {"descriptors do not go to other programs", descriptors_do_not_go_to_other_programs},
    {"a child has a connection of its own, and the parent notices nothing", a_child_has_a_connection_of_its_own},
    {"a child that only frees disturbs nobody", a_child_that_only_frees_disturbs_nobody},
    {"a done may fork", a_done_may_fork},
    {"a child cannot have the descriptor that was handed over", a_child_cannot_have_the_descriptor_again},
    {"a parent may lose its connection while its child lives", a_parent_may_close_while_its_child_lives},
};
TESTS(life);
