// The connection is lost, and made again.

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

static void every_call_hears_of_the_loss(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    int number = models_client_get_descriptor(client);
    outcome first = {0}, second = {0}, third = {0};
    models_call *calls[] = {begin(client, "UnloadModels", &first), begin(client, "ModelsCreateNewModel", &second),
                            NULL};
    int peer = fake_accept(listener);
    request request;
    CHECK(fake_read(peer, &request) && fake_read(peer, &request));
    close(peer);
    CHECK(poll(&(struct pollfd){.fd = number, .events = POLLIN}, 1, 5000) == 1);
    models_error *error = NULL;
    CHECK(models_client_process(client, &error) == -1);
    CHECK(words_of(error).code == MODELS_UNAVAILABLE);
    CHECK(first.errors == 1 && first.code == MODELS_UNAVAILABLE && first.was_sent && second.errors == 1);
    CHECK_TEXT(first.text, "lost");
    CHECK(models_client_process(client, NULL) == 0);
    // The next call connects again, and the number is the same.
    calls[2] = begin(client, "ModelsSnapshot", &third);
    peer = fake_accept(listener);
    CHECK(fake_snapshot(peer, "again") == 1);
    CHECK(turn_until_over(client, &third) == 0 && !strcmp(third.name, "again"));
    CHECK(models_client_get_descriptor(client) == number);
    for (int i = 0; i < 3; i++) models_call_free(calls[i]);
    models_client_free(client);
    close(peer);
    close(listener);
}

static void an_idle_loss_is_told(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    outcome outcome = {0};
    models_call *call = begin(client, "ModelsSnapshot", &outcome);
    int peer = fake_accept(listener);
    fake_snapshot(peer, "there");
    turn_until_over(client, &outcome);
    close(peer);
    CHECK(turn(client) == -1 && models_client_process(client, NULL) == 0);
    models_call_free(call);
    models_client_free(client);
    close(listener);
}

static void the_lost_call_says_what_is_known(void) {
    int peer;
    models_client *client = make_pair(&peer);
    models_error *error = NULL;
    shutdown(peer, SHUT_WR);
    CHECK(models_unload(client, NULL, &error) == -1);
    words words = words_of(error);
    CHECK(words.code == MODELS_UNAVAILABLE && words.was_sent && !strcmp(words.request_sent, "true"));
    // It was handed over, so there is no way back.
    CHECK(models_unload(client, NULL, &error) == -1);
    words = words_of(error);
    CHECK(words.code == MODELS_UNAVAILABLE && !words.was_sent && !strcmp(words.request_sent, "false"));
    CHECK_TEXT(words.message, "handed over");
    models_client_free(client);
    close(peer);
}

// Answers one call, then goes; answers one on the next connection.
static void restart(void *listener) {
    for (int i = 0; i < 2; i++) {
        int peer = fake_accept(*(int *)listener);
        fake_snapshot(peer, i == 0 ? "before" : "after");
        close(peer);
    }
}

static void a_restart_between_calls_goes_unnoticed(void) {
    int listener = fake_listen(path_of("s"));
    start_fake(restart, &listener);
    models_client *client = client_of(path_of("s"));
    for (int i = 0; i < 2; i++) {
        models_list *list = models_snapshot(client, NULL, NULL);
        CHECK(list && !strcmp(list->iterable[0]->name, i == 0 ? "before" : "after"));
        models_free(list);
        // Until the first connection is closed.
        struct pollfd watched = {.fd = models_client_get_descriptor(client), .events = POLLIN};
        if (i == 0) CHECK(poll(&watched, 1, 5000) == 1);
    }
    join_fake();
    models_client_free(client);
    close(listener);
}

static void unloads_after(void *listener) {
    int peer = fake_accept(*(int *)listener);
    fake_snapshot(peer, "before");
    close(peer);
    request request;
    peer = fake_accept(*(int *)listener);
    if (fake_read(peer, &request)) fake_respond(peer, request.id, NULL);
    close(peer);
}

static void a_request_of_which_nothing_went_out_is_sent_again(void) {
    int listener = fake_listen(path_of("s"));
    start_fake(unloads_after, &listener);
    models_client *client = client_of(path_of("s"));
    models_free(models_snapshot(client, NULL, NULL));
    CHECK(poll(&(struct pollfd){.fd = models_client_get_descriptor(client), .events = POLLIN}, 1, 5000) == 1);
    CHECK(models_unload(client, NULL, NULL) == 0);
    join_fake();
    models_client_free(client);
    close(listener);
}

// Takes a call and goes, so many times; then answers.
static int losses, seen;
static void lose(void *listener) {
    request request;
    for (seen = 0; seen <= losses; seen++) {
        if (is_quiet(*(int *)listener, 3000)) return;
        int peer = fake_accept(*(int *)listener);
        if (seen < losses) fake_read(peer, &request);
        else fake_snapshot(peer, "at last");
        close(peer);
    }
}

static void a_snapshot_is_asked_once_more(void) {
    int listener = fake_listen(path_of("s"));
    losses = 1;
    start_fake(lose, &listener);
    models_client *client = client_of(path_of("s"));
    models_list *list = models_snapshot(client, NULL, NULL);
    CHECK(list && !strcmp(list->iterable[0]->name, "at last"));
    models_free(list);
    join_fake();
    losses = 2;
    start_fake(lose, &listener);
    models_error *error = NULL;
    CHECK(!models_snapshot(client, NULL, &error));
    words words = words_of(error);
    CHECK(words.code == MODELS_UNAVAILABLE && words.was_sent);
    join_fake();
    CHECK(seen == 2);
    models_client_free(client);
    close(listener);
}

static void what_changes_something_is_never_sent_twice(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    losses = 1;
    start_fake(lose, &listener);
    models_error *error = NULL;
    CHECK(!models_create(client, NULL, NULL, &error));
    words words = words_of(error);
    CHECK(words.code == MODELS_UNAVAILABLE && words.was_sent && !strcmp(words.request_sent, "true"));
    join_fake();
    CHECK(seen == 1);
    models_client_free(client);
    close(listener);
}

static void a_stream_that_has_begun_is_not_asked_again(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    models_call *stream = models_stream(client, NULL, NULL);
    int peer = fake_accept(listener);
    request request;
    CHECK(fake_read(peer, &request));
    fake_part(peer, 1, "first");
    close(peer);
    models_free(models_stream_next(stream, NULL));
    models_error *error = NULL;
    CHECK(!models_stream_next(stream, &error) && words_of(error).code == MODELS_UNAVAILABLE);
    CHECK(is_quiet(listener, 0));
    models_call_free(stream);
    models_client_free(client);
    close(listener);
}

static void a_snapshot_waits_for_a_gateway_that_starts_again(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    outcome outcome = {0};
    models_call *call = begin(client, "ModelsSnapshot", &outcome);
    int peer = fake_accept(listener);
    request request;
    CHECK(fake_read(peer, &request));
    close(listener);
    close(peer);
    CHECK(turn(client) == 0 && !is_over(&outcome));
    listener = fake_listen(path_of("s"));
    while (is_quiet(listener, 0)) CHECK(turn(client) == 0);
    peer = fake_accept(listener);
    fake_snapshot(peer, "again");
    CHECK(turn_until_over(client, &outcome) == 0 && !strcmp(outcome.name, "again"));
    close(listener);
    models_call_free(call);
    // And not for ever; nor longer than its timeout.
    struct outcome_of_a_call {
        int64_t timeout_ms, least, most;
    } cases[] = {{0, 1500, 6000}, {300, 250, 1300}};
    for (int i = 0; i < 2; i++) {
        close(peer);
        listener = fake_listen(path_of("s"));
        models_call_options options = MODELS_CALL_OPTIONS_INIT;
        options.timeout_ms = cases[i].timeout_ms;
        memset(&outcome, 0, sizeof outcome);
        call = models_begin(client, "ModelsSnapshot", NULL, &options, take, &outcome, NULL);
        peer = fake_accept(listener);
        CHECK(fake_read(peer, &request));
        close(listener);
        shutdown(peer, SHUT_RDWR);
        int64_t start = now_ms();
        int result = turn_until_over(client, &outcome);
        CHECK(outcome.code == MODELS_UNAVAILABLE && outcome.was_sent && (i == 1 || result == -1));
        CHECK_TEXT(outcome.text, "nobody listens");
        CHECK(now_ms() - start >= cases[i].least && now_ms() - start < cases[i].most);
        models_call_free(call);
    }
    models_client_free(client);
    close(peer);
}

static void a_gateway_that_turns_everybody_away_is_an_error(void *listener) {
    while (!is_quiet(*(int *)listener, 500)) close(fake_accept(*(int *)listener));
}

static void being_turned_away_is_an_error(void) {
    int listener = fake_listen(path_of("s"));
    start_fake(a_gateway_that_turns_everybody_away_is_an_error, &listener);
    models_client *client = client_of(path_of("s"));
    models_error *error = NULL;
    CHECK(models_unload(client, NULL, &error) == -1 && words_of(error).code == MODELS_UNAVAILABLE);
    CHECK(!models_snapshot(client, NULL, &error) && words_of(error).code == MODELS_UNAVAILABLE);
    join_fake();
    models_client_free(client);
    close(listener);
}

static void nobody_there_is_told_by_done(void) {
    models_client *client = client_of(path_of("nothing"));
    outcome outcome = {0};
    models_call *call = begin(client, "UnloadModels", &outcome);
    CHECK(!is_over(&outcome) && models_client_get_timeout(client) == 0);
    CHECK(turn(client) == -1 && outcome.errors == 1 && outcome.code == MODELS_UNAVAILABLE && !outcome.was_sent);
    CHECK_TEXT(outcome.text, path_of("nothing"));
    models_call_free(call);
    models_client_free(client);
}

const test loss_tests[] = {
    {"every call hears of the loss before process returns, and the next connects", every_call_hears_of_the_loss},
    {"an idle loss is told", an_idle_loss_is_told},
    {"the lost call says what is known; a descriptor is not connected again", the_lost_call_says_what_is_known},
    {"a restart between calls goes unnoticed", a_restart_between_calls_goes_unnoticed},
    {"a request of which nothing went out is sent again", a_request_of_which_nothing_went_out_is_sent_again},
    {"a snapshot is asked once more, and once only", a_snapshot_is_asked_once_more},
    {"what changes something is never sent twice", what_changes_something_is_never_sent_twice},
    {"a stream that has begun is not asked again", a_stream_that_has_begun_is_not_asked_again},
    {"a snapshot waits for a gateway that starts again", a_snapshot_waits_for_a_gateway_that_starts_again},
    {"being turned away is an error", being_turned_away_is_an_error},
    {"nobody there is told by done", nobody_there_is_told_by_done},
};
TESTS(loss);
