// A gateway that sends what it should not.

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

static void malformed_frames_end_the_connection(void) {
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {"\x00\x40\x00\x01\0\0\0\x01\x02\0", 10, "4194305 bytes"},
        {"\xff\xff\xff\xff\0\0\0\x01\x02\0", 10, "4294967295 bytes"},
        {"HTTP/1.1 200 OK", 15, "no gateway"},
        {"\0\0\0\0\0\0\0\x01\x01\0", 10, "type 1"},
        {"\0\0\0\0\0\0\0\x01\x09\0", 10, "type 9"},
        {"\0\0\0\0\0\0\0\x02\x02\0", 10, "stream 2"},
        {"\0\0\0\0\0\0\0\x00\x02\0", 10, "stream 0"},
        {"\0\0\0\0\0\0\0\x05\x02\0", 10, "stream 5"},
        {"\0\0\0\x01\0\0\0\x03\x03\x05x", 11, "says it has none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int peer;
        models_client *client = make_pair(&peer);
        outcome first = {0}, second = {0};
        models_call *calls[] = {begin(client, "ModelsSnapshot", &first),
                                begin(client, "StreamModelsSnapshot", &second)};
        CHECK(send(peer, cases[i].bytes, cases[i].length, 0) == (ssize_t)cases[i].length);
        models_error *error = NULL;
        CHECK(models_client_process(client, &error) == -1);
        words words = words_of(error);
        CHECK(words.code == MODELS_UNAVAILABLE);
        CHECK_TEXT(words.message, cases[i].text);
        CHECK(first.errors == 1 && first.code == MODELS_UNAVAILABLE && second.errors == 1);
        char byte;
        request request;
        CHECK(fake_read(peer, &request) && fake_read(peer, &request) && recv(peer, &byte, 1, 0) == 0);
        for (int j = 0; j < 2; j++) models_call_free(calls[j]);
        models_client_free(client);
        close(peer);
    }
}

static void an_answer_that_is_none_ends_its_call(void) {
    static const struct {
        const char *method;
        uint8_t type;
        const char *data;
        size_t length;
        models_code code;
    } cases[] = {
        {"ModelsSnapshot", 2, "\x0a", 1, MODELS_INTERNAL},                    // a status without its length
        {"ModelsSnapshot", 2, "\x12\x7f", 2, MODELS_INTERNAL},                // longer than the frame
        {"ModelsSnapshot", 2, "\x00\x00", 2, MODELS_INTERNAL},                // field 0
        {"ModelsSnapshot", 2, "\x0b\x0c", 2, MODELS_INTERNAL},                // a group
        {"ModelsSnapshot", 2, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, MODELS_INTERNAL},
        {"ModelsSnapshot", 2, "\x12\x02\x0a\x05", 4, MODELS_INTERNAL},        // the payload is no Models
        {"ModelsSnapshot", 2, "\x0a\x02\x1a\x7f", 4, MODELS_INTERNAL},        // a detail longer than the status
        {"ModelsSnapshot", 3, "", 0, MODELS_INTERNAL},                        // a stream
        {"StreamModelsSnapshot", 2, "", 0, MODELS_INTERNAL},                  // no stream
        {"StreamModelsSnapshot", 3, "\x0a\x05", 2, MODELS_INTERNAL},          // the part is no Models
        {"ModelsSnapshot", 2, "\x0a\x04\x08\x05\x12\x00", 6, MODELS_NOT_FOUND},
        {"ModelsSnapshot", 2, "\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, MODELS_UNKNOWN},
    };
    int peer;
    models_client *client = make_pair(&peer);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        outcome outcome = {0};
        request request;
        models_call *call = begin(client, cases[i].method, &outcome);
        CHECK(fake_read(peer, &request));
        while (!strcmp(request.method, "Cancel")) CHECK(fake_read(peer, &request));
        fake_send(peer, cases[i].type, 0, request.id, cases[i].data, cases[i].length);
        CHECK(turn_until_over(client, &outcome) == 0);
        CHECK(outcome.errors == 1 && outcome.messages == 0 && outcome.code == cases[i].code);
        models_call_free(call);
    }
    // The connection lives.
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    request request;
    do CHECK(fake_read(peer, &request));
    while (strcmp(request.method, "UnloadModels") != 0);
    fake_respond(peer, request.id, NULL);
    CHECK(turn_until_over(client, &outcome) == 0 && outcome.messages == 1);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

static void frames_may_come_byte_by_byte(void) {
    int peer, through[2];
    models_client *client = make_pair(&peer);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, through) == 0);
    outcome outcome = {0};
    models_call *call = begin(client, "StreamModelsSnapshot", &outcome);
    fake_part(through[0], 1, "a name");
    fake_part(through[0], 1, "another");
    fake_end(through[0], 1);
    close(through[0]);
    char byte;
    while (recv(through[1], &byte, 1, 0) == 1) {
        CHECK(send(peer, &byte, 1, 0) == 1);
        CHECK(models_client_process(client, NULL) == 0);
    }
    CHECK(outcome.messages == 2 && outcome.ends == 1 && !strcmp(outcome.name, "another"));
    close(through[1]);
    models_call_free(call);
    models_client_free(client);
    close(peer);
}

// Of what was asked for: how much, and how much at the same time.
static size_t held, most;

static void *count_allocation(void *unused, size_t size) {
    (void)unused;
    size_t *block = malloc(size + 16);
    if (!block) return NULL;
    *block = size;
    held += size;
    if (held > most) most = held;
    return block + 2;
}

static void count_release(void *unused, void *block) {
    (void)unused;
    held -= ((size_t *)block)[-2];
    free((size_t *)block - 2);
}

static void send_small_fields(void *peer) {
    static uint8_t data[4 << 20];
    // A payload of so many empty models: 2 bytes each, 300 in memory.
    data[0] = 0x12;
    size_t length = sizeof data - 6;
    for (int i = 0; i < 4; i++) data[1 + i] = (uint8_t)((length >> (7 * i) & 0x7F) | (i < 3 ? 0x80 : 0));
    for (size_t i = 5; i + 1 < sizeof data; i += 2) data[i] = 0x0a;
    data[sizeof data - 1] = 0;
    fake_send(*(int *)peer, 2, 0, 1, data, sizeof data - 1);
    request request;
    for (int i = 0; i < 2; i++) fake_read(*(int *)peer, &request);
    fake_respond(*(int *)peer, 3, NULL);
}

static void what_an_answer_unpacks_to_is_bounded(void) {
    int ends[2];
    ProtobufCAllocator counting = {count_allocation, count_release, NULL};
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    models_options options = MODELS_OPTIONS_INIT;
    options.descriptor = ends[0];
    options.allocator = &counting;
    models_client *client = models_client_new(&options, NULL);
    start_fake(send_small_fields, &ends[1]);
    models_error *error = NULL;
    CHECK(!models_snapshot(client, NULL, &error));
    CHECK(words_of(error).code == MODELS_INTERNAL);
    CHECK(most < (size_t)300 << 20);
    CHECK(models_unload(client, NULL, NULL) == 0);
    join_fake();
    models_client_free(client);
    CHECK(held == 0);
    close(ends[1]);
}

static void a_flood_does_not_hold_up_a_deadline(void *peer) {
    static char zeros[1 << 16];
    // Data frames of a stream that there was.
    for (size_t i = 0; i + 10 <= sizeof zeros; i += 10) memcpy(zeros + i, "\0\0\0\0\0\0\0\x01\x03\0", 10);
    while (send(*(int *)peer, zeros, sizeof zeros / 10 * 10, MSG_NOSIGNAL) > 0) continue;
}

static void a_flood_costs_the_timeout(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_call *stream = models_stream(client, NULL, NULL);
    models_call_free(stream);
    start_fake(a_flood_does_not_hold_up_a_deadline, &peer);
    models_call_options options = MODELS_CALL_OPTIONS_INIT;
    options.timeout_ms = 100;
    models_error *error = NULL;
    int64_t start = now_ms();
    CHECK(models_unload(client, &options, &error) == -1 && words_of(error).code == MODELS_DEADLINE_EXCEEDED);
    CHECK(now_ms() - start < 1100);
    models_client_free(client);
    join_fake();
    close(peer);
}

const test hostile_tests[] = {
    {"malformed frames end the connection", malformed_frames_end_the_connection},
    {"an answer that is none ends its call, and the connection lives", an_answer_that_is_none_ends_its_call},
    {"frames may come byte by byte", frames_may_come_byte_by_byte},
    {"what an answer unpacks to is bounded", what_an_answer_unpacks_to_is_bounded},
    {"a flood does not hold up a deadline", a_flood_costs_the_timeout},
};
TESTS(hostile);
