// Several calls at once in libuv's event loop: a stream of models, and all models are taken out of memory.

#include <models_client.h>
#include <stdio.h>
#include <uv.h>

static models_client *client;
static uv_poll_t watcher;
static uv_timer_t timer;
static int calls, models, failures;

static void on_timer(uv_timer_t *unused);
static void turn(void) {
    // A lost connection is told to each of its calls, and the next call connects again.
    models_client_process(client, NULL);
    if (calls == 0) {
        uv_close((uv_handle_t *)&watcher, NULL);
        uv_close((uv_handle_t *)&timer, NULL);
        return;
    }
    // It may have changed with each turn, and with each call that was begun.
    int timeout = models_client_get_timeout(client);
    uv_timer_start(&timer, on_timer, timeout < 0 ? UINT64_MAX : (uint64_t)timeout, 0);
}

static void on_timer(uv_timer_t *unused) { (void)unused, turn(); }
static void on_event(uv_poll_t *unused, int status, int events) { (void)unused, (void)status, (void)events, turn(); }

static void on_done(models_call *call, ProtobufCMessage *message, const models_error *error, void *name) {
    if (error) failures += fprintf(stderr, "%s: %s\n", (const char *)name, models_error_message(error)) != 0;
    // A part of the stream, whose `done` is called once more.
    if (message && message->descriptor == &pieces__models__v1__models__descriptor) {
        models += (int)((models_list *)message)->n_iterable;
    } else {
        calls--;
        models_call_free(call);
    }
    models_free(message);
}

static void begin(const char *method) {
    models_error *error = NULL;
    if (models_begin(client, method, NULL, NULL, on_done, (void *)method, &error)) calls++;
    else fprintf(stderr, "%s: %s\n", method, models_error_message(error));
    models_error_free(error);
}

int main(void) {
    if (!(client = models_client_new(NULL, NULL))) return 1;
    uv_timer_init(uv_default_loop(), &timer);
    uv_poll_init(uv_default_loop(), &watcher, models_client_get_descriptor(client));
    uv_poll_start(&watcher, UV_READABLE, on_event);
    begin("StreamModelsSnapshot");
    begin("UnloadModels");
    turn();
    uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    printf("%d models\n", models);
    models_client_free(client);
    return uv_loop_close(uv_default_loop()) != 0 || failures > 0;
}
