// Where the gateway is, and what to do when it cannot be reached there.

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

enum { LONGEST_PATH = 4096 };

#define CANNOT_CONNECT "Cannot connect to %s: "
#define LET_IN "Its owner can let this one in: models-gateway serve --listen path=%s,mode=0666,uid=%u"

char *mc_default_path(const ProtobufCAllocator *allocator, models_error **error) {
    const char *named = getenv("MODELS_GATEWAY_SOCKET"), *runtime = getenv("XDG_RUNTIME_DIR");
    char path[LONGEST_PATH];
    int length;
    if (named && *named) length = snprintf(path, sizeof path, "%s", named);
    else if (runtime && *runtime == '/')
        length = snprintf(path, sizeof path, "%s/models-gateway/gateway.sock", runtime);
    else length = snprintf(path, sizeof path, "/tmp/models-gateway-%u/gateway.sock", (unsigned)geteuid());
    if ((size_t)length < sizeof path) return mc_copy_text(allocator, path);
    *error = mc_invalid(allocator, "The socket's path in the environment is too long.");
    return NULL;
}

// As a shell takes it.
static const char *quote(const char *path, char *quoted, size_t size) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%";
    if (path[strspn(path, plain)] == 0) return path;
    size_t length = 0;
    quoted[length++] = '\'';
    for (; *path && length + 6 < size; path++) {
        if (*path == '\'') length += (size_t)sprintf(quoted + length, "'\\''");
        else quoted[length++] = *path;
    }
    strcpy(quoted + length, "'");
    return quoted;
}

// The first on the way to `path` that this process may not pass, or the path itself.
static void find_refusal(const char *path, char *refusing) {
    struct stat status;
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        size_t length = slash == path ? 1 : (size_t)(slash - path);
        memcpy(refusing, path, length);
        refusing[length] = 0;
        if (stat(refusing, &status) != 0 || faccessat(AT_FDCWD, refusing, X_OK, AT_EACCESS) != 0) return;
    }
    strcpy(refusing, path);
}

static models_error *refused(const models_client *client, const char *quoted) {
    char refusing[LONGEST_PATH], other[LONGEST_PATH];
    struct stat status;
    unsigned user = (unsigned)geteuid();
    find_refusal(client->path, refusing);
    if (stat(refusing, &status) != 0)
        return mc_unavailable(client, CANNOT_CONNECT "access is refused on the way to %s. Look at it: namei -l %s",
                              client->path, refusing, quoted);
    unsigned owner = (unsigned)status.st_uid, mode = (unsigned)status.st_mode & 07777;
    if (S_ISDIR(status.st_mode))
        return mc_unavailable(client,
                              CANNOT_CONNECT "access is refused, as the directory %s belongs to user %u with mode "
                              "%04o, and this is user %u. Its owner can let others in: chmod o+x %s", client->path,
                              refusing, owner, mode, user, quote(refusing, other, sizeof other));
    return mc_unavailable(client,
                          CANNOT_CONNECT "access is refused, as it belongs to user %u with mode %04o, and this is user "
                          "%u. " LET_IN, client->path, owner, mode, user, quoted, user);
}

models_error *mc_turned_away(const models_client *client) {
    char space[LONGEST_PATH];
    struct stat status;
    unsigned user = (unsigned)geteuid();
    if (!client->path || stat(client->path, &status) != 0 || (unsigned)status.st_uid == user) return NULL;
    return mc_unavailable(client,
                          CANNOT_CONNECT "the gateway of user %u has closed the connection before any answer, and may "
                          "not let in this one, user %u. " LET_IN, client->path, (unsigned)status.st_uid, user,
                          quote(client->path, space, sizeof space), user);
}

static models_error *nobody_there(const models_client *client, const char *what, const char *quoted) {
    // Where clients look by themselves, the gateway is by itself too.
    bool is_implied = client->is_default_path && !getenv("MODELS_GATEWAY_SOCKET");
    return mc_unavailable(client, CANNOT_CONNECT "%s. Start the gateway: models-gateway serve%s%s", client->path, what,
                          is_implied ? "" : " --socket ", is_implied ? "" : quoted);
}

models_error *mc_cannot_connect(const models_client *client, int reason) {
    if (!client->path)
        return mc_unavailable(client, "The connection is over, and a descriptor that was handed over cannot be "
                                      "connected again: hand over another, or a path.");
    char space[LONGEST_PATH];
    const char *path = client->path, *quoted = quote(path, space, sizeof space);
    struct stat status;
    bool is_socket = lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
    if (reason == EACCES || reason == EPERM) return refused(client, quoted);
    if (reason == EMFILE)
        return mc_unavailable(client, CANNOT_CONNECT "this process has too many open files. Allow more: ulimit -n",
                              path);
    if (reason == ENOENT) return nobody_there(client, "it is not there", quoted);
    if (reason == ECONNREFUSED && is_socket) return nobody_there(client, "it is there, but nobody listens", quoted);
    return mc_unavailable(client, CANNOT_CONNECT "%s. Look at it: ls -l %s", path,
                          reason == ECONNREFUSED ? "it is no socket" : strerror(reason), quoted);
}
