// Where the gateway is, and what is said when it cannot be reached.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

static words unload(const char *path) {
    models_options options = MODELS_OPTIONS_INIT;
    options.path = path;
    models_error *error = NULL;
    models_client *client = models_client_new(&options, &error);
    if (client) CHECK(models_unload(client, NULL, &error) == -1);
    models_client_free(client);
    return words_of(error);
}

static void check_unreachable(const char *path, const char *what, const char *command) {
    words words = unload(path);
    CHECK(words.code == MODELS_UNAVAILABLE && !words.was_sent && !strcmp(words.request_sent, "false"));
    CHECK_TEXT(words.message, path);
    CHECK_TEXT(words.message, what);
    CHECK_TEXT(words.message, command);
}

static void nobody_is_there(void) {
    char command[300];
    const char *path = path_of("s");
    snprintf(command, sizeof command, "models-gateway serve --socket %s", path);
    check_unreachable(path, "it is not there", command);
    close(fake_listen(path));
    check_unreachable(path, "it is there, but nobody listens", command);
    path = path_of("it's here");
    check_unreachable(path, "it is not there", "it'\\''s here'");
    path = path_of("file");
    fclose(fopen(path, "w"));
    snprintf(command, sizeof command, "ls -l %s", path);
    check_unreachable(path, "it is no socket", command);
}

static void without_rights(void (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) end_child(false);
        run();
        end_child(true);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static const char *closed_socket, *closed_directory, *behind;
static void refused(void) {
    char owner[100], command[300];
    snprintf(owner, sizeof owner, "belongs to user %u with mode 0000", (unsigned)(getuid() == 65534 ? 0 : getuid()));
    snprintf(command, sizeof command, "--listen path=%s,mode=0666,uid=%u", closed_socket, (unsigned)geteuid());
    words words = unload(closed_socket);
    bool is_right = words.code == MODELS_UNAVAILABLE && strstr(words.message, closed_socket) &&
                    strstr(words.message, owner) && strstr(words.message, command);
    if (!is_right) fprintf(stderr, "%s\n", words.message);
    words = unload(behind);
    snprintf(command, sizeof command, "chmod o+x %s", closed_directory);
    bool is_right_too = words.code == MODELS_UNAVAILABLE && strstr(words.message, owner) &&
                        strstr(words.message, command);
    if (!is_right_too) fprintf(stderr, "%s\n", words.message);
    if (!is_right || !is_right_too) end_child(false);
}

static void access_is_refused(void) {
    closed_socket = path_of("s");
    closed_directory = path_of("d");
    behind = path_of("d/s");
    int listener = fake_listen(closed_socket);
    CHECK(chmod(path_of(""), 0755) == 0 && chmod(closed_socket, 0) == 0);
    CHECK(mkdir(closed_directory, 0) == 0 && chmod(closed_directory, 0) == 0);
    without_rights(refused);
    chmod(closed_directory, 0700);
    close(listener);
}

static void there_is_no_descriptor_left(void) {
    int listener = fake_listen(path_of("s"));
    models_client *client = client_of(path_of("s"));
    struct rlimit before, none;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    models_error *error = NULL;
    int result = models_unload(client, NULL, &error);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    words words = words_of(error);
    CHECK(result == -1 && words.code == MODELS_UNAVAILABLE && !words.was_sent);
    CHECK_TEXT(words.message, "ulimit -n");
    models_client_free(client);
    close(listener);
}

static void the_default_is_the_daemons(void) {
    char expected[100];
    snprintf(expected, sizeof expected, "/tmp/models-gateway-%u/gateway.sock", (unsigned)geteuid());
    unsetenv("MODELS_GATEWAY_SOCKET");
    unsetenv("XDG_RUNTIME_DIR");
    CHECK_TEXT(unload(NULL).message, expected);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    CHECK_TEXT(unload(NULL).message, expected);
    setenv("XDG_RUNTIME_DIR", "/nowhere", 1);
    CHECK_TEXT(unload(NULL).message, "/nowhere/models-gateway/gateway.sock: it is not there");
    const char *message = unload(NULL).message;
    CHECK(!strcmp(message + strlen(message) - strlen(": models-gateway serve"), ": models-gateway serve"));
    setenv("MODELS_GATEWAY_SOCKET", "", 1);
    CHECK_TEXT(unload(NULL).message, "/nowhere/models-gateway/gateway.sock");
    setenv("MODELS_GATEWAY_SOCKET", "/some/where", 1);
    CHECK_TEXT(unload(NULL).message, "serve --socket /some/where");
    CHECK_TEXT(unload("/else/where").message, "/else/where");
    unsetenv("MODELS_GATEWAY_SOCKET");
    unsetenv("XDG_RUNTIME_DIR");
}

static void a_path_has_to_fit(void) {
    char path[200];
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[108] = 0;
    words words = unload(path);
    CHECK(words.code == MODELS_INVALID_ARGUMENT);
    CHECK_TEXT(words.message, "at most 107 bytes");
    path[107] = 0;
    CHECK(unload(path).code == MODELS_UNAVAILABLE);
    CHECK(unload("").code == MODELS_INVALID_ARGUMENT);
}

static void a_descriptor_has_to_be_a_socket(void) {
    models_options options = MODELS_OPTIONS_INIT;
    models_error *error = NULL;
    int ends[2];
    CHECK(pipe(ends) == 0);
    options.descriptor = ends[0];
    CHECK(!models_client_new(&options, &error) && words_of(error).code == MODELS_INVALID_ARGUMENT);
    // It is still the caller's.
    CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
    options.descriptor = 999;
    CHECK(!models_client_new(&options, &error) && words_of(error).code == MODELS_INVALID_ARGUMENT);
    // 0 and -1 are none.
    for (options.descriptor = 0; options.descriptor >= -1; options.descriptor--) {
        options.path = path_of("nothing");
        models_client *client = models_client_new(&options, NULL);
        CHECK(client && models_unload(client, NULL, &error) == -1);
        CHECK_TEXT(words_of(error).message, "nothing");
        models_client_free(client);
    }
}

const test path_tests[] = {
    {"nobody is there: what is wrong with the path, and the next command", nobody_is_there},
    {"access is refused: owner, mode, and the next command", access_is_refused},
    {"there is no descriptor left", there_is_no_descriptor_left},
    {"the default is the daemon's", the_default_is_the_daemons},
    {"a path has to fit", a_path_has_to_fit},
    {"a descriptor has to be a socket; 0 and -1 are none", a_descriptor_has_to_be_a_socket},
};
TESTS(path);
