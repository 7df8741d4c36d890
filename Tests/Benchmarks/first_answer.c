#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "calls.h"

int connect_to(const struct load *load) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (load->path) strncpy(local.sun_path, load->path, sizeof local.sun_path - 1);
    int fd = socket(load->path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int status = load->path ? connect(fd, (struct sockaddr *)&local, sizeof local)
                            : connect(fd, (struct sockaddr *)&loopback, sizeof loopback);
    if (status < 0) err(1, "%s", load->path ? load->path : "127.0.0.1");
    if (!load->path) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

static void read_exactly(int fd, char *to, size_t count) {
    if (count && recv(fd, to, count, MSG_WAITALL) != (ssize_t)count) errx(1, "the first answer ends early");
}

void read_reference(struct load *load, size_t different) {
    char bytes[PROTOCOL_HEAD_MAX];
    int fd = connect_to(load);
    size_t request = load->protocol->write_request(bytes, 1, 0), count = 0;
    if (write(fd, bytes, request) != (ssize_t)request) err(1, "write");

    struct reference *reference = &load->reference;
    uint32_t id = 0;
    ssize_t head;
    do {  // one byte at a time: not one of what follows the head is to be read here
        if (count == sizeof bytes) errx(1, "the head of the first answer is too long");
        read_exactly(fd, bytes + count++, 1);
        head = load->protocol->read_head(bytes, count, &id, &reference->length);
    } while (head == 0);
    if (head < 0) errx(1, "the first answer is an error: %.*s", (int)count, bytes);

    reference->bytes = malloc(reference->length + 1);
    if (!reference->bytes) err(1, "malloc");
    read_exactly(fd, reference->bytes, reference->length);
    close(fd);
    const char *failure = load->protocol->failure(reference->bytes, reference->length);
    if (failure) errx(1, "the first answer is %s", failure);
    if (different) find_serials(reference, different);
}
