// Calls that wait for their answer.

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "test.h"

static models_call_options timeout_of(int64_t ms) {
    models_call_options options = MODELS_CALL_OPTIONS_INIT;
    options.timeout_ms = ms;
    return options;
}

// One message of each kind, in the order of the test's calls.
static void answer_everything(void *listener) {
    int peer = fake_accept(*(int *)listener);
    request request;
    fake_snapshot(peer, "of a snapshot");
    models_model model = PIECES__MODELS__V1__MODEL__INIT;
    Pieces__Models__V1__ReferencedModel reference = PIECES__MODELS__V1__REFERENCED_MODEL__INIT;
    models_cache_output output = PIECES__MODELS__V1__MODEL_DELETE_CACHE_OUTPUT__INIT;
    model.id = reference.id = (char *)"an id";
    output.model = &reference;
    const ProtobufCMessage *answers[] = {&model.base, NULL, &output.base, NULL};
    const char *methods[] = {"ModelsCreateNewModel", "ModelsDeleteSpecificModel", "ModelsDeleteSpecificModelCache",
                             "UnloadModels"};
    for (int i = 0; i < 4 && fake_read(peer, &request); i++)
        if (!strcmp(request.method, methods[i])) fake_respond(peer, request.id, answers[i]);
    close(peer);
}

static void every_call_waits_for_its_answer(void) {
    int listener = fake_listen(path_of("s"));
    start_fake(answer_everything, &listener);
    models_client *client = client_of(path_of("s"));
    models_list *list = models_snapshot(client, NULL, NULL);
    CHECK(list && !strcmp(list->iterable[0]->name, "of a snapshot"));
    models_seed seed = PIECES__MODELS__V1__SEEDED_MODEL__INIT;
    seed.name = (char *)"seed";
    models_model *model = models_create(client, &seed, NULL, NULL);
    CHECK(model && !strcmp(model->id, "an id"));
    CHECK(models_delete(client, "an id", NULL, NULL) == 0);
    models_cache_output *output = models_delete_cache(client, "an id", NULL, NULL);
    CHECK(output && !strcmp(output->model->id, "an id"));
    CHECK(models_unload(client, NULL, NULL) == 0);
    models_client_free(client);
    // What was handed out lives on.
    CHECK(!strcmp(list->iterable[0]->name, "of a snapshot") && !strcmp(output->model->id, "an id"));
    models_free(list);
    models_free(model);
    models_free(output);
    join_fake();
    close(listener);
}

static void requests_carry_their_arguments(void) {
    int peer;
    models_client *client = make_pair(&peer);
    request request;
    models_seed seed = PIECES__MODELS__V1__SEEDED_MODEL__INIT;
    fake_respond(peer, 1, NULL);
    seed.name = (char *)"N";
    models_free(models_create(client, &seed, NULL, NULL));
    CHECK(fake_read(peer, &request) && request.payload_length == 5 && !memcmp(request.payload, "\x0a\x03\x12\x01N", 5));
    fake_respond(peer, 3, NULL);
    models_free(models_create(client, NULL, NULL, NULL));
    CHECK(fake_read(peer, &request) && request.payload_length == 0);
    fake_respond(peer, 5, NULL);
    CHECK(models_delete(client, "i", NULL, NULL) == 0);
    CHECK(fake_read(peer, &request) && request.payload_length == 3 && !memcmp(request.payload, "\x0a\x01i", 3));
    fake_respond(peer, 7, NULL);
    models_free(models_delete_cache(client, "i", NULL, NULL));
    CHECK(fake_read(peer, &request) && request.payload_length == 3 && !memcmp(request.payload, "\x0a\x01i", 3));
    models_client_free(client);
    close(peer);
}

static void an_id_is_needed(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_error *error = NULL;
    CHECK(models_delete(client, NULL, NULL, &error) == -1 && words_of(error).code == MODELS_INVALID_ARGUMENT);
    CHECK(!models_delete_cache(client, NULL, NULL, &error) && words_of(error).code == MODELS_INVALID_ARGUMENT);
    CHECK(models_delete(client, NULL, NULL, NULL) == -1);
    CHECK(models_unload(NULL, NULL, &error) == -1 && words_of(error).code == MODELS_INVALID_ARGUMENT);
    CHECK(is_quiet(peer, 0));
    models_client_free(client);
    close(peer);
}

static void options_need_their_size(void) {
    models_options options = {0};
    models_error *error = NULL;
    CHECK(!models_client_new(&options, &error) && words_of(error).code == MODELS_INVALID_ARGUMENT);
    CHECK(!models_client_new(&options, NULL));
    int peer;
    models_client *client = make_pair(&peer);
    models_call_options none = {0};
    CHECK(models_unload(client, &none, &error) == -1 && words_of(error).code == MODELS_INVALID_ARGUMENT);
    // Of a later version, which has more.
    struct {
        models_call_options options;
        int more;
    } later = {MODELS_CALL_OPTIONS_INIT, 7};
    later.options.struct_size = sizeof later;
    fake_respond(peer, 1, NULL);
    CHECK(models_unload(client, &later.options, NULL) == 0);
    models_client_free(client);
    close(peer);
}

static void a_silent_gateway_costs_the_timeout(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_call_options options = timeout_of(200);
    int64_t start = now_ms();
    models_error *error = NULL;
    CHECK(models_unload(client, &options, &error) == -1);
    words words = words_of(error);
    CHECK(words.code == MODELS_DEADLINE_EXCEEDED && words.was_sent && !strcmp(words.operation, "UnloadModels"));
    CHECK(!strcmp(words.request_sent, "true"));
    CHECK(now_ms() - start >= 200 && now_ms() - start < 1200);
    // The first answer comes late; the second call (its id is behind that of the cancel) gets its own.
    fake_fail(peer, 1, 5, "late", "", NULL);
    fake_respond(peer, 5, NULL);
    CHECK(models_unload(client, NULL, NULL) == 0);
    models_client_free(client);
    close(peer);
}

static void a_gateway_that_accepts_nobody_costs_the_timeout(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path_of("s"));
    int listener = socket(AF_UNIX, SOCK_STREAM, 0), waiting[8];
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 0) == 0);
    // The queue of connections is full.
    for (int i = 0; i < 8; i++) {
        waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(waiting[i], (struct sockaddr *)&address, sizeof address);
    }
    models_client *client = client_of(path_of("s"));
    models_call_options options = timeout_of(200);
    models_error *error = NULL;
    int64_t start = now_ms();
    CHECK(models_unload(client, &options, &error) == -1);
    words words = words_of(error);
    CHECK(words.code == MODELS_DEADLINE_EXCEEDED && !words.was_sent && !strcmp(words.request_sent, "false"));
    CHECK(now_ms() - start >= 200 && now_ms() - start < 1200);
    for (int i = 0; i < 8; i++) close(waiting[i]);
    // It takes connections again.
    for (int i = 0; i < 8 && !is_quiet(listener, 0); i++) close(fake_accept(listener));
    start_fake(answer_everything, &listener);
    models_list *list = models_snapshot(client, NULL, NULL);
    CHECK(list);
    models_free(list);
    models_client_free(client);
    join_fake();
    close(listener);
}

static void a_stream_is_taken_part_by_part(void) {
    int peer;
    models_client *client = make_pair(&peer);
    fake_part(peer, 1, "first");
    models_error *error = NULL;
    models_call *stream = models_stream(client, NULL, &error);
    models_list *part = models_stream_next(stream, &error);
    CHECK(part && !strcmp(part->iterable[0]->name, "first"));
    models_free(part);
    // Another call meanwhile, whose answer comes between the parts.
    fake_part(peer, 1, "second");
    fake_respond(peer, 3, NULL);
    fake_part(peer, 1, "third");
    fake_end(peer, 1);
    CHECK(models_unload(client, NULL, NULL) == 0);
    for (const char *const *name = (const char *const[]){"second", "third", NULL}; *name; name++) {
        part = models_stream_next(stream, &error);
        CHECK(part && !strcmp(part->iterable[0]->name, *name));
        models_free(part);
    }
    CHECK(!models_stream_next(stream, &error) && !error && !models_stream_next(stream, &error) && !error);
    models_call_free(stream);
    models_client_free(client);
    close(peer);
}

static void a_stream_left_early_is_cancelled(void) {
    int peer;
    models_client *client = make_pair(&peer);
    request request;
    models_call *stream = models_stream(client, NULL, NULL);
    CHECK(fake_read(peer, &request) && !strcmp(request.method, "StreamModelsSnapshot"));
    fake_part(peer, 1, "first");
    models_free(models_stream_next(stream, NULL));
    models_call_free(stream);
    CHECK(fake_read(peer, &request) && !strcmp(request.method, "Cancel") && request.payload[1] == 1);
    // More of it comes; it is nobody's.
    fake_part(peer, 1, "late");
    fake_fail(peer, 1, 1, "", "CANCELLED", NULL);
    fake_respond(peer, 3, NULL);
    fake_respond(peer, 5, NULL);
    CHECK(models_unload(client, NULL, NULL) == 0);
    models_client_free(client);
    close(peer);
}

static void a_stream_can_end_with_an_error(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_error *error = NULL;
    models_call *stream = models_stream(client, NULL, NULL);
    fake_part(peer, 1, "first");
    fake_fail(peer, 1, 13, "broken", "UPSTREAM_BAD_JSON", NULL);
    models_free(models_stream_next(stream, &error));
    for (int i = 0; i < 2; i++) {
        CHECK(!models_stream_next(stream, &error));
        CHECK(words_of(error).code == MODELS_INTERNAL);
    }
    models_call_cancel(stream);
    models_call_free(stream);
    models_call_options options = timeout_of(100);
    stream = models_stream(client, &options, &error);
    CHECK(stream && !models_stream_next(stream, &error) && words_of(error).code == MODELS_DEADLINE_EXCEEDED);
    models_call_free(stream);
    stream = models_stream(client, NULL, &error);
    models_call_cancel(stream);
    CHECK(!models_stream_next(stream, &error) && words_of(error).code == MODELS_CANCELLED);
    CHECK(!models_stream_next(NULL, &error) && words_of(error).code == MODELS_INVALID_ARGUMENT);
    models_client_free(client);
    CHECK(!models_stream_next(stream, &error) && words_of(error).code == MODELS_CANCELLED);
    models_call_free(stream);
    close(peer);
}

static void a_stream_to_nobody_fails_at_once(void) {
    models_client *client = client_of(path_of("nothing"));
    models_error *error = NULL;
    CHECK(!models_stream(client, NULL, &error) && words_of(error).code == MODELS_UNAVAILABLE);
    models_client_free(client);
}

static void what_nobody_takes_is_bounded(void *peer) {
    static char megabyte[1 << 20];
    request request;
    fake_read(*(int *)peer, &request);
    for (int i = 0; i < 70; i++) fake_send(*(int *)peer, 3, 0, 1, megabyte, sizeof megabyte);
    fake_respond(*(int *)peer, 3, NULL);
    while (fake_read(*(int *)peer, &request)) continue;
}

static void parts_that_nobody_takes_are_bounded(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_error *error = NULL;
    models_call *stream = models_stream(client, NULL, NULL);
    start_fake(what_nobody_takes_is_bounded, &peer);
    CHECK(models_unload(client, NULL, &error) == 0);
    // What has come is no Models, so the first part is an error already.
    CHECK(!models_stream_next(stream, &error));
    models_code code = words_of(error).code;
    CHECK(code == MODELS_INTERNAL);
    models_call_free(stream);
    models_client_free(client);
    join_fake();
    close(peer);
}

static void a_timestamp_is_the_programs(void) {
    Pieces__Models__V1__Timestamp now = models_timestamp(1764000000, 5);
    CHECK(now.has_seconds && now.seconds == 1764000000 && now.has_nanos && now.nanos == 5);
    uint8_t bytes[32];
    static const uint8_t expected[] = {0x08, 0x80, 0x82, 0x92, 0xc9, 0x06, 0x10, 0x05};
    size_t length = protobuf_c_message_pack(&now.base, bytes);
    CHECK(length == sizeof expected && !memcmp(bytes, expected, length));
}

const test call_tests[] = {
    {"every call waits for its answer, which outlives the client", every_call_waits_for_its_answer},
    {"requests carry their arguments", requests_carry_their_arguments},
    {"an id and a client are needed", an_id_is_needed},
    {"options need their size, and may be of a later version", options_need_their_size},
    {"a silent gateway costs the timeout, and the client goes on", a_silent_gateway_costs_the_timeout},
    {"a gateway that accepts nobody costs the timeout", a_gateway_that_accepts_nobody_costs_the_timeout},
    {"a stream is taken part by part, with a call between", a_stream_is_taken_part_by_part},
    {"a stream left early is cancelled", a_stream_left_early_is_cancelled},
    {"a stream can end with an error, and goes on to say so", a_stream_can_end_with_an_error},
    {"a stream to nobody fails at once", a_stream_to_nobody_fails_at_once},
    {"parts that nobody takes are bounded", parts_that_nobody_takes_are_bounded},
    {"a timestamp is the same on the wire", a_timestamp_is_the_programs},
};
TESTS(call);
