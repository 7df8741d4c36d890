// The real gateway in front of the simulator: stopped, killed, started again.

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

typedef struct {
    pid_t pid;
    FILE *output;
    char ready[256];
} program;

static program simulator, gateway;
static char url[64];

static const char *program_of(const char *variable, const char *otherwise) {
    const char *named = getenv(variable);
    return named ? named : otherwise;
}

// Waits until it says that it is ready.
static program start(const char *const *words) {
    program program = {0};
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    program.pid = fork();
    if (program.pid == 0) {
        // Not longer than the test, which may fail.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        execv(words[0], (char *const *)words);
        _exit(127);
    }
    close(ends[1]);
    program.output = fdopen(ends[0], "r");
    while (fgets(program.ready, sizeof program.ready, program.output))
        if (strstr(program.ready, "ready")) return program;
    CHECK(!"the program is ready");
    return program;
}

static void end(program *program, int number) {
    if (program->pid <= 0) return;
    kill(program->pid, number);
    waitpid(program->pid, NULL, 0);
    fclose(program->output);
    program->pid = 0;
}

static void start_simulator(const char *latency) {
    simulator = start((const char *const[]){program_of("SIMULATOR", ".build/debug/pieces-os-simulator"), "--port", "0",
                                            "--latency", latency, NULL});
    char *found = strstr(simulator.ready, "http://");
    CHECK(found);
    snprintf(url, sizeof url, "http://%.*s", (int)strspn(found + 7, "0123456789.:"), found + 7);
}

static void start_gateway(void) {
    gateway = start((const char *const[]){program_of("GATEWAY", ".build/debug/models-gateway"), "serve", "--socket",
                                          path_of("s"), "--upstream", url, NULL});
}

static models_client *start_both(const char *latency) {
    start_simulator(latency);
    start_gateway();
    return client_of(path_of("s"));
}

static void end_both(models_client *client) {
    models_client_free(client);
    end(&gateway, SIGTERM);
    end(&simulator, SIGTERM);
}

static models_call_options timeout_of(int64_t ms) {
    models_call_options options = MODELS_CALL_OPTIONS_INIT;
    options.timeout_ms = ms;
    return options;
}

static models_model *create(models_client *client, const char *name, models_error **error) {
    Pieces__Models__V1__Timestamp now = models_timestamp(time(NULL), 0);
    Pieces__Models__V1__GroupedTimestamp created = PIECES__MODELS__V1__GROUPED_TIMESTAMP__INIT;
    models_seed seed = PIECES__MODELS__V1__SEEDED_MODEL__INIT;
    created.value = &now;
    seed.created = &created;
    seed.name = (char *)name;
    seed.version = (char *)"1";
    seed.has_type = seed.has_usage = seed.has_cloud = 1;
    seed.type = PIECES__MODELS__V1__MODEL_TYPE__MODEL_TYPE_SPEED;
    seed.usage = PIECES__MODELS__V1__MODEL_USAGE__MODEL_USAGE_CODE_GENERATION;
    models_model *model = models_create(client, &seed, NULL, error);
    CHECK(!model || model->created->value->seconds == now.seconds);
    return model;
}

static void every_call_is_answered(void) {
    models_client *client = start_both("0");
    models_error *error = NULL;
    models_list *list = models_snapshot(client, NULL, &error);
    CHECK(list && list->n_iterable == 60);
    models_model *model = create(client, "mine", &error);
    CHECK(model && !strcmp(model->name, "mine"));
    size_t count = 0;
    models_call *stream = models_stream(client, NULL, &error);
    for (models_list *part; (part = models_stream_next(stream, &error)); models_free(part)) count += part->n_iterable;
    CHECK(count == 61 && !error);
    CHECK(models_delete(client, model->id, NULL, &error) == 0);
    // Pieces OS answers 500 for an unknown model.
    CHECK(models_delete(client, model->id, NULL, &error) == -1);
    CHECK(!strcmp(models_error_metadata(error, "http_status"), "500"));
    words words = words_of(error);
    CHECK(words.code == MODELS_INTERNAL && !strcmp(words.reason, "UPSTREAM_HTTP_STATUS") && words.message[0]);
    CHECK(!strcmp(words.operation, "ModelsDeleteSpecificModel") && words.was_sent);
    models_cache_output *output = models_delete_cache(client, list->iterable[0]->id, NULL, &error);
    CHECK(output && models_unload(client, NULL, &error) == 0);
    models_free(output);
    models_free(list);
    models_free(model);
    models_call_free(stream);
    end_both(client);
}

static void what_the_contract_refuses_comes_from_the_gateway(void) {
    models_client *client = start_both("0");
    models_call_options options = MODELS_CALL_OPTIONS_INIT;
    models_error *error = NULL;
    options.metadata = (const char *const[]){"application", "a\nb", NULL};
    CHECK(models_unload(client, &options, &error) == -1);
    words words = words_of(error);
    CHECK(words.code == MODELS_INVALID_ARGUMENT && !strcmp(words.reason, "BAD_REQUEST") && !words.was_sent);
    for (const char *const *id = (const char *const[]){"", "..", "\xff", NULL}; *id; id++) {
        CHECK(models_delete(client, *id, NULL, &error) == -1);
        words = words_of(error);
        CHECK(words.code == MODELS_INVALID_ARGUMENT && !strcmp(words.reason, "BAD_REQUEST") && !words.was_sent);
    }
    CHECK(models_unload(client, NULL, NULL) == 0);
    end_both(client);
}

// What an Empty has kept of an answer, as text with a dot for what is none.
static void unknown_text(const ProtobufCMessage *message, char *text, size_t size) {
    uint8_t bytes[4096];
    CHECK(message->descriptor == &pieces__models__v1__empty__descriptor);
    CHECK(protobuf_c_message_get_packed_size(message) < sizeof bytes);
    size_t length = protobuf_c_message_pack(message, bytes);
    CHECK(length < size);
    for (size_t i = 0; i < length; i++) text[i] = bytes[i] >= ' ' && bytes[i] < 127 ? (char)bytes[i] : '.';
    text[length] = 0;
}

static void a_method_that_is_not_known_here_is_called_by_its_name_in_full(void) {
    models_client *client = start_both("0");
    char text[4096];
    outcome status = {.keeps = true};
    models_call *call = begin(client, "pieces.gateway.v1.Control/Status", &status);
    CHECK(turn_until_over(client, &status) == 0 && status.kept && status.ends == 0);
    unknown_text(status.kept, text, sizeof text);
    CHECK_TEXT(text, "pieces.models.v1.ModelsService/UnloadModels");
    models_free(status.kept);
    models_call_free(call);

    outcome watch = {.keeps = true};
    call = begin(client, "grpc.health.v1.Health/Watch", &watch);
    CHECK(turn_until_over(client, &watch) == 0 && watch.kept);
    unknown_text(watch.kept, text, sizeof text);
    CHECK(strlen(text) == 2);
    models_free(watch.kept);
    models_call_cancel(call);
    while (watch.errors == 0) turn(client);
    CHECK(watch.code == MODELS_CANCELLED && watch.ends == 0);
    models_call_free(call);

    outcome unknown = {0};
    call = begin(client, "no.such/Thing", &unknown);
    CHECK(turn_until_over(client, &unknown) == 0 && unknown.code == MODELS_UNIMPLEMENTED);
    CHECK_TEXT(unknown.text, "no.such");
    models_call_free(call);
    end_both(client);
}

static void a_known_method_goes_by_its_name_in_full_and_takes_bytes(void) {
    models_client *client = start_both("0");
    models_model *model = create(client, "mine", NULL);
    // ModelsDeleteSpecificModelRequest {string model = 1;}
    uint8_t bytes[64] = {0x0a, (uint8_t)strlen(model->id)};
    memcpy(bytes + 2, model->id, strlen(model->id));
    ProtobufCMessage *request =
        protobuf_c_message_unpack(&pieces__models__v1__empty__descriptor, NULL, 2 + strlen(model->id), bytes);
    outcome outcome = {0};
    models_call *call = models_begin(client, "pieces.models.v1.ModelsService/ModelsDeleteSpecificModel", request, NULL,
                                     take, &outcome, NULL);
    CHECK(call && turn_until_over(client, &outcome) == 0 && outcome.messages == 1);
    CHECK(models_delete(client, model->id, NULL, NULL) == -1);
    protobuf_c_message_free_unpacked(request, NULL);
    models_call_free(call);
    models_free(model);
    end_both(client);
}

static void a_stopped_gateway_costs_the_timeout(void) {
    models_client *client = start_both("0");
    models_call_options options = timeout_of(1000);
    CHECK(models_unload(client, NULL, NULL) == 0);
    kill(gateway.pid, SIGSTOP);
    for (int i = 0; i < 2; i++) {
        // The first on a connection that there is; the second makes one.
        models_client *one = i == 0 ? client : client_of(path_of("s"));
        models_error *error = NULL;
        int64_t start = now_ms();
        CHECK(models_unload(one, &options, &error) == -1 && words_of(error).code == MODELS_DEADLINE_EXCEEDED);
        CHECK(now_ms() - start >= 1000 && now_ms() - start <= 2000);
        if (i == 1) models_client_free(one);
    }
    kill(gateway.pid, SIGCONT);
    models_list *list = models_snapshot(client, NULL, NULL);
    CHECK(list && list->n_iterable == 60);
    models_free(list);
    end_both(client);
}

static void a_restart_between_calls_goes_unnoticed(void) {
    models_client *client = start_both("0");
    for (int i = 0; i < 3; i++) {
        CHECK(models_unload(client, NULL, NULL) == 0);
        end(&gateway, i == 0 ? SIGTERM : SIGKILL);
        start_gateway();
    }
    CHECK(models_unload(client, NULL, NULL) == 0);
    end_both(client);
}

static void a_restart_in_mid_call_is_told_and_a_snapshot_asked_again(void) {
    models_client *client = start_both("700");
    outcome snapshot = {0}, unload = {0};
    models_call *calls[] = {begin(client, "ModelsSnapshot", &snapshot), begin(client, "UnloadModels", &unload)};
    end(&gateway, SIGKILL);
    CHECK(turn(client) == -1 && unload.errors == 1 && !is_over(&snapshot));
    CHECK(unload.code == MODELS_UNAVAILABLE && unload.was_sent);
    start_gateway();
    CHECK(turn_until_over(client, &snapshot) == 0 && snapshot.messages == 1 && snapshot.errors == 0);
    for (int i = 0; i < 2; i++) models_call_free(calls[i]);
    end_both(client);
}

static void the_gateways_own_deadline_is_the_better_one(void) {
    models_client *client = start_both("5000");
    models_call_options options = timeout_of(300);
    models_error *error = NULL;
    int64_t start = now_ms();
    CHECK(models_unload(client, &options, &error) == -1);
    words words = words_of(error);
    CHECK(words.code == MODELS_DEADLINE_EXCEEDED && !strcmp(words.request_sent, "true") && words.was_sent);
    CHECK(now_ms() - start >= 300 && now_ms() - start < 1300);
    end_both(client);
}

static void a_cancelled_call_leaves_the_connection(void) {
    models_client *client = start_both("600");
    outcome outcomes[3] = {{0}};
    models_call *calls[3];
    for (int i = 0; i < 3; i++) calls[i] = begin(client, "UnloadModels", &outcomes[i]);
    models_call_cancel(calls[1]);
    turn_until_over(client, &outcomes[1]);
    CHECK(outcomes[1].code == MODELS_CANCELLED && !is_over(&outcomes[0]) && !is_over(&outcomes[2]));
    turn_until_over(client, &outcomes[0]);
    turn_until_over(client, &outcomes[2]);
    CHECK(outcomes[0].messages == 1 && outcomes[2].messages == 1 && outcomes[1].errors == 1);
    for (int i = 0; i < 3; i++) models_call_free(calls[i]);
    end_both(client);
}

static void many_calls_are_in_flight_at_once(void) {
    enum { COUNT = 2000 };
    models_client *client = start_both("0");
    static outcome outcomes[COUNT];
    static models_call *calls[COUNT];
    memset(outcomes, 0, sizeof outcomes);
    for (int i = 0; i < COUNT; i++) calls[i] = begin(client, i % 2 ? "UnloadModels" : "ModelsSnapshot", &outcomes[i]);
    for (int i = 0; i < COUNT; i++) {
        turn_until_over(client, &outcomes[i]);
        CHECK(outcomes[i].messages + outcomes[i].errors == 1);
        // The gateway may have no room for so many, and says so.
        CHECK(outcomes[i].messages == 1 || outcomes[i].code == MODELS_RESOURCE_EXHAUSTED);
        CHECK(i % 2 || outcomes[i].errors || outcomes[i].name[0]);
        models_call_free(calls[i]);
    }
    end_both(client);
}

static void an_unreachable_upstream_has_not_been_asked(void) {
    models_client *client = start_both("0");
    end(&simulator, SIGKILL);
    models_error *error = NULL;
    CHECK(models_unload(client, NULL, &error) == -1);
    words words = words_of(error);
    CHECK(words.code == MODELS_UNAVAILABLE && !strcmp(words.reason, "UPSTREAM_UNREACHABLE"));
    CHECK(!words.was_sent && !strcmp(words.request_sent, "false"));
    end_both(client);
}

const test daemon_tests[] = {
    {"every call is answered", every_call_is_answered},
    {"what the contract refuses comes from the gateway", what_the_contract_refuses_comes_from_the_gateway},
    {"a method that is not known here is called by its name in full",
     a_method_that_is_not_known_here_is_called_by_its_name_in_full},
    {"a known method goes by its name in full, and takes bytes",
     a_known_method_goes_by_its_name_in_full_and_takes_bytes},
    {"a stopped gateway costs the timeout, and the client goes on", a_stopped_gateway_costs_the_timeout},
    {"a restart between calls goes unnoticed", a_restart_between_calls_goes_unnoticed},
    {"a restart in mid-call is told, and a snapshot asked again",
     a_restart_in_mid_call_is_told_and_a_snapshot_asked_again},
    {"the gateway's own deadline is the better one", the_gateways_own_deadline_is_the_better_one},
    {"a cancelled call leaves the connection", a_cancelled_call_leaves_the_connection},
    {"many calls are in flight at once", many_calls_are_in_flight_at_once},
    {"an unreachable upstream has not been asked", an_unreachable_upstream_has_not_been_asked},
};
TESTS(daemon);
