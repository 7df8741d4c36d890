// Calls in an event loop: poll, process, `done`.

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

static void a_call_is_one_request_frame(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "ModelsSnapshot", &outcome);
    request request;
    CHECK(models_client_get_events(client) == POLLIN);
    CHECK(fake_read(peer, &request));
    CHECK(request.id == 1 && request.type == 1 && request.flags == 1);
    CHECK(!strcmp(request.service, "pieces.models.v1.ModelsService") && !strcmp(request.method, "ModelsSnapshot"));
    CHECK(request.timeout_nano == 30000000000 && request.payload_length == 0);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void answers_find_their_calls(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome first = {0}, second = {0}, third = {0};
    models_call *calls[] = {begin(client, "ModelsSnapshot", &first), begin(client, "UnloadModels", &second),
                            begin(client, "ModelsSnapshot", &third)};
    request requests[3];
    for (int i = 0; i < 3; i++) CHECK(fake_read(peer, &requests[i]) && requests[i].id == 2 * (uint32_t)i + 1);
    fake_fail(peer, 5, 14, "gone", "UPSTREAM_UNREACHABLE", NULL);
    fake_respond(peer, 3, NULL);
    models_model model = PIECES__MODELS__V1__MODEL__INIT, *models[] = {&model};
    models_list list = PIECES__MODELS__V1__MODELS__INIT;
    model.name = (char *)"mine";
    list.n_iterable = 1;
    list.iterable = models;
    fake_respond(peer, 1, &list.base);
    turn_until_over(client, &first);
    CHECK(first.messages == 1 && !strcmp(first.name, "mine"));
    CHECK(second.messages == 1 && second.errors == 0);
    CHECK(third.errors == 1 && third.code == MODELS_UNAVAILABLE);
    for (int i = 0; i < 3; i++) models_call_free(calls[i]);
    models_client_free(client);
    CHECK(first.messages == 1 && first.ends + first.errors == 0 && second.messages == 1 && third.errors == 1);
    close(peer);
}

static void a_stream_is_told_in_parts(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "StreamModelsSnapshot", &outcome);
    request request;
    CHECK(fake_read(peer, &request));
    fake_part(peer, request.id, "first");
    turn_until_over(client, &outcome);
    CHECK(outcome.messages == 1 && outcome.ends == 0 && !strcmp(outcome.name, "first"));
    // A data frame of length 0 is a message; one with 'remote closed' may carry the last.
    fake_send(peer, 3, 0, request.id, NULL, 0);
    fake_part(peer, request.id, "last");
    fake_end(peer, request.id);
    while (outcome.ends == 0) turn(client);
    CHECK(outcome.messages == 3 && outcome.ends == 1 && outcome.errors == 0 && !strcmp(outcome.name, "last"));
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void a_last_part_may_close_the_stream(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "StreamModelsSnapshot", &outcome);
    fake_send(peer, 3, 1, 1, NULL, 0);
    while (outcome.ends == 0) turn(client);
    CHECK(outcome.messages == 1 && outcome.errors == 0);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void a_stream_may_end_with_an_error(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "StreamModelsSnapshot", &outcome);
    fake_part(peer, 1, "first");
    fake_fail(peer, 1, 13, "no JSON", "UPSTREAM_BAD_JSON", NULL);
    while (outcome.errors == 0) turn(client);
    CHECK(outcome.messages == 1 && outcome.ends == 0 && outcome.code == MODELS_INTERNAL);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void a_call_can_be_cancelled(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0}, next = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    request request;
    CHECK(fake_read(peer, &request));
    models_call_cancel(call);
    CHECK(!is_over(&outcome));
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 0) == 1);
    CHECK(models_client_process(client, NULL) == 0);
    CHECK(outcome.errors == 1 && outcome.code == MODELS_CANCELLED && outcome.was_sent);
    CHECK(!strcmp(outcome.reason, "CANCELLED"));
    CHECK(fake_read(peer, &request) && !strcmp(request.service, "pieces.gateway.v1.Control"));
    CHECK(!strcmp(request.method, "Cancel") && request.payload_length == 2);
    CHECK(request.payload[0] == 8 && request.payload[1] == 1 && request.id == 3);
    // Its late answer and that to the cancel are nobody's.
    models_call *other = begin(client, "ModelsSnapshot", &next);
    CHECK(fake_read(peer, &request) && request.id == 5);
    fake_fail(peer, 1, 1, "cancelled", "CANCELLED", NULL);
    fake_respond(peer, 3, NULL);
    CHECK(turn(client) == 0 && !is_over(&next));
    fake_fail(peer, 5, 5, "its own", "", NULL);
    turn_until_over(client, &next);
    CHECK(next.code == MODELS_NOT_FOUND && !strcmp(next.text, "its own"));
    CHECK(outcome.errors == 1);
    models_call_free(call);
    models_call_free(other);
    models_client_free(client);
    close(peer);
}

static void an_answer_that_is_there_beats_a_cancel(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    request request;
    CHECK(fake_read(peer, &request));
    fake_respond(peer, 1, NULL);
    models_call_cancel(call);
    CHECK(models_client_process(client, NULL) == 0);
    CHECK(outcome.messages == 1 && outcome.errors == 0 && is_quiet(peer, 0));
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void a_cancelled_stream_tells_no_more_parts(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "StreamModelsSnapshot", &outcome);
    request request;
    CHECK(fake_read(peer, &request));
    fake_part(peer, 1, "first");
    fake_end(peer, 1);
    models_call_cancel(call);
    CHECK(models_client_process(client, NULL) == 0);
    CHECK(outcome.messages == 0 && outcome.errors == 1 && outcome.code == MODELS_CANCELLED && outcome.ends == 0);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static models_call *begin_with_timeout(models_client *client, int64_t timeout_ms, outcome *outcome) {
    models_call_options options = MODELS_CALL_OPTIONS_INIT;
    options.timeout_ms = timeout_ms;
    models_call *call = models_begin(client, "UnloadModels", NULL, &options, take, outcome, NULL);
    CHECK(call);
    return call;
}

static void a_deadline_ends_a_call(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0}, next = {0};
    int64_t start = now_ms();
    models_call *call = begin_with_timeout(client, 100, &outcome);
    request request;
    CHECK(fake_read(peer, &request) && request.timeout_nano == 100000000);
    int wait = models_client_get_timeout(client);
    CHECK(wait > 0 && wait <= 100);
    turn_until_over(client, &outcome);
    CHECK(outcome.errors == 1 && outcome.code == MODELS_DEADLINE_EXCEEDED && outcome.was_sent);
    CHECK(!strcmp(outcome.reason, "DEADLINE_EXCEEDED"));
    CHECK(now_ms() - start >= 100 && now_ms() - start < 1100);
    CHECK(fake_read(peer, &request) && !strcmp(request.method, "Cancel") && request.payload[1] == 1);
    CHECK(models_client_get_timeout(client) == -1);
    // The late answer is not the next call's.
    models_call *other = begin(client, "UnloadModels", &next);
    CHECK(fake_read(peer, &request));
    fake_fail(peer, 1, 4, "late", "", NULL);
    fake_respond(peer, request.id, NULL);
    turn_until_over(client, &next);
    CHECK(next.messages == 1 && next.errors == 0 && outcome.errors == 1);
    models_call_free(call);
    models_call_free(other);
    models_client_free(client);
    close(peer);
}

static void an_answer_that_is_there_beats_the_timer(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin_with_timeout(client, 1, &outcome);
    fake_respond(peer, 1, NULL);
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    CHECK(models_client_get_timeout(client) == 0);
    CHECK(models_client_process(client, NULL) == 0);
    CHECK(outcome.messages == 1 && outcome.errors == 0);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void timeouts_go_out(void) {
    static const struct {
        int64_t clients, calls, nano;
    } cases[] = {
        {0, 0, 30000000000},     {5000, 0, 5000000000},        {5000, 10000, 10000000000},
        {-1, 0, INT64_MAX},      {5000, -1, INT64_MAX},        {0, INT64_MAX, INT64_MAX},
        {INT64_MIN, 0, INT64_MAX}, {-1, 10000, 10000000000},   {0, 9300000000000, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int ends[2];
        CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
        models_options options = MODELS_OPTIONS_INIT;
        options.descriptor = ends[0];
        options.timeout_ms = cases[i].clients;
        models_client *client = models_client_new(&options, NULL);
        outcome outcome = {0};
        models_call *call = begin_with_timeout(client, cases[i].calls, &outcome);
        request request;
        CHECK(fake_read(ends[1], &request) && request.timeout_nano == cases[i].nano);
        int wait = models_client_get_timeout(client);
        CHECK(cases[i].nano == INT64_MAX ? wait == -1 || wait == INT32_MAX : wait > 4000);
        CHECK(models_client_process(client, NULL) == 0 && !is_over(&outcome));
        models_call_free(call);
        models_client_free(client);
        close(ends[1]);
    }
}

static void metadata_goes_out_as_it_is(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    const char *pairs[] = {"application", "me", "traceparent", "a\nb", NULL}, *odd[] = {"application", NULL};
    models_call_options options = MODELS_CALL_OPTIONS_INIT;
    options.metadata = pairs;
    models_call *call = models_begin(client, "UnloadModels", NULL, &options, take, &outcome, NULL);
    request request;
    CHECK(fake_read(peer, &request) && !strcmp(request.metadata, "application=me;traceparent=a\nb;"));
    options.metadata = odd;
    models_error *error = NULL;
    CHECK(!models_begin(client, "UnloadModels", NULL, &options, take, &outcome, &error));
    words words = words_of(error);
    CHECK(words.code == MODELS_INVALID_ARGUMENT);
    CHECK_TEXT(words.message, "application");
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static models_code refusal(models_client *client, const char *method, const ProtobufCMessage *request,
                           const models_call_options *options, models_done *done, const char *text) {
    models_error *error = NULL;
    CHECK(!models_begin(client, method, request, options, done, NULL, &error));
    words words = words_of(error);
    CHECK(!words.was_sent);
    CHECK_TEXT(words.message, text);
    return words.code;
}

static void what_cannot_be_sent_is_an_error_of_that_call(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_seed seed = PIECES__MODELS__V1__SEEDED_MODEL__INIT;
    Pieces__Models__V1__ModelsCreateNewModelRequest create = PIECES__MODELS__V1__MODELS_CREATE_NEW_MODEL_REQUEST__INIT;
    models_call_options sizeless = {0};
    CHECK(refusal(client, "ModelsSnapshots", NULL, NULL, take, "ModelsSnapshots") == MODELS_UNIMPLEMENTED);
    CHECK(refusal(client, NULL, NULL, NULL, take, "method") == MODELS_UNIMPLEMENTED);
    CHECK(refusal(client, "UnloadModels", NULL, NULL, NULL, "done") == MODELS_INVALID_ARGUMENT);
    CHECK(refusal(client, "UnloadModels", &seed.base, NULL, take, "SeededModel") == MODELS_INVALID_ARGUMENT);
    CHECK(refusal(client, "UnloadModels", &(ProtobufCMessage){0}, NULL, take, "INIT") == MODELS_INVALID_ARGUMENT);
    CHECK(refusal(client, "UnloadModels", NULL, &sizeless, take, "struct_size") == MODELS_INVALID_ARGUMENT);
    CHECK(refusal(NULL, "UnloadModels", NULL, NULL, take, "client") == MODELS_INVALID_ARGUMENT);
    static char large[(4 << 20) + 1];
    memset(large, 'x', sizeof large - 1);
    seed.description = large;
    create.seeded_model = &seed;
    CHECK(refusal(client, "ModelsCreateNewModel", &create.base, NULL, take, "4194304") == MODELS_RESOURCE_EXHAUSTED);
    CHECK(is_quiet(peer, 0));
    // The connection lives.
    outcome outcome = {0};
    models_call *call = begin(client, "ModelsSnapshot", &outcome);
    CHECK(fake_snapshot(peer, "there") == 1);
    turn_until_over(client, &outcome);
    CHECK(!strcmp(outcome.name, "there"));
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void a_large_request_waits_for_the_socket(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_seed seed = PIECES__MODELS__V1__SEEDED_MODEL__INIT;
    Pieces__Models__V1__ModelsCreateNewModelRequest create = PIECES__MODELS__V1__MODELS_CREATE_NEW_MODEL_REQUEST__INIT;
    static char large[4000000];
    memset(large, 'x', sizeof large - 1);
    seed.description = large;
    create.seeded_model = &seed;
    outcome outcome = {0}, second = {0};
    models_call *call = models_begin(client, "ModelsCreateNewModel", &create.base, NULL, take, &outcome, NULL);
    models_call *other = begin(client, "UnloadModels", &second);
    CHECK(call);
    // It is the loop that writes the rest, as the other end takes it.
    static uint8_t got[4100000];
    size_t count = 0;
    while (count < 4000000) {
        ssize_t part = recv(peer, got + count, sizeof got - count, MSG_DONTWAIT);
        if (part > 0) count += (size_t)part;
        else turn(client);
    }
    fake_respond(peer, 1, NULL);
    fake_respond(peer, 3, NULL);
    turn_until_over(client, &second);
    CHECK(outcome.messages == 1 && second.messages == 1);
    CHECK(models_client_get_timeout(client) == -1);
    // Nobody wants to write any longer.
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 0) == 0);
    models_call_free(call);
    models_call_free(other);
    models_client_free(client);
    close(peer);
}

// --- What a `done` may do

typedef struct {
    models_client *client;
    outcome first, second;
    models_call *again;
    words process;
    int deleted;
} nest;

static void free_and_begin(models_call *call, ProtobufCMessage *message, const models_error *error, void *context) {
    nest *nest = context;
    take(call, message, error, &nest->first);
    models_call_free(call);
    nest->again = begin(nest->client, "ModelsSnapshot", &nest->second);
    models_error *problem = NULL;
    if (models_client_process(nest->client, &problem) < 0) nest->process = words_of(problem);
}

static void a_done_may_free_its_call_and_begin_another(void) {
    int peer;
    nest nest = {.client = make_pair(&peer)};
    CHECK(models_begin(nest.client, "UnloadModels", NULL, NULL, free_and_begin, &nest, NULL));
    request request;
    CHECK(fake_read(peer, &request));
    fake_respond(peer, 1, NULL);
    turn_until_over(nest.client, &nest.first);
    CHECK(nest.process.code == MODELS_FAILED_PRECONDITION);
    CHECK(fake_snapshot(peer, "again") == 3);
    turn_until_over(nest.client, &nest.second);
    CHECK(nest.first.messages == 1 && !strcmp(nest.second.name, "again"));
    models_call_free(nest.again);
    models_client_free(nest.client);
    close(peer);
}

static void call_and_wait(models_call *call, ProtobufCMessage *message, const models_error *error, void *context) {
    nest *nest = context;
    take(call, message, error, &nest->first);
    nest->deleted = models_delete(nest->client, "an id", NULL, NULL);
}

static void answer_in_the_middle(void *peer) {
    request request;
    for (int i = 0; i < 2; i++) fake_read(*(int *)peer, &request);
    fake_respond(*(int *)peer, 1, NULL);
    if (fake_read(*(int *)peer, &request)) fake_respond(*(int *)peer, request.id, NULL);
    fake_respond(*(int *)peer, 3, NULL);
}

static void a_done_may_wait_for_another_call(void) {
    int peer;
    nest nest = {.client = make_pair(&peer)};
    models_call *call = models_begin(nest.client, "UnloadModels", NULL, NULL, call_and_wait, &nest, NULL);
    models_call *other = begin(nest.client, "ModelsSnapshot", &nest.second);
    start_fake(answer_in_the_middle, &peer);
    while (!is_over(&nest.second)) turn(nest.client);
    join_fake();
    CHECK(nest.first.messages == 1 && nest.deleted == 0 && nest.second.messages == 1);
    models_call_free(call);
    models_call_free(other);
    models_client_free(nest.client);
    close(peer);
}

static void free_client(models_call *call, ProtobufCMessage *message, const models_error *error, void *context) {
    nest *nest = context;
    take(call, message, error, &nest->first);
    if (message) models_client_free(nest->client);
}

static void a_done_may_free_the_client(void) {
    int peer;
    nest nest = {.client = make_pair(&peer)};
    models_call *stream = models_begin(nest.client, "StreamModelsSnapshot", NULL, NULL, free_client, &nest, NULL);
    models_call *other = begin(nest.client, "ModelsSnapshot", &nest.second);
    fake_part(peer, 1, "first");
    fake_part(peer, 1, "second");
    CHECK(turn(nest.client) == 0);
    CHECK(nest.first.messages >= 1 && nest.first.errors == 1 && nest.first.code == MODELS_CANCELLED);
    CHECK(nest.second.errors == 1 && nest.second.code == MODELS_CANCELLED);
    models_call_free(stream);
    models_call_free(other);
    close(peer);
}

static void other_calls_are_told_in_process_alone(void) {
    int peer;
    models_client *client = make_pair(&peer);
    outcome outcome = {0};
    models_call *call = begin(client, "ModelsSnapshot", &outcome);
    fake_respond(peer, 1, NULL);
    fake_respond(peer, 3, NULL);
    CHECK(models_unload(client, NULL, NULL) == 0);
    CHECK(!is_over(&outcome));
    // A loop that waits is woken.
    CHECK(models_client_get_timeout(client) == 0);
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 0) == 1);
    CHECK(models_client_process(client, NULL) == 0 && outcome.messages == 1);
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 0) == 0);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void errors_carry_everything(void) {
    int peer;
    models_client *client = make_pair(&peer);
    const char *pairs[] = {"operation", "UnloadModels", "http_status", "401", "hint", "sign in to Pieces OS", NULL};
    fake_fail(peer, 1, 16, "who are you?", "UPSTREAM_HTTP_STATUS", pairs);
    models_error *error = NULL;
    CHECK(models_unload(client, NULL, &error) == -1);
    CHECK(models_error_code(error) == MODELS_UNAUTHENTICATED);
    CHECK(!strcmp(models_error_message(error), "who are you?"));
    CHECK(!strcmp(models_error_reason(error), "UPSTREAM_HTTP_STATUS"));
    CHECK(!strcmp(models_error_metadata(error, "hint"), "sign in to Pieces OS"));
    CHECK(!strcmp(models_error_metadata(error, "http_status"), "401"));
    CHECK(!models_error_metadata(error, "absent") && !models_error_metadata(error, NULL));
    CHECK(models_error_was_sent(error) == 1);
    models_error_free(error);
    static const struct {
        const char *reason, *sent;
        int was_sent;
    } cases[] = {
        {"UPSTREAM_CONNECTION_LOST", "true", 1}, {"UPSTREAM_UNREACHABLE", "false", 0}, {"BAD_REQUEST", NULL, 0},
        {"POLICY_DENIED", NULL, 0},              {"UPSTREAM_BAD_JSON", NULL, 1},       {"", NULL, 1},
    };
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *sent[] = {"request_sent", cases[i].sent, NULL};
        fake_fail(peer, 3 + 2 * i, 14, "", cases[i].reason, cases[i].sent ? sent : NULL);
        CHECK(models_unload(client, NULL, &error) == -1);
        CHECK(!strcmp(models_error_reason(error), cases[i].reason) && !strcmp(models_error_message(error), ""));
        CHECK(models_error_was_sent(error) == cases[i].was_sent);
        models_error_free(error);
    }
    // A code that gRPC does not know, and a success that says so.
    fake_fail(peer, 15, 99, "", "", NULL);
    CHECK(models_unload(client, NULL, &error) == -1 && models_error_code(error) == MODELS_UNKNOWN);
    models_error_free(error);
    fake_fail(peer, 17, 0, "", "", NULL);
    CHECK(models_unload(client, NULL, NULL) == 0);
    models_client_free(client);
    close(peer);
}

static void codes_have_names(void) {
    CHECK(!strcmp(models_code_name(MODELS_OK), "OK") && !strcmp(models_code_name(MODELS_NOT_FOUND), "NOT_FOUND"));
    CHECK(!strcmp(models_code_name(MODELS_UNAUTHENTICATED), "UNAUTHENTICATED"));
    CHECK(!strcmp(models_code_name((models_code)17), "UNKNOWN"));
    CHECK(!strcmp(models_code_name((models_code)-1), "UNKNOWN"));
    CHECK(!strcmp(models_client_version(), MODELS_CLIENT_VERSION));
    CHECK(models_error_code(NULL) == MODELS_OK && !strcmp(models_error_reason(NULL), ""));
}

const test loop_tests[] = {
    {"a call is one request frame, and POLLIN is what to poll for", a_call_is_one_request_frame},
    {"answers find their calls in whatever order they come", answers_find_their_calls},
    {"a stream is told in parts, and once more at the end", a_stream_is_told_in_parts},
    {"a last part may close the stream", a_last_part_may_close_the_stream},
    {"a stream may end with an error", a_stream_may_end_with_an_error},
    {"a call can be cancelled, and its late answer is nobody's", a_call_can_be_cancelled},
    {"an answer that is there beats a cancel", an_answer_that_is_there_beats_a_cancel},
    {"a cancelled stream tells no more parts", a_cancelled_stream_tells_no_more_parts},
    {"a deadline ends a call, and its late answer is nobody's", a_deadline_ends_a_call},
    {"an answer that is there beats the timer", an_answer_that_is_there_beats_the_timer},
    {"timeouts go out: the call's, the client's, 30 s, none, and huge ones", timeouts_go_out},
    {"metadata goes out as it is", metadata_goes_out_as_it_is},
    {"what cannot be sent is an error of that call, and the connection lives",
     what_cannot_be_sent_is_an_error_of_that_call},
    {"a large request waits for the socket", a_large_request_waits_for_the_socket},
    {"a done may free its call and begin another, and not process", a_done_may_free_its_call_and_begin_another},
    {"a done may wait for another call", a_done_may_wait_for_another_call},
    {"a done may free the client", a_done_may_free_the_client},
    {"other calls are told in process alone, which is told to come", other_calls_are_told_in_process_alone},
    {"errors carry code, message, reason, metadata and whether the call was sent", errors_carry_everything},
    {"codes have names, and no error has words", codes_have_names},
};
TESTS(loop);
