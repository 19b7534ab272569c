/* A small HTTP/1.1 server for benchmarks and fault tests: answers "ok" to every request.
 *
 * One thread, epoll, keep-alive, pipelining; listens on port 8080 (or the first argument).
 *   START_DELAY_MS in the environment  waits before it listens
 *   /exit?code=N                       ends the process with that status, without an answer
 *   /alloc?bytes=N                     takes and keeps that much memory, then answers
 *   /sleep?ms=N                        answers that much later; others are served meanwhile
 * A chunked request is answered and its connection closed: the body is not read.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n"
#define HEAD_ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n"
#define TOO_LARGE "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\n\r\n"

enum { MOST_CONNECTIONS = 4096, BUFFER = 16384, EVENTS = 64, MS = 1000, NS_PER_MS = 1000000 };

struct connection {
    int fd;
    bool closing;   /* once the output is written */
    uint64_t body;  /* bytes of a request's body still to be skipped */
    uint64_t due;   /* when a sleeping request is answered, ms; 0 when none sleeps */
    size_t in, out; /* bytes in the buffers */
    char input[BUFFER + 1], output[BUFFER];
};

static struct connection *connections[MOST_CONNECTIONS];
static int poll_fd;
static int sleeping;

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * MS + (uint64_t)now.tv_nsec / NS_PER_MS;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void on_term(int signal_number) {
    (void)signal_number;
    _exit(0);
}

static void drop(struct connection *c) {
    if (c->due)
        sleeping--;
    connections[c->fd] = NULL;
    close(c->fd);
    free(c);
}

/* Waits for what the connection needs next: room to write, a timer, or more input. */
static void await(struct connection *c) {
    uint32_t wanted = c->out ? EPOLLOUT : c->due ? 0 : EPOLLIN;
    struct epoll_event event = {.events = wanted, .data.fd = c->fd};
    epoll_ctl(poll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void append(struct connection *c, const char *text) {
    size_t length = strlen(text);
    memcpy(c->output + c->out, text, length);
    c->out += length;
}

static void finish(struct connection *c) {
    append(c, strncmp(c->input, "HEAD ", 5) == 0 ? HEAD_ANSWER : ANSWER);
}

/* The value of KEY=NUMBER in the request line, or 0. */
static uint64_t number(const char *line, const char *key) {
    const char *end = strchr(line, '\r');
    const char *found = strstr(line, key);
    return found && found < end ? strtoull(found + strlen(key), NULL, 10) : 0;
}

static void take_memory(uint64_t bytes) {
    static char *volatile taken; /* where the compiler cannot see that nobody reads it */
    taken = malloc(bytes);
    if (taken)
        memset(taken, 1, bytes);
}

static const char *header(const char *head, const char *name) {
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, strlen(name)) == 0)
            return line + 2 + strlen(name) + strspn(line + 2 + strlen(name), " ");
    return NULL;
}

/* Acts on the request whose head ends at END; the head is cut off there. */
static void serve(struct connection *c, char *end) {
    char *path = strchr(c->input, ' ');
    const char *length, *value;
    end[2] = '\0';
    length = header(c->input, "Content-Length:");
    c->body = length ? strtoull(length, NULL, 10) : 0;
    value = header(c->input, "Connection:");
    c->closing = (value && strncasecmp(value, "close", 5) == 0) ||
                 header(c->input, "Transfer-Encoding:") != NULL;
    if (path && strncmp(path, " /exit", 6) == 0)
        exit((int)number(path, "code="));
    if (path && strncmp(path, " /alloc", 7) == 0)
        take_memory(number(path, "bytes="));
    if (path && strncmp(path, " /sleep", 7) == 0) {
        c->due = now_ms() + number(path, "ms=") + 1;
        sleeping++;
        return;
    }
    finish(c);
}

static void shift(struct connection *c, size_t bytes) {
    c->in -= bytes;
    memmove(c->input, c->input + bytes, c->in + 1);
}

static bool skip_body(struct connection *c) {
    size_t here = c->body < c->in ? (size_t)c->body : c->in;
    c->body -= here;
    if (here)
        shift(c, here);
    return c->body == 0;
}

/* Answers the requests that are whole, as long as there is room for an answer. */
static void serve_all(struct connection *c) {
    while (!c->due && !c->closing && c->out + sizeof ANSWER < BUFFER && skip_body(c)) {
        char *end = strstr(c->input, "\r\n\r\n");
        if (!end) {
            if (c->in == BUFFER) {
                append(c, TOO_LARGE);
                c->closing = true;
            }
            return;
        }
        serve(c, end);
        shift(c, (size_t)(end + 4 - c->input));
    }
}

/* Writes what is waiting; false when the connection is gone or done with. */
static bool flush(struct connection *c) {
    ssize_t sent = c->out ? send(c->fd, c->output, c->out, MSG_NOSIGNAL) : 0;
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
    c->out -= (size_t)sent;
    memmove(c->output, c->output + sent, c->out);
    return c->out > 0 || c->due || !c->closing;
}

/* Serves and writes until input or room runs out. */
static void go_on(struct connection *c) {
    size_t before;
    do {
        before = c->in;
        serve_all(c);
        if (!flush(c)) {
            drop(c);
            return;
        }
    } while (c->out == 0 && c->in > 0 && c->in < before);
    await(c);
}

static void read_more(struct connection *c) {
    ssize_t got = recv(c->fd, c->input + c->in, BUFFER - c->in, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(c);
        return;
    }
    c->in += got > 0 ? (size_t)got : 0;
    c->input[c->in] = '\0';
    go_on(c);
}

static void wake_sleepers(void) {
    uint64_t now = now_ms();
    for (int fd = 0; sleeping && fd < MOST_CONNECTIONS; fd++) {
        struct connection *c = connections[fd];
        if (c && c->due && c->due <= now) {
            c->due = 0;
            sleeping--;
            append(c, ANSWER);
            go_on(c);
        }
    }
}

static void take_connection(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd < 0)
        return;
    if (fd >= MOST_CONNECTIONS || !(connections[fd] = calloc(1, sizeof *connections[fd]))) {
        close(fd);
        return;
    }
    connections[fd]->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int listen_on(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd < 0)
        fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, SOMAXCONN))
        fail("listen");
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
    return fd;
}

static void on_event(const struct epoll_event *event, int listener) {
    struct connection *c = connections[event->data.fd];
    if (event->data.fd == listener)
        take_connection(listener);
    else if (c && event->events & (EPOLLERR | EPOLLHUP))
        drop(c);
    else if (c && event->events & EPOLLOUT)
        go_on(c);
    else if (c)
        read_more(c);
}

int main(int argc, char **argv) {
    const char *delay = getenv("START_DELAY_MS");
    struct epoll_event events[EVENTS];
    struct rlimit files = {MOST_CONNECTIONS, MOST_CONNECTIONS};
    int listener;

    signal(SIGTERM, on_term);
    setrlimit(RLIMIT_NOFILE, &files);
    if (delay)
        usleep((useconds_t)(strtoul(delay, NULL, 10) * MS));
    if ((poll_fd = epoll_create1(EPOLL_CLOEXEC)) < 0)
        fail("epoll_create1");
    listener = listen_on(argc > 1 ? (uint16_t)atoi(argv[1]) : 8080);
    for (;;) {
        int count = epoll_wait(poll_fd, events, EVENTS, sleeping ? 1 : -1);
        for (int i = 0; i < count; i++)
            on_event(&events[i], listener);
        if (sleeping)
            wake_sleepers();
    }
}
