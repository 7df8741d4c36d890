// Cancelling from another thread; the misuse of a client by two.

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static void *cancel(void *call) {
    models_call_cancel(call);
    return NULL;
}

static void another_thread_may_cancel(void) {
    int peer;
    models_client *client = make_pair(&peer);
    for (int i = 0; i < 100; i++) {
        pthread_t other;
        outcome outcome = {0};
        models_call *call = begin(client, "UnloadModels", &outcome);
        CHECK(pthread_create(&other, NULL, cancel, call) == 0);
        // There is nothing but the cancel to end this.
        turn_until_over(client, &outcome);
        CHECK(outcome.errors == 1 && outcome.code == MODELS_CANCELLED);
        pthread_join(other, NULL);
        models_call_free(call);
    }
    models_client_free(client);
    close(peer);
}

static void a_waiting_stream_can_be_cancelled(void) {
    int peer;
    pthread_t other;
    models_client *client = make_pair(&peer);
    models_call *stream = models_stream(client, NULL, NULL);
    CHECK(pthread_create(&other, NULL, cancel, stream) == 0);
    models_error *error = NULL;
    CHECK(!models_stream_next(stream, &error) && words_of(error).code == MODELS_CANCELLED);
    pthread_join(other, NULL);
    models_call_free(stream);
    models_client_free(client);
    close(peer);
}

static void a_cancel_may_come_while_the_client_is_freed(void) {
    for (int i = 0; i < 100; i++) {
        int peer;
        pthread_t other;
        models_client *client = make_pair(&peer);
        outcome outcome = {0};
        models_call *call = begin(client, "UnloadModels", &outcome);
        CHECK(pthread_create(&other, NULL, cancel, call) == 0);
        models_client_free(client);
        CHECK(outcome.errors == 1 && outcome.code == MODELS_CANCELLED);
        pthread_join(other, NULL);
        models_call_free(call);
        close(peer);
    }
}

static void *unload(void *client) {
    models_unload(client, NULL, NULL);
    return NULL;
}

static void two_threads_at_once_are_an_error(void) {
    int peer;
    pthread_t other;
    request request;
    models_client *client = make_pair(&peer);
    CHECK(pthread_create(&other, NULL, unload, client) == 0);
    // The other thread waits for its answer.
    CHECK(fake_read(peer, &request));
    models_error *error = NULL;
    CHECK(!models_snapshot(client, NULL, &error));
    words words = words_of(error);
    CHECK(words.code == MODELS_FAILED_PRECONDITION && !words.was_sent);
    CHECK_TEXT(words.message, "thread");
    CHECK(models_client_process(client, &error) == -1 && words_of(error).code == MODELS_FAILED_PRECONDITION);
    fake_respond(peer, request.id, NULL);
    pthread_join(other, NULL);
    // One after the other is well.
    fake_respond(peer, 3, NULL);
    CHECK(models_unload(client, NULL, NULL) == 0);
    models_client_free(client);
    close(peer);
}

const test thread_tests[] = {
    {"another thread may cancel, and the loop is woken", another_thread_may_cancel},
    {"a waiting stream can be cancelled", a_waiting_stream_can_be_cancelled},
    {"a cancel may come while the client is freed", a_cancel_may_come_while_the_client_is_freed},
    {"two threads at once are an error, and one after the other is well", two_threads_at_once_are_an_error},
};
TESTS(thread);
