// Load generator: asks the gateway (ttrpc), a relay or the upstream itself (HTTP/1.1) the same question over and over,
// compares every answer with the first one, and prints what it measured as JSON. `load --help` lists the options.
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calls.h"

static const char usage[] =
    "usage: load [options] ttrpc|http PATH|PORT UnloadModels|ModelsSnapshot\n"
    "  --connections K      open connections (1)\n"
    "  --in-flight W        calls in flight on each (1; more only with ttrpc)\n"
    "  --warm-up SECONDS    before anything counts, and as many answers as there are calls in flight (0.1)\n"
    "  --seconds SECONDS    of measuring, at least (1)\n"
    "  --calls N            to measure, at least (0)\n"
    "  --alone              a traceparent of its own on every call\n"
    "  --waves              all ask at once, and again when all have their answers\n"
    "  --pause MS           every call pauses up to that long before it asks again\n"
    "  --control PAGE       the upstream's page: counts its calls, checks that no answer is older than its question\n"
    "  --process PID        measure this process's CPU time\n"
    "  --save FILE          write the first answer there\n";

static double warm_up = 0.1, seconds = 1;
static uint64_t calls;
static bool alone;
static const char *save;
static clockid_t process = CLOCK_PROCESS_CPUTIME_ID;
static struct load load = {.connections = 1, .in_flight = 1};

// MARK: Options

static double number(const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || value < 0) errx(64, "'%s' is not a number", text);
    return value;
}

static void set_option(int option) {
    switch (option) {
    case 'k': load.connections = (unsigned)number(optarg); break;
    case 'w': load.in_flight = (unsigned)number(optarg); break;
    case 'u': warm_up = number(optarg); break;
    case 's': seconds = number(optarg); break;
    case 'n': calls = (uint64_t)number(optarg); break;
    case 'a': alone = true; break;
    case 'v': load.pace = PACE_WAVES; break;
    case 'p':
        load.pace = PACE_STAGGERED;
        load.longest_pause_ns = (uint64_t)(number(optarg) * 1e6) + 1;
        break;
    case 'c': load.control = map_control(optarg); break;
    case 'm':
        if (clock_getcpuclockid((pid_t)number(optarg), &process)) errx(1, "no process %s", optarg);
        break;
    case 'o': save = optarg; break;
    case 'h': fputs(usage, stdout); exit(0);
    default: fputs(usage, stderr); exit(64);
    }
}

static void read_options(int count, char **arguments) {
    static const struct option options[] = {
        {"connections", 1, 0, 'k'}, {"in-flight", 1, 0, 'w'}, {"warm-up", 1, 0, 'u'}, {"seconds", 1, 0, 's'},
        {"calls", 1, 0, 'n'},       {"alone", 0, 0, 'a'},     {"waves", 0, 0, 'v'},   {"pause", 1, 0, 'p'},
        {"control", 1, 0, 'c'},     {"process", 1, 0, 'm'},   {"save", 1, 0, 'o'},    {"help", 0, 0, 'h'},
        {0},
    };
    int option;
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1) set_option(option);
    if (count - optind != 3) set_option('?');

    const char *address = arguments[optind + 1], *method = arguments[optind + 2];
    load.protocol = !strcmp(arguments[optind], "ttrpc") ? &ttrpc : &http;
    if (strchr(address, '/')) load.path = address;
    else load.port = (int)number(address);
    if (!load.protocol->pipelines && load.in_flight > 1) errx(64, "http has one call in flight on a connection");
    if (!load.connections || !load.in_flight) errx(64, "no calls");
    load.protocol->prepare(method, alone);
}

// MARK: Measuring

// What is read at the beginning of the measurement and at its end.
struct reading {
    double time, process, own;
    uint64_t snapshots, posts;
};

static double seconds_of(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) < 0) err(1, "the process whose time is to be measured");
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct reading take_reading(void) {
    return (struct reading){
        .time = seconds_of(CLOCK_MONOTONIC),
        .process = seconds_of(process),
        .own = seconds_of(CLOCK_PROCESS_CPUTIME_ID),
        .snapshots = load.control ? load.control->snapshots : 0,
        .posts = load.control ? load.control->posts : 0,
    };
}

static void print_results(const struct reading *start, const struct reading *end) {
    const struct histogram *latencies = &load.latencies;
    double count = latencies->count ? (double)latencies->count : 1, elapsed = end->time - start->time;
    printf("{\"calls\": %" PRIu64 ", \"seconds\": %.4f, \"calls_per_second\": %.1f, ", latencies->count, elapsed,
           (double)latencies->count / elapsed);
    printf("\"p50_us\": %.2f, \"p99_us\": %.2f, \"max_us\": %.2f, ", (double)percentile(latencies, 0.50) / 1e3,
           (double)percentile(latencies, 0.99) / 1e3, (double)latencies->largest / 1e3);
    printf("\"cpu_us\": %.3f, \"client_cpu_us\": %.3f, ", (end->process - start->process) / count * 1e6,
           (end->own - start->own) / count * 1e6);
    printf("\"upstream_calls\": %" PRIu64 ", \"answer_bytes\": %zu, \"errors\": %" PRIu64 ", \"stale\": %" PRIu64 "}\n",
           end->snapshots - start->snapshots + end->posts - start->posts, load.reference.length, load.errors,
           load.stale);
}

static void save_reference(void) {
    FILE *file = fopen(save, "w");
    if (!file || fwrite(load.reference.bytes, 1, load.reference.length, file) != load.reference.length ||
        fclose(file) != 0)
        err(1, "%s", save);
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    read_reference(&load, load.control ? load.control->different : 0);
    if (save) save_reference();

    start_calls(&load);
    if (warm_up > 0) run_calls(&load, now() + (uint64_t)(warm_up * 1e9), load.connections * load.in_flight);
    load.latencies = (struct histogram){0};
    struct reading start = take_reading();
    run_calls(&load, now() + (uint64_t)(seconds * 1e9), calls);
    struct reading end = take_reading();
    print_results(&start, &end);
    finish_calls(&load);
    return load.errors != 0;
}
