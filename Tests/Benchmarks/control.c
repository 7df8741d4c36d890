#include "control.h"

#include <err.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

struct control *map_control(const char *path) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) err(1, "%s", path);
    void *page = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED) err(1, "%s", path);
    close(fd);
    return page;
}
