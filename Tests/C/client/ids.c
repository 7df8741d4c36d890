// A connection's stream ids are used up. With the library built so that 9 is the last for calls.

#include <string.h>
#include <unistd.h>

#include "test.h"

static void serve_two_connections(void *listener) {
    for (int i = 0; i < 2; i++) {
        int peer = fake_accept(*(int *)listener);
        while (fake_snapshot(peer, i == 0 ? "first connection" : "second connection") != 0) continue;
        close(peer);
    }
}

static void a_connection_that_is_used_up_is_replaced(void) {
    int listener = fake_listen(path_of("s"));
    start_fake(serve_two_connections, &listener);
    models_client *client = client_of(path_of("s"));
    for (int i = 0; i < 10; i++) {
        models_list *list = models_snapshot(client, NULL, NULL);
        CHECK(list && !strcmp(list->iterable[0]->name, i < 5 ? "first connection" : "second connection"));
        models_free(list);
    }
    models_client_free(client);
    join_fake();
    close(listener);
}

static void who_is_in_flight_is_waited_for(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    outcome outcomes[6] = {{0}};
    models_call *calls[6];
    request request;
    for (int i = 0; i < 6; i++) calls[i] = begin(client, "UnloadModels", &outcomes[i]);
    int peer = fake_accept(listener);
    for (uint32_t i = 0; i < 5; i++) CHECK(fake_read(peer, &request) && request.id == 2 * i + 1);
    CHECK(is_quiet(peer, 0) && is_quiet(listener, 0));
    for (uint32_t i = 0; i < 5; i++) fake_respond(peer, 2 * i + 1, NULL);
    turn_until_over(client, &outcomes[4]);
    int next = fake_accept(listener);
    CHECK(fake_read(next, &request) && request.id == 1 && !fake_read(peer, &request));
    fake_respond(next, 1, NULL);
    turn_until_over(client, &outcomes[5]);
    for (int i = 0; i < 6; i++) {
        CHECK(outcomes[i].messages == 1 && outcomes[i].errors == 0);
        models_call_free(calls[i]);
    }
    models_client_free(client);
    close(peer);
    close(next);
    close(listener);
}

const test id_tests[] = {
    {"a connection that is used up is replaced", a_connection_that_is_used_up_is_replaced},
    {"who is in flight on it is waited for", who_is_in_flight_is_waited_for},
};
TESTS(id);
