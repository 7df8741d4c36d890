#include "arguments.h"

static char **arguments;

/* The C library hands these on to constructors as well as to main, which is Swift's. */
__attribute__((constructor)) static void keep_arguments(int count, char **values)
{
    (void)count;
    arguments = values;
}

char *const *process_arguments(void)
{
    return arguments;
}

const char *source_revision(void)
{
    return SOURCE_REVISION;
}
